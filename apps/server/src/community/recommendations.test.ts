import type { RouterOutputs } from '@online-cinema/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { recommendJob, recommendToActiveJob, trendingJob } from './recommendations-jobs.ts';
import { recommendAnew } from './recommendations-making.ts';

let app: TestApp;
const films = new Map<string, TestMovie>();
beforeAll(async () => {
  app = await startTestApp();
  for (const film of FILMS) films.set(film.name, await createMovie(app.db, film));
});
afterAll(() => app[Symbol.asyncDispose]());

const CRIME = ['Crime', 'Drama'];
const FILMS = [
  { name: 'Heat', year: 1995, genres: CRIME, directors: ['Michael Mann'], stars: ['Al Pacino'], votes: 900 },
  { name: 'The Insider', year: 1999, genres: ['Drama'], directors: ['Michael Mann'], votes: 500 },
  { name: 'Collateral', year: 2004, genres: ['Crime', 'Thriller'], directors: ['Michael Mann'], votes: 600 },
  { name: 'Casino', year: 1995, genres: CRIME, directors: ['Martin Scorsese'], votes: 800 },
  { name: 'Goodfellas', year: 1990, genres: CRIME, directors: ['Martin Scorsese'], votes: 1_000 },
  { name: 'Fargo', year: 1996, genres: CRIME, votes: 700 },
  { name: 'Serpico', year: 1973, genres: ['Biography'], stars: ['Al Pacino'], votes: 300 },
  { name: 'Grease', year: 1978, genres: ['Musical'], votes: 850, imdb: 9.9 },
  { name: 'Cabaret', year: 1972, genres: ['Musical'], votes: 400 },
  { name: 'Shrek', year: 2001, genres: ['Animation', 'Comedy'], votes: 950 },
  { name: 'Up', year: 2009, genres: ['Animation', 'Comedy'], votes: 970 },
  { name: 'Not for sale', year: 1996, genres: CRIME, votes: 999, priceAmount: null },
  { name: 'Withdrawn', year: 1996, genres: CRIME, votes: 990, withdrawnAt: new Date() },
  { name: 'To come', year: 2190, genres: ['Western'], votes: 0 },
];

const id = (name: string) => films.get(name)?.id ?? '';

type Recommended = RouterOutputs['recommendations']['forMe']['items'];
const namesOf = (items: Recommended) => items.map(({ name }) => name);
const whyOf = (items: Recommended, name: string) => items.find((item) => item.name === name)?.why;

async function forMe({ client }: Viewer): Promise<Recommended> {
  return (await client.recommendations.forMe.query({ limit: 50 })).items;
}

/** What is recommended for what somebody did, without the films that follow for everybody. */
async function personal(viewer: Viewer): Promise<Recommended> {
  await recommendAnew(app.db, viewer.userId);
  return (await forMe(viewer)).filter(({ why }) => !['trending', 'rated'].includes(why.kind));
}

async function run(job: typeof trendingJob): Promise<void> {
  await app.deps.queue.enqueue(app.db, job, {});
  await waitUntilDone(app, job.name);
}

describe('for a viewer', () => {
  test('who likes crime films come crime films, each with its reason, and nothing of what he never cared for', async () => {
    const viewer = await app.signIn();
    for (const name of ['Goodfellas', 'Fargo']) {
      await viewer.client.reactions.set.mutate({ movieId: id(name), reaction: 'like' });
    }
    const items = await personal(viewer);
    expect(namesOf(items).slice(0, 2).toSorted()).toEqual(['Casino', 'Heat']);
    expect(whyOf(items, 'Heat')).toEqual({
      kind: 'genres',
      names: ['Crime', 'Drama'],
      text: expect.stringMatching(/^Crime and drama, because you liked (Goodfellas|Fargo)$/),
    });
    expect(namesOf(items)).not.toContain('Shrek');
    expect(namesOf(items)).not.toContain('Grease');
  });

  test.for([
    ['director', 'The Insider', { names: ['Michael Mann'], text: 'More by Michael Mann' }],
    ['star', 'Serpico', { names: ['Al Pacino'], text: 'More with Al Pacino' }],
  ] as const)('comes more of a %s', async ([kind, name, why]) => {
    const viewer = await app.signIn();
    await viewer.client.favorites.add.mutate({ movieId: id('Heat') });
    expect(whyOf(await personal(viewer), name)).toEqual({ kind, ...why });
  });

  test.for([
    [
      'a high rating',
      async ({ client }: Viewer) => client.ratings.set.mutate({ movieId: id('Cabaret'), score: 9 }),
      'Musical, because you rated Cabaret 9 of 10',
    ],
    [
      'a favourite',
      async ({ client }: Viewer) => client.favorites.add.mutate({ movieId: id('Cabaret') }),
      'Musical, because Cabaret is one of your favourites',
    ],
    [
      'a purchase',
      async ({ userId }: Viewer) => giveMovie(app.db, userId, id('Cabaret')),
      'Musical, because you have Cabaret',
    ],
  ] as const)('%s tells what he likes', async ([, act, text]) => {
    const viewer = await app.signIn();
    await act(viewer);
    const items = await personal(viewer);
    expect(namesOf(items)).toEqual(['Grease']);
    expect(whyOf(items, 'Grease')?.text).toBe(text);
  });

  test('what he dislikes and rates low counts against films like it', async () => {
    const viewer = await app.signIn();
    const { id: movieId } = await createMovie(app.db, { name: 'Airplane!', genres: ['Comedy'] });
    await viewer.client.reactions.set.mutate({ movieId, reaction: 'like' });
    expect(namesOf(await personal(viewer))).toEqual(expect.arrayContaining(['Up', 'Shrek']));
    await viewer.client.ratings.set.mutate({ movieId: id('Up'), score: 1 });
    expect(namesOf(await personal(viewer))).toEqual([]);
  });

  test('nothing comes that he has had to do with, nothing withdrawn, nothing that is not for sale', async () => {
    const viewer = await app.signIn();
    const { client } = viewer;
    await client.reactions.set.mutate({ movieId: id('Goodfellas'), reaction: 'like' });
    const all = namesOf(await personal(viewer));
    expect(all).toEqual(expect.arrayContaining(['Heat', 'Casino', 'Fargo', 'Collateral', 'The Insider']));
    for (const name of ['Goodfellas', 'Withdrawn', 'Not for sale']) expect(all).not.toContain(name);

    // From now on nothing is computed anew: what happens since is seen all the same.
    await giveMovie(app.db, viewer.userId, id('Casino'));
    await client.cart.add.mutate({ movieId: id('Heat') });
    await app.db
      .insertInto('reactions')
      .values({ userId: viewer.userId, movieId: id('Fargo'), kind: 'dislike' })
      .execute();
    await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).where('id', '=', id('Collateral')).execute();
    const left = namesOf(await forMe(viewer));
    for (const name of ['Casino', 'Heat', 'Fargo', 'Collateral']) expect(left).not.toContain(name);
    expect(left[0]).toBe('The Insider');
    await app.db.updateTable('movies').set({ withdrawnAt: null }).where('id', '=', id('Collateral')).execute();
  });

  test('comes what others like who like what he likes, where they are enough', async () => {
    const [western, odd, rare] = [
      await createMovie(app.db, { name: 'Shane', genres: ['Western'] }),
      await createMovie(app.db, { name: 'Gravity', genres: ['Science fiction'] }),
      await createMovie(app.db, { name: 'Solaris', genres: ['Science fiction'] }),
    ];
    const others = await Promise.all(Array.from({ length: 3 }, () => app.signIn()));
    const like = ({ client }: Viewer, movieId: string) => client.reactions.set.mutate({ movieId, reaction: 'like' });
    for (const other of others) for (const { id: each } of [western, odd]) await like(other, each);
    for (const other of others.slice(0, 2)) await like(other, rare.id);
    const viewer = await app.signIn();
    await like(viewer, western.id);
    const items = await personal(viewer);
    expect(whyOf(items, 'Gravity')).toEqual({
      kind: 'viewers',
      names: ['Shane'],
      text: 'Viewers who like Shane like it too',
    });
    expect(namesOf(items)).not.toContain('Solaris');
  });

  test('who has just come there is a mix of what trends and what is rated well, all different', async () => {
    await forgetActs();
    const [viewer, fan] = [await app.signIn(), await app.signIn()];
    await fan.client.favorites.add.mutate({ movieId: id('Up') });
    await run(trendingJob);
    const { body, status } = await app.rest('GET', '/recommendations?limit=3', { viewer });
    expect([status, namesOf(body.items).slice(0, 2), body.items.length]).toEqual([200, ['Up', 'Grease'], 3]);
    expect(whyOf(body.items, 'Up')).toEqual({ kind: 'trending', names: [], text: 'Trending: 1 viewer these days' });
    expect(whyOf(body.items, 'Grease')?.text).toBe('Popular and well rated: 9.9 at IMDb');
    const all = namesOf(await forMe(viewer));
    expect(new Set(all).size).toBe(all.length);
    expect(all).toEqual(expect.arrayContaining(['Heat', 'Shrek', 'Cabaret']));
    expect(all).not.toContain('Not for sale');
  });

  test('who acts sees an effect without waiting for the hour', async () => {
    const viewer = await app.signIn();
    await viewer.client.reactions.set.mutate({ movieId: id('Cabaret'), reaction: 'like' });
    await vi.waitFor(
      async () => {
        expect((await forMe(viewer))[0]).toMatchObject({
          name: 'Grease',
          why: { text: 'Musical, because you liked Cabaret' },
        });
      },
      { timeout: 20_000, interval: 100 },
    );
  });

  test('who acts many times, one job waits', async () => {
    const viewer = await app.signIn();
    // As if it had just been done: the next one is half a minute away.
    const now = new Date();
    await app.db.insertInto('viewerActs').values({ userId: viewer.userId, actedAt: now, computedAt: now }).execute();
    const acts = ['Heat', 'Casino', 'Fargo', 'Up', 'Shrek'].map((name) =>
      viewer.client.reactions.set.mutate({ movieId: id(name), reaction: 'like' }),
    );
    await Promise.all(acts);
    const { rows } = await waitingFor(viewer);
    expect(rows).toEqual([{ state: 'created', isLater: true }]);
  });

  test('the hourly job sees to all who did something since, and passes over the others', async () => {
    const [buyer, idle] = [await app.signIn(), await app.signIn()];
    await giveMovie(app.db, buyer.userId, id('Cabaret'));
    await giveMovie(app.db, idle.userId, id('Cabaret'));
    const longAgo = new Date(Date.now() - 31 * 86_400_000);
    await app.db.updateTable('viewerActs').set({ actedAt: longAgo }).where('userId', '=', idle.userId).execute();
    await run(recommendToActiveJob);
    expect(whyOf(await forMe(buyer), 'Grease')?.kind).toBe('genres');
    expect(whyOf(await forMe(idle), 'Grease')?.kind).toBe('rated');
  });

  test('films come in the same order each time they are computed', async () => {
    const viewer = await app.signIn();
    for (const name of ['Heat', 'Shrek', 'Grease']) await viewer.client.favorites.add.mutate({ movieId: id(name) });
    const once = await personal(viewer);
    expect(await personal(viewer)).toEqual(once);
    expect(once.length).toBeGreaterThan(5);
  });
});

describe('what trends', () => {
  test('is what most was done with, then the popular films, each with why, and no withdrawn one', async () => {
    const [first, second, third] = [await app.signIn(), await app.signIn(), await app.signIn()];
    await forgetActs();
    const [most, less, gone] = [await createMovie(app.db), await createMovie(app.db), await createMovie(app.db)];
    for (const { client } of [first, second, third]) {
      await client.favorites.add.mutate({ movieId: most.id });
      await client.ratings.set.mutate({ movieId: most.id, score: 10 });
      await client.favorites.add.mutate({ movieId: gone.id });
    }
    await giveMovie(app.db, first.userId, most.id);
    await first.client.comments.create.mutate({ movieId: less.id, text: 'Seen it.' });
    await run(trendingJob);
    await app.db.updateTable('movies').set({ withdrawnAt: new Date() }).where('id', '=', gone.id).execute();

    const { body } = await app.rest('GET', '/movies/trending?limit=50');
    const items = body.items as Recommended;
    expect(items[0]).toMatchObject({
      id: most.id,
      why: { kind: 'trending', text: 'Trending: 3 viewers these days' },
    });
    expect(items.find((item) => item.id === less.id)?.why).toMatchObject({
      text: 'Trending: 1 viewer these days',
    });
    expect(items.map((item) => item.id)).not.toContain(gone.id);
    const kinds = items.map(({ why }) => why.kind);
    expect(kinds).toEqual([
      ...kinds.filter((kind) => kind === 'trending'),
      ...kinds.filter((kind) => kind === 'popular'),
    ]);
    expect(kinds).toContain('popular');
    expect(new Set(items.map((item) => item.id)).size).toBe(items.length);
  });

  test('is forgotten after a week', async () => {
    app.clock.advance(8 * 86_400);
    await run(trendingJob);
    const { items } = await app.anonymous.recommendations.trending.query({});
    expect(new Set(items.map(({ why }) => why.kind))).toEqual(new Set(['popular']));
  });
});

describe('what is new', () => {
  test('comes by the day it is out and here, without films to come, and says since when', async () => {
    const day = (text: string) => new Date(`${text}T12:00:00Z`);
    const make = async (name: string, releaseDate: string | null, createdAt: string, more = {}) => {
      const film = await createMovie(app.db, { name, year: 2001, ...more });
      await app.db
        .updateTable('movies')
        .set({ releaseDate, createdAt: day(createdAt) })
        .where('id', '=', film.id)
        .execute();
    };
    const [today] = app.clock.now().toISOString().split('T');
    await make('Out today', today!, '2020-01-01');
    await make('Out in some days', '2190-01-01', '2020-01-01');
    await make('Came early', null, '2020-03-01');
    await make('Came late', '2001-02-03', '2020-03-02');
    await make('Out late', '2020-03-03', '2020-01-01');
    await make('Still made', '2020-03-03', '2020-01-01', { status: 'in_production' });
    await make('Given away', '2020-03-03', '2020-01-01', { priceAmount: null });
    await app.db
      .updateTable('movies')
      .set({ createdAt: day('2019-01-01') })
      .where('year', '!=', 2001)
      .execute();

    const { body, status } = await app.rest('GET', '/movies/new');
    const items = body.items as Recommended;
    expect(status).toBe(200);
    expect(namesOf(items).slice(0, 1)).toEqual(['Out today']);
    const known = ['Out today', 'Out late', 'Came late', 'Came early', 'Heat'];
    expect(namesOf(items).filter((name) => known.includes(name))).toEqual(known);
    for (const name of ['Out in some days', 'Still made', 'Given away', 'To come', 'Withdrawn']) {
      expect(namesOf(items)).not.toContain(name);
    }
    expect(whyOf(items, 'Out late')).toEqual({ kind: 'new', names: [], text: 'Released on March 3, 2020' });
    expect(whyOf(items, 'Came late')?.text).toBe('Here since March 2, 2020');
  });
});

test.for(['/recommendations', '/movies/trending', '/movies/new'])('%s gives fifty films at most', async (path) => {
  const viewer = await app.signIn();
  for (const limit of ['0', '51', 'x']) {
    expect((await app.rest('GET', `${path}?limit=${limit}`, { viewer })).status).toBe(400);
  }
  expect((await app.rest('GET', `${path}?limit=1`, { viewer })).body.items).toHaveLength(1);
});

/** Makes everybody new, as far as films are concerned. */
async function forgetActs(): Promise<void> {
  for (const table of ['reactions', 'ratings', 'favorites', 'libraryMovies'] as const) {
    await app.db.deleteFrom(table).execute();
  }
}

async function waitingFor({ userId }: Viewer) {
  return await sql<{ state: string; isLater: boolean }>`
    select state::text as state, start_after > now() as is_later from boss.job
    where name = ${recommendJob.name} and data ->> 'userId' = ${userId}`.execute(app.db);
}
