import { once } from 'node:events';
import { createServer } from 'node:net';
import { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { activationMail } from '../accounts/jobs.ts';
import { accountsCleanUpJob } from '../accounts/clean-up-jobs.ts';
import type { App } from '../app.ts';
import { createMetrics } from '../lib/metrics.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { startServerProcess } from '../testing/process.ts';

let app: TestApp;
let viewer: Viewer;
/** One process answers requests, another one works. */
let api: App;
let worker: App;
beforeAll(async () => {
  app = await startTestApp({ PROCESS: 'api' });
  api = await app.startReplica({ PROCESS: 'api', METRICS_PORT: '0' });
  worker = await app.startReplica({ PROCESS: 'worker', METRICS_PORT: '0' });
  viewer = await app.signIn();
});
afterAll(() => app[Symbol.asyncDispose]());

async function scrape({ metricsUrl }: App): Promise<string> {
  const answer = await fetch(metricsUrl ?? '');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return await answer.text();
}

/** The value of the one sample with this name and these labels; nothing when there is none. */
function sampleOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const lines = text.split('\n').filter((line) => {
    const [, found, inside = ''] = /^(\w+)(?:\{(.*)\})? /.exec(line) ?? [];
    const given = Object.entries(labels).map(([key, value]) => `${key}="${value}"`);
    return found === name && given.every((label) => inside.split(',').includes(label));
  });
  expect(lines.length).toBeLessThanOrEqual(1);
  return lines[0] === undefined ? undefined : Number(lines[0].split(' ').at(-1));
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

test('there are none without METRICS_PORT, and never at the address of the cinema', async () => {
  expect(app.deps.config.metricsPort).toBeUndefined();
  for (const each of [app, api]) expect((await fetch(`${each.url}/metrics`)).status).toBe(404);
});

test('their port knows nothing else', async () => {
  const url = api.metricsUrl ?? '';
  expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
  const posted = await fetch(url, { method: 'POST' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  for (const path of ['/', '/livez', '/api/v1/movies']) expect((await fetch(new URL(path, url))).status).toBe(404);
});

test('they are at METRICS_HOST, and only this machine reaches them unless told otherwise', async () => {
  for (const [env, hostname] of [
    [{ HOST: '127.0.0.2' }, '127.0.0.1'],
    [{ METRICS_HOST: '127.0.0.3' }, '127.0.0.3'],
  ] as const) {
    const replica = await app.startReplica({ PROCESS: 'api', METRICS_PORT: '0', ...env });
    expect(new URL(replica.metricsUrl ?? '').hostname).toBe(hostname);
    await scrape(replica);
  }
});

test('the process tells how it is', async () => {
  for (const each of [api, worker]) {
    const text = await scrape(each);
    expect(sampleOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(sampleOf(text, 'nodejs_eventloop_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(sampleOf(text, 'cinema_unhandled_rejections_total')).toBe(0);
  }
});

test('a promise that failed and that nobody waited for is counted, and the process goes on', async () => {
  const port = await findFreePort();
  const lose = 'process.on("SIGUSR2", () => void Promise.reject(new Error("lost")))';
  await using server = await startServerProcess({
    PROCESS: 'api',
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: app.config.dataDir,
    METRICS_PORT: String(port),
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(lose)}`,
  });
  server.child.kill('SIGUSR2');
  await vi.waitFor(async () => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(sampleOf(text, 'cinema_unhandled_rejections_total')).toBe(1);
  });
  expect((await fetch(`${server.url}/livez`)).status).toBe(200);
});

test('when the queues can not be counted, all else is told', async () => {
  const metrics = createMetrics({
    readQueues: () => Promise.reject(new Error('the database is away')),
    withProcess: false,
    log: app.deps.log,
  });
  metrics.countRun('some-queue', 'done', 30);
  const { text } = await metrics.expose();
  expect(sampleOf(text, 'cinema_job_runs_total', { queue: 'some-queue', outcome: 'done' })).toBe(1);
  expect(sampleOf(text, 'cinema_job_run_duration_seconds_sum', { queue: 'some-queue' })).toBe(30);
  expect(sampleOf(text, 'cinema_queue_jobs')).toBeUndefined();
});

test('requests are measured by route, method and status, and what stands in a path is told nobody', async () => {
  const film = await createMovie(app.db);
  const secret = 'c2VjcmV0LWdyYW50';
  for (const path of [
    `/api/v1/movies/${film.id}`,
    `/api/v1/movies/${film.slug}`,
    '/api/v1/movies/nothing-like-it',
    `/media/${secret}/${film.id}/film.mp4`,
    `/exports/${secret}`,
    `/nowhere/${secret}`,
  ]) {
    await fetch(`${api.url}${path}`);
  }
  await fetch(`${api.url}/api/v1/accounts/login`, { method: 'PUT' });

  await vi.waitFor(async () => {
    const text = await scrape(api);
    const countOf = (route: string, method: string, status: number) =>
      sampleOf(text, 'cinema_http_request_duration_seconds_count', { route, method, status: String(status) });
    expect(countOf('/api/v1/movies/:movieId', 'GET', 200)).toBe(2);
    expect(countOf('/api/v1/movies/:movieId', 'GET', 404)).toBe(1);
    expect(countOf('/media/:grant/:assetId/*', 'GET', 403)).toBe(1);
    expect(countOf('/exports/:token', 'GET', 404)).toBe(1);
    expect(countOf('none', 'GET', 404)).toBeGreaterThanOrEqual(1);
    expect(countOf('/api/v1/accounts/login', 'PUT', 405)).toBe(1);
    for (const told of [secret, film.id, film.slug]) expect(text).not.toContain(told);
  });
});

test('runs of jobs are counted by how they ended, and clean-ups by what they deleted', async () => {
  const expiresAt = new Date(app.clock.now().getTime() - 1);
  await app.db
    .insertInto('oneTimeTokens')
    .values({ userId: viewer.userId, purpose: 'activation', expiresAt })
    .execute();
  const before = await scrape(worker);
  await app.deps.queue.enqueue(app.db, accountsCleanUpJob, {});
  await waitUntilDone(app, accountsCleanUpJob.name);
  const after = await scrape(worker);
  const grown = (name: string, labels: Record<string, string>) =>
    (sampleOf(after, name, labels) ?? 0) - (sampleOf(before, name, labels) ?? 0);
  expect(grown('cinema_job_runs_total', { queue: accountsCleanUpJob.name, outcome: 'done' })).toBe(1);
  expect(grown('cinema_clean_up_deleted_total', { kind: 'one_time_tokens' })).toBe(1);
  expect(sampleOf(after, 'cinema_clean_up_deleted_total', { kind: 'sessions' })).toBe(0);
});

test('queues tell how many jobs wait, are worked on, failed, and lie in the dead letters', async () => {
  // Counts more often than a worker does.
  const counting = { supervise: true, superviseIntervalSeconds: 1, monitorIntervalSeconds: 1 };
  const boss = new PgBoss({ connectionString: app.config.databaseUrl, schema: 'boss', migrate: false, ...counting });
  boss.on('error', (error) => app.deps.log.error({ err: error }, 'queue error'));
  await boss.start();
  await boss.send(activationMail.name, { tokenId: 'none' }, { retryLimit: 0 });
  await boss.send(activationMail.name, { tokenId: crypto.randomUUID() }, { startAfter: 3_600 });
  await vi.waitFor(
    async () =>
      expect((await listJobs(app, `${activationMail.name}.dead`)).map(({ state }) => state)).toEqual(['created']),
    { timeout: 20_000 },
  );
  await vi.waitFor(
    async () => {
      const text = await scrape(api);
      const jobsOf = (state: string) => sampleOf(text, 'cinema_queue_jobs', { queue: activationMail.name, state });
      expect(['queued', 'active', 'failed', 'dead'].map(jobsOf)).toEqual([1, 0, 1, 1]);
      expect(text).not.toContain('__pgboss');
    },
    { timeout: 50_000, interval: 250 },
  );
  await boss.stop({ graceful: false });
  expect(
    sampleOf(await scrape(worker), 'cinema_job_runs_total', { queue: activationMail.name, outcome: 'failed' }),
  ).toBe(1);
});
