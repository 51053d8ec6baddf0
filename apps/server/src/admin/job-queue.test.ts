import { RecurringJob } from '@online-cinema/contract/admin-jobs';
import type { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { JOBS } from '../jobs.ts';
import { createBoss } from '../lib/queue.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { tally } from '../testing/shop.ts';

const QUEUE = 'accounts.activation-mail';
const OTHER = 'payments.order-paid-mail';
const CLEAN_UP = 'accounts.clean-up';

let app: TestApp;
let admin: Viewer;
/** What the worker would do, step by step: the cinema under test has none, so that jobs stay where they are put. */
let boss: PgBoss;
beforeAll(async () => {
  app = await startTestApp({ PROCESS: 'api' });
  admin = await app.signIn({ role: 'admin' });
  boss = createBoss({ url: app.config.databaseUrl, isWorker: false, poolSize: 2, log: app.deps.log });
  await boss.start();
});
beforeEach(() => boss.deleteAllJobs());
afterAll(async () => {
  await boss.stop({ graceful: false });
  await app[Symbol.asyncDispose]();
});

const list = async (query = '') => (await app.rest('GET', `/admin/jobs${query}`, { viewer: admin })).body;
const act = (what: 'retry' | 'discard', jobId: string) =>
  app.rest('POST', `/admin/jobs/${jobId}/${what}`, { viewer: admin });
const run = (name: string) => app.rest('POST', '/admin/jobs/run', { viewer: admin, body: { name } });
const refusalOf = async (answer: ReturnType<typeof act>) => [(await answer).status, (await answer).body?.reason];

async function auditOf(targetId: string): Promise<{ action: string; details: object }[]> {
  const { items } = await admin.client.admin.audit.list.query({ targetId });
  return items.map(({ action, details }) => ({ action, details }));
}

async function send(queue = QUEUE, data: object = { tokenId: crypto.randomUUID() }, retryLimit = 0): Promise<string> {
  return (await boss.send(queue, data, { retryLimit }))!;
}

async function begin(queue = QUEUE): Promise<string> {
  await send(queue);
  const [job] = await boss.fetch(queue);
  return job!.id;
}

/** A job that failed for good: its id, and that of its dead letter. */
async function fail(queue = QUEUE, data?: object): Promise<{ failed: string; letter: string }> {
  const failed = await send(queue, data);
  await boss.fetch(queue);
  await boss.fail(queue, failed, { message: 'the mailbox is full' });
  const letters = await listJobs(app, `${queue}.dead`);
  return { failed, letter: letters.at(-1)!.id };
}

describe('the list', () => {
  test('tells of each job where it stands, what it was given and why it failed', async () => {
    const data = { tokenId: 'x', 'a.b': [1], snake_case: { constructor: null } };
    const { failed, letter } = await fail(QUEUE, data);
    // Where what enqueued it was traced, that stands beside its data.
    const waiting = await send(OTHER, {
      orderId: 'y',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    });

    const page = await list();

    const moment = expect.stringMatching(/^\d{4}-.*Z$/);
    const job = {
      payload: expect.any(String),
      createdAt: moment,
      startsAt: moment,
      startedAt: null,
      completedAt: null,
    };
    expect(page.items).toHaveLength(3);
    expect(page.items).toEqual(
      expect.arrayContaining([
        { ...job, id: waiting, queue: OTHER, state: 'waiting', payload: '{"orderId": "y"}', tries: 0, error: null },
        { ...job, id: letter, queue: QUEUE, state: 'dead', tries: 1, error: 'the mailbox is full' },
        {
          ...job,
          id: failed,
          queue: QUEUE,
          state: 'failed',
          tries: 1,
          error: 'the mailbox is full',
          startedAt: moment,
          completedAt: moment,
        },
      ]),
    );
    const { items } = await admin.client.admin.jobs.list.query({ state: 'dead' });
    expect(items.map((each) => JSON.parse(each.payload ?? ''))).toEqual([data]);
  });

  test('tells of each queue how many jobs it holds', async () => {
    await fail();
    await begin();
    await send();
    for (const name of [QUEUE, `${QUEUE}.dead`]) await boss.supervise(name);
    const { queues } = await list();
    expect(queues.map((each: { name: string }) => each.name)).toEqual(JOBS.map(({ name }) => name).sort());
    expect(queues).toContainEqual({ name: QUEUE, waiting: 1, active: 1, failed: 1, dead: 1 });
  });

  test('is filtered by queue and state, and paged', async () => {
    const sent: string[] = [];
    for (let count = 0; count < 5; count++) sent.unshift(await send());
    const { failed, letter } = await fail(OTHER);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await admin.client.admin.jobs.list.query({ queue: QUEUE, limit: 2, ...(cursor && { cursor }) });
      expect(page.total).toBe(cursor ? null : 5);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(sent);

    const idsOf = async (query: string) => (await list(query)).items.map(({ id }: { id: string }) => id).sort();
    expect(await idsOf(`?queue=${OTHER}`)).toEqual([failed, letter].sort());
    expect(await idsOf('?state=failed')).toEqual([failed]);
    expect(await idsOf('?state=dead')).toEqual([letter]);
    expect(await idsOf(`?state=dead&queue=${QUEUE}`)).toEqual([]);
    expect(await idsOf('?state=waiting')).toEqual(sent.sort());
    expect(await idsOf('?queue=nothing-like-it')).toEqual([]);
  });
});

describe('retrying', () => {
  test.for(['letter', 'failed'] as const)('what failed for good does it again once: by its %s', async (which) => {
    const data = { tokenId: crypto.randomUUID() };
    const ids = await fail(QUEUE, data);
    const answers = await Promise.all(Array.from({ length: 10 }, () => act('retry', ids[which])));
    expect(tally(answers)).toEqual({ 200: 1, job_not_retryable: 9 });
    const { body } = answers.find(({ status }) => status === 200)!;
    expect(body).toMatchObject({
      queue: QUEUE,
      state: 'waiting',
      tries: 0,
      payload: expect.stringContaining(data.tokenId),
    });
    expect(await listJobs(app, QUEUE)).toEqual([
      expect.objectContaining({ id: ids.failed, state: 'failed' }),
      expect.objectContaining({ id: body.id, state: 'created', data }),
    ]);
    expect(await listJobs(app, `${QUEUE}.dead`)).toEqual([]);
    expect(await refusalOf(act('retry', ids.failed))).toEqual([409, 'job_not_retryable']);
    expect(await auditOf(ids[which])).toEqual([{ action: 'jobs.retry', details: { queue: QUEUE, as: body.id } }]);
  });

  test('what fails for good again has a dead letter again, which can be retried', async () => {
    const { letter } = await fail();
    const second = (await act('retry', letter)).body.id;
    await boss.fetch(QUEUE);
    for (let tries = 0; tries < 6; tries++) {
      await boss.fail(QUEUE, second, { message: 'full still' });
      await boss.update(QUEUE, undefined, { id: second, startAfter: 0 });
      await boss.fetch(QUEUE);
    }
    const [again] = (await list('?state=dead')).items;
    expect(again).toMatchObject({ queue: QUEUE, tries: 6, error: 'full still' });
    const third = await act('retry', again.id);
    expect(third.body).toMatchObject({ queue: QUEUE, state: 'waiting' });
    expect([second, again.id]).not.toContain(third.body.id);
  });

  test('what waits for another try is tried now', async () => {
    const id = await send(QUEUE, {}, 5);
    await boss.fetch(QUEUE);
    await boss.fail(QUEUE, id, { message: 'busy' });
    await boss.update(QUEUE, undefined, { id, startAfter: 3_600 });
    const [waits] = (await list('?state=retrying')).items;
    expect(waits).toMatchObject({ id, tries: 1, error: 'busy' });
    const answers = await Promise.all([1, 2, 3].map(() => act('retry', id)));
    expect(tally(answers)).toEqual({ 200: 1, job_not_retryable: 2 });
    expect((await boss.fetch(QUEUE)).map((job) => job.id)).toEqual([id]);
    expect(await auditOf(id)).toEqual([{ action: 'jobs.retry', details: { queue: QUEUE, as: id } }]);
  });
});

describe('discarding', () => {
  test('a job that waits throws it away, once', async () => {
    const id = await send();
    const answers = await Promise.all([1, 2, 3].map(() => act('discard', id)));
    expect(tally(answers)).toEqual({ 204: 1, job_not_discardable: 2 });
    expect(await listJobs(app, QUEUE)).toEqual([]);
    expect(await auditOf(id)).toEqual([{ action: 'jobs.discard', details: { queue: QUEUE, state: 'waiting' } }]);
  });

  test('a dead letter leaves the failed job as a record, which can not be retried', async () => {
    const { failed, letter } = await fail();
    expect((await act('discard', letter)).status).toBe(204);
    expect(await listJobs(app, `${QUEUE}.dead`)).toEqual([]);
    expect(await refusalOf(act('retry', failed))).toEqual([409, 'job_not_retryable']);
    expect(await refusalOf(act('retry', letter))).toEqual([409, 'job_not_retryable']);
  });

  test('a failed job throws its dead letter away too', async () => {
    const { failed } = await fail();
    expect((await act('discard', failed)).status).toBe(204);
    expect((await list()).items).toEqual([]);
  });
});

test('a job that is worked on, or done, is left alone; one that never was is not found', async () => {
  const id = await begin();
  for (const finish of [async () => {}, () => boss.complete(QUEUE, id)]) {
    await finish();
    expect(await refusalOf(act('retry', id))).toEqual([409, 'job_not_retryable']);
    expect(await refusalOf(act('discard', id))).toEqual([409, 'job_not_discardable']);
  }
  expect(await auditOf(id)).toEqual([]);
  for (const what of ['retry', 'discard'] as const) {
    expect(await refusalOf(act(what, crypto.randomUUID()))).toEqual([404, 'not_found']);
  }
});

describe('running a clean-up now', () => {
  test('is there for every job that is done by itself, for the recount, and for no other', async () => {
    const recurring = JOBS.filter((job) => 'everySeconds' in job).map(({ name }) => name);
    expect([...RecurringJob.options].sort()).toEqual([...recurring, 'community.recount'].sort());
    expect((await run(QUEUE)).status).toBe(400);
  });

  test('asked for by many at once is one job, and so it is while that waits', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => run(CLEAN_UP)));
    expect(tally(answers)).toEqual({ 202: 10 });
    const [job, ...more] = await listJobs(app, CLEAN_UP);
    expect([job?.state, job?.data, more]).toEqual(['created', {}, []]);
    expect(new Set(answers.map(({ body }) => body.jobId))).toEqual(new Set([job?.id]));
    expect((await admin.client.admin.jobs.run.mutate({ name: CLEAN_UP })).jobId).toBe(job?.id);
    expect(await auditOf(job!.id)).toEqual([{ action: 'jobs.run', details: { queue: CLEAN_UP } }]);
  });

  test('takes the one that waits for another try', async () => {
    const id = await send(CLEAN_UP, {}, 5);
    await boss.update(CLEAN_UP, undefined, { id, startAfter: 3_600 });
    expect((await run(CLEAN_UP)).body).toEqual({ jobId: id });
    expect((await boss.fetch(CLEAN_UP)).map((job) => job.id)).toEqual([id]);
    const next = (await run(CLEAN_UP)).body.jobId;
    expect(next).not.toBe(id);
  });

  test('deletes what is over, and the metrics tell so', async () => {
    const worker = await app.startReplica({ PROCESS: 'worker', METRICS_PORT: '0' });
    const expiresAt = new Date(app.clock.now().getTime() - 1);
    const token = { userId: admin.userId, purpose: 'activation' as const, expiresAt };
    await app.db.insertInto('oneTimeTokens').values(token).execute();
    expect((await run(CLEAN_UP)).status).toBe(202);
    await waitUntilDone(app, CLEAN_UP);
    expect(await app.db.selectFrom('oneTimeTokens').select('id').execute()).toEqual([]);
    const metrics = await (await fetch(worker.metricsUrl ?? '')).text();
    expect(metrics).toContain('cinema_clean_up_deleted_total{kind="one_time_tokens"} 1\n');
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
