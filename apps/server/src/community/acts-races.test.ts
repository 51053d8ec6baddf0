import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { deleteBelongings } from '../privacy/queries.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { patiently } from '../testing/patience.ts';
import { recount } from './recount.ts';
import { recountJob } from './recount-jobs.ts';

let app: TestApp;
let viewers: Viewer[];
beforeAll(async () => {
  app = await startTestApp();
  viewers = await Promise.all(Array.from({ length: 50 }, (_, n) => app.signIn({ email: `actor${n}@example.com` })));
});
afterAll(() => app[Symbol.asyncDispose]());

const { signal } = new AbortController();

async function keptOf(movieId: string) {
  const columns = ['likeCount', 'dislikeCount', 'ratingCount', 'ratingSum', 'favoriteCount'] as const;
  return await app.db.selectFrom('movies').where('id', '=', movieId).select(columns).executeTakeFirstOrThrow();
}

async function countedOf(movieId: string) {
  const { rows } = await sql<Awaited<ReturnType<typeof keptOf>>>`
    select
      (select count(*)::int from reactions where movie_id = ${movieId} and kind = 'like') as like_count,
      (select count(*)::int from reactions where movie_id = ${movieId} and kind = 'dislike') as dislike_count,
      (select count(*)::int from ratings where movie_id = ${movieId}) as rating_count,
      (select coalesce(sum(score), 0)::int from ratings where movie_id = ${movieId}) as rating_sum,
      (select count(*)::int from favorites where movie_id = ${movieId}) as favorite_count`.execute(app.db);
  return rows[0];
}

/** One of the things somebody can do with a film. */
async function act({ client }: Viewer, movieId: string, number: number): Promise<unknown> {
  const acts = [
    () => client.reactions.set.mutate({ movieId, reaction: 'like' }),
    () => client.reactions.clear.mutate({ movieId }),
    () => client.reactions.set.mutate({ movieId, reaction: 'dislike' }),
    () => client.ratings.set.mutate({ movieId, score: (number % 10) + 1 }),
    () => client.ratings.clear.mutate({ movieId }),
    () => client.favorites.add.mutate({ movieId }),
    () => client.favorites.remove.mutate({ movieId }),
  ];
  return await patiently<unknown>(acts[number % acts.length]!);
}

test('200 likes, unlikes and dislikes of 50 viewers at once leave counters equal to the rows', async () => {
  const { id: movieId } = await createMovie(app.db);
  await Promise.all(Array.from({ length: 200 }, (_, n) => act(viewers[n % 50]!, movieId, (n * 5 + (n % 50)) % 3)));
  const kept = await keptOf(movieId);
  expect(kept).toEqual(await countedOf(movieId));
  expect(kept.likeCount + kept.dislikeCount).toBeGreaterThan(0);
});

test('a viewer who does everything at once, again and again, is counted once', async () => {
  const { id: movieId } = await createMovie(app.db);
  await Promise.all(Array.from({ length: 70 }, (_, n) => act(viewers[n % 3]!, movieId, n)));
  expect(await keptOf(movieId)).toEqual(await countedOf(movieId));
});

test('accounts that go take their acts from the counters, while others act and counters are counted anew', async () => {
  const films = await Promise.all(Array.from({ length: 5 }, () => createMovie(app.db)));
  const leaving = viewers.slice(40);
  for (const [n, viewer] of leaving.entries()) {
    for (const [place, { id }] of films.entries()) {
      await act(viewer, id, n % 2 === 0 ? 0 : 2);
      await act(viewer, id, 3 + 7 * place);
      await act(viewer, id, 5);
    }
    await viewer.client.comments.create.mutate({ movieId: films[n % 5]!.id, text: 'Bye.' });
  }
  const go = ({ userId }: Viewer) =>
    app.db.transaction().execute(async (trx) => {
      await trx.selectFrom('users').where('id', '=', userId).select('id').forUpdate().execute();
      await deleteBelongings(trx, userId, app.clock.now());
    });
  await Promise.all([
    ...leaving.map(go),
    ...Array.from({ length: 60 }, (_, n) => act(viewers[n % 40]!, films[n % 5]!.id, n)),
    recount(app.db, signal),
  ]);
  for (const { id } of films) expect(await keptOf(id)).toEqual(await countedOf(id));
  const gone = leaving.map(({ userId }) => userId);
  for (const table of ['reactions', 'ratings', 'favorites', 'viewerActs', 'recommendations'] as const) {
    expect(await app.db.selectFrom(table).where('userId', 'in', gone).select('userId').execute()).toEqual([]);
  }
});

test('an admin has counters made right that never should be wrong, and right ones are left alone', async () => {
  const admin = await app.signIn({ role: 'admin' });
  const [wrong, right] = [await createMovie(app.db), await createMovie(app.db)];
  for (const n of [0, 3, 5]) for (const viewer of viewers.slice(0, 2)) await act(viewer, wrong.id, n);
  await act(viewers[0]!, right.id, 0);
  const before = await keptOf(wrong.id);
  const off = { likeCount: 7, dislikeCount: 7, ratingCount: 7, ratingSum: 7, favoriteCount: 7, commentCount: 7 };
  await app.db.updateTable('movies').set(off).where('id', '=', wrong.id).execute();

  await admin.client.admin.jobs.run.mutate({ name: 'community.recount' });
  await waitUntilDone(app, recountJob.name);

  expect((await listJobs(app, recountJob.name)).map(({ state }) => state)).toEqual(['completed']);
  expect(await keptOf(wrong.id)).toEqual(before);
  expect((await app.anonymous.movies.get.query({ movieId: wrong.id })).commentCount).toBe(0);
  expect(await recount(app.db, signal)).toEqual({ movies: 0, comments: 0 });
});

test('nothing of all this was refused by the database', () => {
  expect(app.logs.filter((line) => line.includes('the database refused'))).toEqual([]);
});
