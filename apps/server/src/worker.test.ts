import { isMigrated } from '@online-cinema/db/migrate';
import { openDb } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { activatedMail, activationMail } from './accounts/jobs.ts';
import { updateSchema } from './app.ts';
import { defineJob, type Job } from './job.ts';
import { JOBS } from './jobs.ts';
import { createLog } from './lib/log.ts';
import { createBoss, createQueue, installQueues } from './lib/queue.ts';
import { registerVisitor } from './testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from './testing/app.ts';
import { createEmptyDatabase } from './testing/database.ts';
import { type JobRow, listJobs, retryNow } from './testing/jobs.ts';
import { startWorker } from './worker.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(async () => {
  // No test leaves a job under way.
  await sql`delete from boss.job`.execute(app.db);
  await sql`delete from users`.execute(app.db);
  app.inbox.clear();
  app.inbox.setFault({ rejectWith: null, dropAfterData: false, delayMs: 0 });
  app.logs.length = 0;
});
afterAll(() => app[Symbol.asyncDispose]());

/** Waits until the only job of a queue is in a state. */
async function waitForState(queue: string, ...states: string[]): Promise<JobRow> {
  return await vi.waitFor(
    async () => {
      const [job] = await listJobs(app, queue);
      if (!job || !states.includes(job.state)) throw new Error(`${queue} is ${job?.state}, not ${states.join(' or ')}`);
      return job;
    },
    { timeout: 20_000, interval: 50 },
  );
}

/** Tries the only job of a queue until it is given up, without waiting between the tries. */
async function exhaust(queue: string): Promise<JobRow> {
  for (;;) {
    const job = await waitForState(queue, 'retry', 'failed', 'completed');
    if (job.state !== 'retry') return job;
    await retryNow(app, job);
    await vi.waitFor(
      async () => {
        const [now] = await listJobs(app, queue);
        if (now?.state === 'retry' && now.retryCount === job.retryCount) throw new Error('not tried yet');
      },
      { timeout: 20_000, interval: 50 },
    );
  }
}

describe('a job', () => {
  test('exists only if the transaction that caused it commits', async () => {
    const { userId, email } = await app.signIn();
    const rollback = app.db.transaction().execute(async (trx) => {
      await app.deps.queue.enqueue(trx, activatedMail, { userId });
      throw new Error('the order was not placed after all');
    });
    await expect(rollback).rejects.toThrow('not placed');
    expect(await listJobs(app, activatedMail.name)).toEqual([]);

    await app.db.transaction().execute(async (trx) => {
      await app.deps.queue.enqueue(trx, activatedMail, { userId });
      expect(await listJobs(app, activatedMail.name)).toEqual([]);
    });
    await waitForState(activatedMail.name, 'completed');
    expect(app.inbox.messages().map((mail) => mail.envelope.to)).toEqual([[email]]);
  });

  test('is not left behind by a registration that fails at its last step', async () => {
    const body = { email: 'half@example.com', password: PASSWORD };
    await sql
      .raw(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'full' using errcode = '53100'; end $$;
      create trigger refuse before insert on boss.job for each row execute function refuse();`)
      .execute(app.db);
    expect((await app.rest('POST', '/accounts/register', { body })).status).toBe(500);
    await sql`drop function refuse cascade`.execute(app.db);
    expect(await app.db.selectFrom('users').where('email', '=', body.email).select('id').execute()).toEqual([]);
    expect(await app.db.selectFrom('oneTimeTokens').select('id').execute()).toEqual([]);
    expect((await app.rest('POST', '/accounts/register', { body })).status).toBe(201);
    await waitForState(activationMail.name, 'completed');
  });

  test('about something that is gone by now is done, and does nothing', async () => {
    const gone = '019a5a4e-7c00-7000-8000-000000000001';
    await app.deps.queue.enqueue(app.db, activationMail, { tokenId: gone });
    await app.deps.queue.enqueue(app.db, activatedMail, { userId: gone });
    await waitForState(activationMail.name, 'completed');
    await waitForState(activatedMail.name, 'completed');
    expect(app.inbox.messages()).toEqual([]);
  });

  test('holds ids and nothing else', async () => {
    await registerVisitor(app, 'ids@example.com');
    const job = await waitForState(activationMail.name, 'completed');
    expect(job.data).toEqual({ tokenId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  });
});

describe('a job that never succeeds goes to the dead letters, and others go on', () => {
  test('because its data is not what it should be', async () => {
    const boss = createBoss({ url: app.config.databaseUrl, isWorker: false, poolSize: 1, log: app.deps.log });
    await boss.start();
    await boss.send(activatedMail.name, { userId: 'nobody' });
    await boss.stop({ graceful: false });
    await waitForState(activatedMail.name, 'retry');

    const { id: userId, token } = await registerVisitor(app, 'unhindered@example.com');
    await app.anonymous.accounts.activate.mutate({ token });
    await app.inbox.waitFor({ to: 'unhindered@example.com', subject: 'Your account is active' });
    await vi.waitFor(async () => {
      const jobs = await listJobs(app, activatedMail.name);
      expect(jobs.find((job) => JSON.stringify(job.data).includes(userId))?.state).toBe('completed');
    });

    const job = await exhaust(activatedMail.name);
    expect([job.state, job.retryCount]).toEqual(['failed', 5]);
    const dead = await listJobs(app, `${activatedMail.name}.dead`);
    expect(dead).toMatchObject([{ state: 'created', data: { userId: 'nobody' } }]);
    expect(app.logs.filter((line) => line.includes('job failed'))).toHaveLength(6);
  });

  test('because the mail server refuses it every time', async () => {
    app.inbox.setFault({ rejectWith: 451 });
    await app.rest('POST', '/accounts/register', { body: { email: 'refused@example.com', password: PASSWORD } });
    const job = await exhaust(activationMail.name);
    expect([job.state, job.retryCount]).toEqual(['failed', 5]);
    const dead = await listJobs(app, `${activationMail.name}.dead`);
    expect(dead.map(({ data }) => data)).toEqual([job.data]);
    // The address that the server named in its refusal would outlive the account.
    const { rows: kept } = await sql`select output::text as output from boss.job`.execute(app.db);
    expect(JSON.stringify(kept)).toContain('EENVELOPE 451 RCPT TO');
    expect(JSON.stringify(kept) + app.logs.join('')).not.toContain('refused@example.com');

    app.inbox.setFault({ rejectWith: null });
    await registerVisitor(app, 'accepted@example.com');
    expect(app.inbox.messages()).toHaveLength(1);
    await vi.waitFor(async () => {
      const jobs = await listJobs(app, activationMail.name);
      expect(jobs.map(({ state }) => state)).toEqual(['failed', 'completed']);
    });
  });
});

describe('a mail', () => {
  test('that the server refused for a moment arrives once', async () => {
    app.inbox.setFault({ rejectWith: 451 });
    await app.rest('POST', '/accounts/register', { body: { email: 'later@example.com', password: PASSWORD } });
    const job = await waitForState(activationMail.name, 'retry');
    app.inbox.setFault({ rejectWith: null });
    await retryNow(app, job);
    await waitForState(activationMail.name, 'completed');
    expect(app.inbox.messages()).toHaveLength(1);
  });

  test('that the server took without saying so is sent once more at most, and both are known as one', async () => {
    app.inbox.setFault({ dropAfterData: true });
    await app.rest('POST', '/accounts/register', { body: { email: 'twice@example.com', password: PASSWORD } });
    const job = await waitForState(activationMail.name, 'retry');
    expect(app.inbox.messages()).toHaveLength(1);
    app.inbox.setFault({ dropAfterData: false });
    await retryNow(app, job);
    await waitForState(activationMail.name, 'completed');
    const mails = app.inbox.messages();
    expect(mails).toHaveLength(2);
    expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(1);
    expect(mails[0]?.text).toBe(mails[1]?.text);
  });

  test('whose link was used or replaced by the time of the next try is not sent', async () => {
    app.inbox.setFault({ rejectWith: 451 });
    const { id } = await app.anonymous.accounts.register.mutate({ email: 'used@example.com', password: PASSWORD });
    const job = await waitForState(activationMail.name, 'retry');
    const token = await app.db
      .selectFrom('oneTimeTokens')
      .where('userId', '=', id)
      .select('id')
      .executeTakeFirstOrThrow();
    await app.anonymous.accounts.activate.mutate({ token: app.deps.oneTimeTokens.derive('activation', token.id) });
    app.inbox.setFault({ rejectWith: null });
    await retryNow(app, job);
    await waitForState(activationMail.name, 'completed');
    expect(app.inbox.messages().filter((mail) => mail.subject === 'Activate your account')).toEqual([]);
  });
});

test('a handler that hangs is ended at its deadline, and its neighbours are not held up by it', async () => {
  const done: string[] = [];
  const aborted: string[] = [];
  const job = defineJob({
    name: 'test.slow',
    data: z.object({ name: z.string() }),
    deadlineSeconds: 1,
    retryLimit: 0,
    async run(_deps, { name }, signal) {
      if (name === 'hangs') await new Promise<void>(() => signal.addEventListener('abort', () => aborted.push(name)));
      done.push(name);
    },
  }) as Job;
  const log = createLog('silent');
  await installQueues(app.config.databaseUrl, [job], log);
  const boss = createBoss({ url: app.config.databaseUrl, isWorker: true, poolSize: 2, log });
  await boss.start();
  const queue = createQueue(boss);
  for (const name of ['before', 'hangs', 'after']) await queue.enqueue(app.db, job, { name });
  await startWorker(boss, app.deps, [job]);
  await vi.waitFor(
    async () => {
      const jobs = await listJobs(app, job.name);
      expect(jobs.map(({ state }) => state)).toEqual(['completed', 'failed', 'completed']);
    },
    { timeout: 20_000, interval: 50 },
  );
  expect(done.sort()).toEqual(['after', 'before']);
  expect(aborted).toEqual(['hangs']);
  expect(await listJobs(app, `${job.name}.dead`)).toHaveLength(1);
  await boss.stop({ graceful: false });
});

test('a job that is done is written down while others of its batch go on: a kill repeats only those', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const job = defineJob({
    name: 'test.batch',
    data: z.object({ name: z.string() }),
    run: async (_deps, { name }) => (name === 'slow' ? await released : undefined),
  }) as Job;
  const log = createLog('silent');
  await installQueues(app.config.databaseUrl, [job], log);
  const boss = createBoss({ url: app.config.databaseUrl, isWorker: true, poolSize: 2, log });
  await boss.start();
  const queue = createQueue(boss);
  for (const name of ['quick', 'slow', 'quick']) await queue.enqueue(app.db, job, { name });
  await startWorker(boss, app.deps, [job]);
  const expectStates = async (...states: string[]) =>
    await vi.waitFor(async () => expect((await listJobs(app, job.name)).map(({ state }) => state)).toEqual(states), {
      timeout: 20_000,
      interval: 50,
    });
  await expectStates('completed', 'active', 'completed');
  release();
  await expectStates('completed', 'completed', 'completed');
  await boss.stop({ graceful: false });
});

test('what a killed worker held is done by another one', async () => {
  await using api = await startTestApp({ PROCESS: 'api' });
  await api.rest('POST', '/accounts/register', { body: { email: 'orphan@example.com', password: PASSWORD } });
  const boss = createBoss({ url: api.config.databaseUrl, isWorker: false, poolSize: 1, log: api.deps.log });
  await boss.start();
  // It takes the job and is never heard of again.
  expect(await boss.fetch(activationMail.name)).toHaveLength(1);
  await sql`update boss.job set heartbeat_on = now() - interval '31 seconds' where state = 'active'`.execute(api.db);
  await boss.supervise(activationMail.name);
  const [job] = await listJobs(api, activationMail.name);
  expect(job).toMatchObject({ state: 'retry' });
  await api.startReplica({ PROCESS: 'worker' });
  if (job) await retryNow(api, job);
  await api.inbox.waitFor({ to: 'orphan@example.com' });
  await boss.stop({ graceful: false });
});

test('two workers share the jobs: each mail is sent once', async () => {
  const worker = await app.startReplica({ PROCESS: 'worker' });
  const { userId, email } = await app.signIn();
  const other = await app.signIn();
  await Promise.all(
    [...Array(120).keys()].map((index) =>
      app.deps.queue.enqueue(app.db, activatedMail, { userId: index % 2 ? userId : other.userId }),
    ),
  );
  await vi.waitFor(
    async () => {
      const jobs = await listJobs(app, activatedMail.name);
      expect(jobs.map((job) => job.state)).toEqual(Array(120).fill('completed'));
    },
    { timeout: 20_000, interval: 100 },
  );
  expect(app.inbox.messages().filter((mail) => mail.envelope.to.includes(email))).toHaveLength(60);
  expect(app.inbox.messages()).toHaveLength(120);
  await worker.stop();
});

test('a stop lets the jobs under way finish', async () => {
  const worker = await app.startReplica({ PROCESS: 'worker' });
  const viewers = await Promise.all(Array.from({ length: 4 }, () => app.signIn()));
  app.inbox.setFault({ delayMs: 300 });
  for (const { userId } of viewers) await app.deps.queue.enqueue(app.db, activatedMail, { userId });
  await vi.waitFor(async () => {
    const jobs = await listJobs(app, activatedMail.name);
    expect(jobs.filter((job) => job.state === 'active').length).toBeGreaterThan(0);
  });
  await worker.stop();
  await vi.waitFor(
    async () => {
      const jobs = await listJobs(app, activatedMail.name);
      expect(jobs.map((job) => job.state)).toEqual(Array(4).fill('completed'));
    },
    { timeout: 20_000, interval: 50 },
  );
  expect(app.inbox.messages()).toHaveLength(4);
});

test('eight processes that start at once on an empty database make schema and queues once', async () => {
  await using empty = await createEmptyDatabase();
  const config = { databaseUrl: empty.url };
  await Promise.all(Array.from({ length: 8 }, () => updateSchema(config, createLog('silent'))));

  const db = openDb({ url: empty.url });
  try {
    expect(await isMigrated(db)).toBe(true);
  } finally {
    await db.destroy();
  }
  const boss = createBoss({ url: empty.url, isWorker: false, poolSize: 1, log: createLog('silent') });
  await boss.start();
  const queues = (await boss.getQueues()).map((queue) => queue.name);
  await boss.stop({ graceful: false });
  expect(queues.sort()).toEqual(JOBS.flatMap(({ name }) => [name, `${name}.dead`]).sort());
});
