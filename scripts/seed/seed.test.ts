import { readFile } from 'node:fs/promises';
import { createCinemaClient } from '@online-cinema/client';
import { whyNotPayable } from '@online-cinema/server/lib/money';
import { startTestApp, type TestApp } from '@online-cinema/server/testing/app';
import { localAddress } from '@online-cinema/server/testing/media';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SEED_CLIPS } from './clips.ts';
import { readSeedMovies } from './movies.ts';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, inMinorUnits, seedDemo } from './seed.ts';

let app: TestApp;
let added: number;
beforeAll(async () => {
  app = await startTestApp();
  added = await seedDemo(app.deps);
});
afterAll(() => app[Symbol.asyncDispose]());

async function countRows(): Promise<Record<string, number>> {
  const tables = [
    'movies',
    'users',
    'profiles',
    'genres',
    'directors',
    'certifications',
    'movieGenres',
    'movieDirectors',
    'mediaAssets',
    'mediaTracks',
  ] as const;
  const counts = await Promise.all(
    tables.map(async (table) => {
      const { count } = await app.db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return [table, count] as const;
    }),
  );
  return Object.fromEntries(counts);
}

test('an empty cinema gets its films, forty of them with a video, and three accounts', async () => {
  expect(added).toBe(932);
  expect(await countRows()).toMatchObject({ movies: 932, users: 3, profiles: 3, mediaAssets: 40 });
  const withVideo = await app.db.selectFrom('movies').where('hasVideo', '=', true).select('id').execute();
  expect(withVideo).toHaveLength(40);
});

test('once more adds nothing, and neither do two at once', async () => {
  const before = await countRows();
  const files = await app.db.selectFrom('mediaAssets').select('folder').orderBy('id').execute();
  expect(await Promise.all([seedDemo(app.deps), seedDemo(app.deps)])).toEqual([0, 0]);
  expect(await countRows()).toEqual(before);
  expect(await app.db.selectFrom('mediaAssets').select('folder').orderBy('id').execute()).toEqual(files);
});

test('two first starts at once make one catalogue', async () => {
  await using other = await startTestApp();
  const counts = await Promise.all([seedDemo(other.deps), seedDemo(other.deps)]);
  expect(counts.toSorted((one, two) => one - two)).toEqual([0, 932]);
  const { count } = await other.db
    .selectFrom('movies')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(count).toBe(932);
});

test('production is refused, before anything is written', async () => {
  await using other = await startTestApp();
  const config = { ...other.deps.config, isProduction: true };
  await expect(seedDemo({ ...other.deps, config })).rejects.toThrow('not for production');
  expect(await other.db.selectFrom('users').select('id').execute()).toEqual([]);
  expect(await other.db.selectFrom('movies').select('id').execute()).toEqual([]);
});

describe('the accounts', () => {
  test.for(DEMO_ACCOUNTS)('$email signs in as $role', async ({ email, role }) => {
    const client = createCinemaClient({ baseUrl: app.url });
    await client.$session.signIn({ email, password: DEMO_PASSWORD });
    expect(await client.accounts.me.query()).toMatchObject({ email, role, isActive: true });
  });
});

describe('the films', () => {
  test('are as the seed says, and are found', async () => {
    for (const movie of readSeedMovies().filter((_, index) => index % 100 === 0)) {
      const { items } = await app.anonymous.movies.list.query({ query: `"${movie.name}"`, limit: 100 });
      const found = items.find((item) => item.name === movie.name && item.year === movie.year);
      expect(found).toMatchObject({
        time: movie.time,
        imdb: movie.imdb,
        price: movie.price === null ? null : { amount: movie.price, currency: 'USD' },
        certification: { name: movie.certification },
      });
      expect(found?.genres.map(({ name }) => name)).toEqual(movie.genres);
      expect(found?.directors.map(({ name }) => name)).toEqual(movie.directors);
    }
  });

  test('have addresses one can read', async () => {
    const slugs = (await app.db.selectFrom('movies').select(['slug', 'year']).execute()).map(({ slug }) => slug);
    expect(new Set(slugs).size).toBe(932);
    expect(slugs.filter((slug) => !/^[a-z0-9]+(-[a-z0-9]+)*-\d{4}(-\d+)?$/.test(slug))).toEqual([]);
  });
});

test('a clip’s bytes and captions are in the storage, as they are in the seed', async () => {
  const viewer = createCinemaClient({ baseUrl: app.url });
  await viewer.$session.signIn({ email: 'viewer@demo.test', password: DEMO_PASSWORD });
  const { id: userId } = await viewer.accounts.me.query();
  const { items } = await viewer.movies.list.query({ sort: 'popularity', limit: 100 });
  const watchable = items.filter((item) => item.hasVideo).slice(0, SEED_CLIPS.length);
  expect(watchable).toHaveLength(SEED_CLIPS.length);
  const played = new Set<string>();
  for (const { id: movieId } of watchable) {
    await app.db.insertInto('libraryMovies').values({ userId, movieId }).execute();
    const { src, tracks, duration } = await viewer.playback.start.mutate({ movieId });
    // No two are as long.
    const clip = SEED_CLIPS.find((each) => each.duration === duration);
    expect(clip).toBeDefined();
    if (!clip) continue;
    played.add(clip.name);
    expect(await download(src)).toEqual(await readFile(clip.file));
    expect(tracks.map((track) => track.language)).toEqual(clip.captions.map((track) => track.language).toSorted());
    for (const track of tracks) {
      const captions = clip.captions.find(({ language }) => language === track.language);
      expect(await download(track.src)).toEqual(await readFile(captions?.file ?? ''));
    }
  }
  expect(played.size).toBe(SEED_CLIPS.length);
});

async function download(address: string): Promise<Buffer> {
  const answer = await fetch(localAddress(app, address));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

test.for([
  ['USD', 999],
  ['JPY', 999],
  // Nobody writes its hundredths, but they are what is charged.
  ['HUF', 99_900],
  ['KWD', 9_990],
] as const)('a price is one that can be paid in %s', ([currency, amount]) => {
  expect(inMinorUnits(999, currency)).toBe(amount);
  expect(whyNotPayable({ amount, currency })).toBeNull();
});
