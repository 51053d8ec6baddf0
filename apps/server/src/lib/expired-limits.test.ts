import { vi, afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { listJobs } from '../testing/jobs.ts';
import { createBoss } from './queue.ts';
import { expiredLimitsJob } from './expired-limits.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ RATE_LIMITS: 'on' });
});
afterAll(() => app[Symbol.asyncDispose]());

test('counts that mean nothing any more are deleted, however many, and the others stay', async () => {
  const now = app.clock.now();
  const row = (index: number, expiresAt: Date) => ({
    name: 'test',
    subject: Buffer.from(String(index)),
    hits: [now],
    freeAt: now,
    expiresAt,
  });
  const past = Array.from({ length: 2_500 }, (_, index) => row(index, new Date(now.getTime() - 1)));
  await app.db
    .insertInto('rateLimits')
    .values([...past, row(9_999, new Date(now.getTime() + 3_600_000))])
    .execute();
  await app.deps.queue.enqueue(app.db, expiredLimitsJob, {});
  await vi.waitFor(
    async () => {
      const left = await app.db.selectFrom('rateLimits').where('name', '=', 'test').select('subject').execute();
      expect(left.map(({ subject }) => String(subject))).toEqual(['9999']);
    },
    { timeout: 20_000 },
  );
});

test('the worker puts it on the schedule, and what the schedule sends is done', async () => {
  const boss = createBoss({ url: app.config.databaseUrl, isWorker: false, poolSize: 1, log: app.deps.log });
  await boss.start();
  const [schedule, ...more] = await boss.getSchedules(expiredLimitsJob.name);
  expect(more).toEqual([]);
  expect(schedule).toMatchObject({ cron: 'FREQ=SECONDLY;INTERVAL=600', data: {} });
  await boss.send(expiredLimitsJob.name, schedule?.data ?? null);
  await boss.stop({ graceful: false });
  await vi.waitFor(
    async () => {
      const jobs = await listJobs(app, expiredLimitsJob.name);
      expect(jobs.at(-1)?.state).toBe('completed');
    },
    { timeout: 20_000 },
  );
});
