import { setTimeout } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import { createBoss } from '../lib/queue.ts';
import type { TestApp } from './app.ts';

/** A job as pg-boss keeps it. */
export type JobRow = { id: string; name: string; state: string; data: unknown; retryCount: number };

/** The jobs of queues in the order they came; those done too, for a while. */
export async function listJobs({ db }: Pick<TestApp, 'db'>, ...queues: string[]): Promise<JobRow[]> {
  // The queue's tables are not among ours, and the keys inside `data` must stay as they are.
  const plain = db.withoutPlugins() as unknown as Kysely<unknown>;
  const { rows } = await sql<JobRow>`
    select id, name, state::text as state, data, retry_count as "retryCount"
    from boss.job where name = any(${queues}) order by created_on, id`.execute(plain);
  return rows;
}

/** Waits until the worker has nothing left to do in these queues: what was not mailed by then never will be. */
export async function waitUntilDone(app: Pick<TestApp, 'db'>, ...queues: string[]): Promise<void> {
  for (;;) {
    // In one look: a job enqueues its successor before it is done.
    const jobs = await listJobs(app, ...queues);
    if (jobs.every(({ state }) => ['completed', 'failed', 'cancelled'].includes(state))) return;
    await setTimeout(50);
  }
}

/** Notices at once that whoever worked on the jobs under way is dead, as it is noticed after some time otherwise. */
export async function noticeDeadWorkers({ config, db, deps }: Pick<TestApp, 'config' | 'db' | 'deps'>): Promise<void> {
  await sql`update boss.job set heartbeat_on = '-infinity' where state = 'active'`.execute(db);
  await sql`update boss.queue set monitor_on = null`.execute(db);
  const boss = createBoss({ url: config.databaseUrl, isWorker: false, poolSize: 1, log: deps.log });
  await boss.start();
  try {
    await boss.supervise();
  } finally {
    await boss.stop({ graceful: false });
  }
}

/** Lets a job that failed, and waits for its next try, be tried now. */
export async function retryNow({ config, deps }: TestApp, job: JobRow): Promise<void> {
  const boss = createBoss({ url: config.databaseUrl, isWorker: false, poolSize: 1, log: deps.log });
  await boss.start();
  try {
    await boss.update({ name: job.name, options: { id: job.id, startAfter: 0 } });
  } finally {
    await boss.stop({ graceful: false });
  }
}
