import { createCinemaClient } from '@online-cinema/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { patiently } from '../testing/patience.ts';
import { deleteCommunityOf } from './account-removal.ts';
import { recount } from './recount.ts';

let app: TestApp;
let viewers: Viewer[];
beforeAll(async () => {
  app = await startTestApp();
  viewers = await Promise.all(Array.from({ length: 50 }, (_, n) => app.signIn({ email: `racer${n}@example.com` })));
});
afterAll(() => app[Symbol.asyncDispose]());

const { signal } = new AbortController();

/** What the counters say, and what the rows do. */
async function countersOf(movieId: string): Promise<{ kept: number[][]; counted: number[][] }> {
  const { rows } = await sql<{ kept: number[]; counted: number[] }>`
    select array[like_count, reply_count] as kept,
      array[
        (select count(*) from comment_likes where comment_id = comments.id and taken_back_at is null),
        (select count(*) from comments reply where reply.parent_id = comments.id)
      ]::int[] as counted
    from comments where movie_id = ${movieId}
    union all
    select array[comment_count],
      array[(select count(*) from comments where movie_id = movies.id and deleted_at is null)]::int[]
    from movies where id = ${movieId}`.execute(app.db);
  return { kept: rows.map(({ kept }) => kept), counted: rows.map(({ counted }) => counted) };
}

async function expectTrueCounters(movieId: string): Promise<void> {
  const { kept, counted } = await countersOf(movieId);
  expect(kept).toEqual(counted);
}

/** What failed, by reason; a rule's refusal is none of the database's. */
async function reasonsOf(acts: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(acts);
  const reasons = settled.flatMap((each) =>
    each.status === 'rejected' ? [String((each.reason as { data?: { reason?: string } }).data?.reason)] : [],
  );
  return [...new Set(reasons)];
}

test('200 likes and unlikes at once by 50 viewers leave as many likes as were counted', async () => {
  const film = await createMovie(app.db);
  const { id: commentId } = await viewers[0]!.client.comments.create.mutate({ movieId: film.id, text: 'Like me.' });
  const reasons = await reasonsOf(
    Array.from({ length: 200 }, (_, n) => {
      const { comments } = viewers[n % 50]!.client;
      const act = (n * 7) % 3 === 0 ? comments.unlike : comments.like;
      return patiently(() => act.mutate({ commentId }));
    }),
  );
  expect(reasons).toEqual([]);
  await expectTrueCounters(film.id);
  const notices = await app.db
    .selectFrom('notifications')
    .where('userId', '=', viewers[0]!.userId)
    .where('kind', '=', 'comment_like')
    .select('id')
    .execute();
  const likers = await app.db
    .selectFrom('commentLikes')
    .where('commentId', '=', commentId)
    .where('userId', '!=', viewers[0]!.userId)
    .select('userId')
    .execute();
  expect(notices).toHaveLength(likers.length);
  expect(likers.length).toBeGreaterThan(40);
});

test('comments, replies and deletions at once leave no counter wrong, and no reply without its thread', async () => {
  const film = await createMovie(app.db);
  const movieId = film.id;
  const tops = await Promise.all(
    viewers.slice(0, 5).map(async ({ client }) => (await client.comments.create.mutate({ movieId, text: 'Top.' })).id),
  );
  const reasons = await reasonsOf(
    viewers.map(async ({ client }, n) => {
      const parentId = tops[n % 5]!;
      if (n < 5) return await patiently(() => client.comments.delete.mutate({ commentId: tops[n]! }));
      const reply = await patiently(() => client.comments.create.mutate({ movieId, text: 'Reply.', parentId }));
      const answer = patiently(() => client.comments.create.mutate({ movieId, text: 'Answer.', parentId: reply.id }));
      const gone = patiently(() => client.comments.delete.mutate({ commentId: reply.id }));
      return await Promise.all([answer, gone]);
    }),
  );
  // Whoever comes too late finds nothing to answer.
  expect(reasons.filter((reason) => reason !== 'not_found')).toEqual([]);
  await expectTrueCounters(movieId);
  const { rows } = await sql`
    select 1 from comments where movie_id = ${movieId} and deleted_at is not null and reply_count = 0`.execute(app.db);
  expect(rows).toEqual([]);
});

test('accounts that go while others talk to them take what they said and liked, and leave no counter wrong', async () => {
  const [film, other] = [await createMovie(app.db), await createMovie(app.db)];
  const leaving = viewers.slice(0, 5);
  const staying = viewers.slice(5, 15);
  const said: string[] = [];
  for (const [n, { client }] of leaving.entries()) {
    const movieId = n % 2 ? film.id : other.id;
    const { id } = await client.comments.create.mutate({ movieId, text: 'Leaving soon.' });
    await client.comments.create.mutate({ movieId, text: 'To myself.', parentId: id });
    said.push(id);
  }
  const alone = await leaving[0]!.client.comments.create.mutate({ movieId: film.id, text: 'Nobody answers.' });
  const { id: kept } = await staying[0]!.client.comments.create.mutate({ movieId: film.id, text: 'Staying.' });
  for (const { client } of leaving) {
    await client.comments.like.mutate({ commentId: kept });
    await client.comments.create.mutate({ movieId: film.id, text: 'Bye.', parentId: kept });
  }
  for (const { client } of leaving.slice(0, 3)) {
    await client.comments.report.mutate({ commentId: kept, reason: 'other', note: 'My name is Ada.' });
  }
  const go = ({ userId }: Viewer) =>
    app.db.transaction().execute(async (trx) => {
      await trx.selectFrom('users').where('id', '=', userId).select('id').forUpdate().execute();
      await deleteCommunityOf(trx, userId, app.clock.now());
    });
  const talk = staying.map(async ({ client }, n) => {
    await client.comments.like.mutate({ commentId: said[n % 5]! });
    const movieId = n % 2 ? film.id : other.id;
    await client.comments.create.mutate({ movieId, text: 'Stay!', parentId: said[n % 5]! });
  });
  const reasons = await reasonsOf([...leaving.map(go), ...talk]);
  expect(reasons.filter((reason) => reason !== 'not_found' && reason !== 'wrong_parent')).toEqual([]);

  for (const movie of [film, other]) await expectTrueCounters(movie.id);
  const ids = leaving.map(({ userId }) => userId);
  for (const table of ['comments', 'commentLikes', 'commentReports'] as const) {
    expect(await app.db.selectFrom(table).where('userId', 'in', ids).select('userId').execute()).toEqual([]);
  }
  const threads = (await app.anonymous.comments.list.query({ movieId: film.id })).items;
  expect(threads.some(({ id }) => id === alone.id)).toBe(false);
  // The reports count as before; who made them is forgotten.
  expect(threads.find(({ id }) => id === kept)).toMatchObject({ isHidden: true, likeCount: 0, replyCount: 0 });
  const reports = await app.db.selectFrom('commentReports').where('commentId', '=', kept).select('note').execute();
  expect(reports).toEqual([{ note: null }, { note: null }, { note: null }]);
});

test('counters that went wrong are put right, while others go on', async () => {
  const film = await createMovie(app.db);
  const { client } = viewers[0]!;
  const { id: commentId } = await client.comments.create.mutate({ movieId: film.id, text: 'Count me.' });
  await viewers[1]!.client.comments.like.mutate({ commentId });
  await client.comments.create.mutate({ movieId: film.id, text: 'And me.', parentId: commentId });
  const before = await app.db.selectFrom('movies').where('id', '=', film.id).select('updatedAt').executeTakeFirst();
  await app.db.updateTable('movies').set({ commentCount: 7 }).where('id', '=', film.id).execute();
  await app.db.updateTable('comments').set({ likeCount: 5, replyCount: 9 }).where('id', '=', commentId).execute();
  const [mended] = await Promise.all([
    recount(app.db, signal),
    ...viewers.slice(2, 22).map(async (viewer) => {
      await viewer.client.comments.like.mutate({ commentId });
      await viewer.client.comments.create.mutate({ movieId: film.id, text: 'Meanwhile.', parentId: commentId });
    }),
  ]);
  expect(mended).toEqual({ movies: 1, comments: 1 });
  await expectTrueCounters(film.id);
  expect(await recount(app.db, signal)).toEqual({ movies: 0, comments: 0 });
  expect(await app.db.selectFrom('movies').where('id', '=', film.id).select('updatedAt').executeTakeFirst()).toEqual(
    before,
  );
});

test('ten comments a minute are let through, and those that could not be made do not count', async () => {
  const replica = await app.startReplica({ RATE_LIMITS: 'on' });
  const client = createCinemaClient({ baseUrl: replica.url ?? '' });
  await client.$session.signIn({ email: viewers[30]!.email, password: PASSWORD });
  const film = await createMovie(app.db);
  const send = async (movieId = film.id) =>
    await fetch(`${replica.url}/api/v1/movies/${movieId}/comments`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await client.$session.accessToken()}`,
      },
      body: JSON.stringify({ text: 'Again.' }),
    });
  for (let count = 0; count < 3; count += 1) expect((await send('no-such-film')).status).toBe(404);
  const answers = await Promise.all(Array.from({ length: 30 }, () => send()));
  expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([
    ...Array(10).fill(201),
    ...Array(20).fill(429),
  ]);
  const late = answers.find(({ status }) => status === 429);
  expect(Number(late?.headers.get('retry-after'))).toBeGreaterThan(50);
  expect(await late?.json()).toMatchObject({ reason: 'too_many_requests', retryAfterSeconds: expect.any(Number) });
  app.clock.advance(61);
  expect((await send()).status).toBe(201);
});

test.for([
  ['PUT', '/like', undefined, 60],
  ['POST', '/reports', { reason: 'spam' }, 10],
] as const)('%s /comments/…%s is let through so often a minute, and no more', async ([method, path, body, count]) => {
  const replica = await app.startReplica({ RATE_LIMITS: 'on' });
  const token = await viewers[31]!.client.$session.accessToken();
  const statuses = await Promise.all(
    Array.from({ length: count + 5 }, async () => {
      const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
      const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
      return (await fetch(`${replica.url}/api/v1/comments/${crypto.randomUUID()}${path}`, init)).status;
    }),
  );
  expect(statuses.toSorted((one, other) => one - other)).toEqual([...Array(count).fill(404), ...Array(5).fill(429)]);
});

test('nothing of all this was a fault of the server', () => {
  const faults = app.logs.filter((line) => line.includes('procedure failed') || line.includes('the database refused'));
  expect(faults).toEqual([]);
});
