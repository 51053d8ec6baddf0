import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import pg from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { type Cluster, startCluster } from '../testing/standby.ts';

let cluster: Cluster;
let app: TestApp;
let moderator: Viewer;
beforeAll(async () => {
  cluster = await startCluster();
  app = await startTestApp({ DATABASE_URL: cluster.primary.url, DATABASE_REPLICA_URL: cluster.standbyUrl });
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

const PATIENCE = { timeout: 20_000, interval: 100 };

/** How many reads each of the two has answered. */
async function countReads(): Promise<{ replica: number; primary: number }> {
  const { text } = await app.deps.metrics.expose();
  const read = (from: string) =>
    Number(new RegExp(`cinema_replica_reads_total{from="${from}"} (\\d+)`).exec(text)?.[1] ?? 0);
  return { replica: read('replica'), primary: read('primary') };
}

/** Who answers what may be a moment old. */
const isOnStandby = () =>
  app.deps.replica.read(async (db) => {
    const { rows } = await sql<{ isStandby: boolean }>`select pg_is_in_recovery() as is_standby`.execute(db);
    return rows[0]?.isStandby;
  });

const standbyHasAll = () => vi.waitFor(async () => expect(await isOnStandby()).toBe(true), PATIENCE);

async function onStandby(statement: string): Promise<number | null> {
  const client = new pg.Client({ connectionString: cluster.standbyUrl });
  await client.connect();
  try {
    return (await client.query(statement)).rowCount;
  } finally {
    await client.end();
  }
}

test.for([
  ['strangers search', '/movies?query=heat', false],
  ['strangers look for filters', '/movies/facets', false],
  ['strangers type', '/movies/suggest?query=he', false],
  ['moderators have reported', '/admin/analytics/sales?from=2026-01-01&to=2026-01-31&by=day', true],
  ['moderators take with them', '/admin/orders?format=csv', true],
  ['moderators take along', '/admin/payments?format=csv', true],
] as const)('what %s is read from the replica', async ([, path, isSignedIn]) => {
  await standbyHasAll();
  const before = await countReads();
  expect((await app.rest('GET', path, isSignedIn ? { viewer: moderator } : {})).status).toBe(200);
  const after = await countReads();
  expect(after.replica).toBeGreaterThan(before.replica);
  expect(after.primary).toBe(before.primary);
});

test.for([
  ['who says who he is searches', '/movies?query=heat', true],
  ['moderators list', '/admin/orders', true],
  ['everybody sees of a film', '/movies/heat-1995', false],
] as const)('what %s is read from the primary', async ([, path, isSignedIn]) => {
  const before = await countReads();
  await app.rest('GET', path, isSignedIn ? { viewer: moderator } : {});
  expect(await countReads()).toEqual(before);
});

test('nothing can be written through it, also while the primary stands in', async () => {
  const write = () => app.deps.replica.read((db) => createMovie(db, { name: 'Written late' }));
  await standbyHasAll();
  await expect(write()).rejects.toMatchObject({ code: '25006' });
  expect(await app.db.selectFrom('movies').select('id').where('name', '=', 'Written late').execute()).toEqual([]);
});

test('a replica that is late is left alone until it has what it lacked', async () => {
  await standbyHasAll();
  await onStandby('select pg_wal_replay_pause()');
  const film = await createMovie(app.db, { name: 'Unheard of' });
  const find = async () => (await app.anonymous.movies.list.query({ query: 'Unheard of' })).items.map(({ id }) => id);
  await vi.waitFor(async () => expect(await find()).toEqual([film.id]), PATIENCE);
  expect(app.logs.some((line) => line.includes('it is late'))).toBe(true);
  expect(await isOnStandby()).toBe(false);

  await onStandby('select pg_wal_replay_resume()');
  await standbyHasAll();
  expect(await find()).toEqual([film.id]);
});

test('what is read from it waits for nobody on the primary', async () => {
  await standbyHasAll();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const held = Array.from({ length: app.config.databasePool }, () =>
    app.db.transaction().execute(async () => await released),
  );
  // It gives up before whoever begins to wait after it.
  const onPrimary = app.db.selectFrom('users').select('id').execute().catch(String);
  // By then it is due to be looked at.
  await sleep(2_100);
  expect(await Promise.race([isOnStandby(), onPrimary])).toBe(true);
  release();
  await Promise.all([...held, onPrimary]);
});

test('what it says is remembered for a second only: it may not know of a change that was told', async () => {
  const remembering = await app.startReplica({ PROCESS: 'api', ANSWER_MEMORY_MB: '16' });
  const find = () => remembering.deps.answers.find('movies.suggest [["query","Silent"]]');
  await vi.waitFor(async () => {
    await fetch(`${remembering.url}/api/v1/movies/suggest?query=Silent`);
    expect(find()).toBeDefined();
  }, PATIENCE);
  app.clock.advance(1.1);
  expect(find()).toBeUndefined();
});

test('no read is refused because the replica goes, and it is used again when it is back', async () => {
  await standbyHasAll();
  const underWay = app.deps.replica.read(async (db) => {
    // Long on the standby only.
    const { rows } = await sql`select case when pg_is_in_recovery() then pg_sleep(600) end`.execute(db);
    return rows.length;
  });
  const sleeping = `select from pg_stat_activity where wait_event = 'PgSleep'`;
  await vi.waitFor(async () => expect(await onStandby(sleeping)).toBe(1), PATIENCE);
  await cluster.stopStandby();
  expect(await underWay).toBe(1);

  const before = await countReads();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, year) => app.rest('GET', `/movies?yearFrom=${1950 + year}`)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect((await countReads()).primary).toBe(before.primary + 20);
  expect((await fetch(`${app.url}/readyz`)).status).toBe(200);

  await cluster.startStandby();
  await standbyHasAll();
  expect(app.logs.some((line) => line.includes('the replica reads again'))).toBe(true);
});
