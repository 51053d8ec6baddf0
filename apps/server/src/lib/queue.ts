import type { Db } from '@online-cinema/db/open';
import { fromKysely, PgBoss } from 'pg-boss';
import type { z } from 'zod';
import type { Log } from './log.ts';
import { noTracing, type Tracing } from './tracing.ts';

/** What a queue knows of a kind of job. */
export type QueuedJob<Data extends object = object> = {
  name: string;
  /** The shape of its data: ids only. */
  data: z.ZodType<Data>;
  /** How long one run may take, in whole seconds. Default 30. */
  deadlineSeconds?: number;
  /** How often a failed run is repeated before the job goes to its dead letter queue. Default 5. */
  retryLimit?: number;
};

/** A job that is in a queue, or in the dead letters of one. */
export type JobRef = { queue: string; id: string };

/** How many jobs a queue holds: those that wait, are worked on, failed for good, and lie in its dead letters. */
export type QueueCounts = { name: string; waiting: number; active: number; failed: number; dead: number };

/** Where features leave work for after the answer. What is given a transaction happens if and only if that commits. */
export type Queue = {
  /**
   * Puts a job in the queue inside the transaction that causes it, and gives its id. It begins after `delaySeconds`,
   * whole ones; absent: at once.
   */
  enqueue<Data extends object>(
    db: Db,
    job: QueuedJob<Data>,
    data: Data,
    options?: { delaySeconds?: number },
  ): Promise<string>;
  /** Lets a job that waits begin now. */
  hasten(db: Db, job: JobRef): Promise<void>;
  /** Makes a new job of a dead letter, in the queue it came from; `false` when somebody else is at it, or was. */
  redrive(db: Db, deadLetter: JobRef): Promise<boolean>;
  /** Removes jobs of one queue, whatever their state. */
  remove(db: Db, queue: string, ids: string[]): Promise<void>;
  /** Counts the jobs of every queue, as pg-boss has last done: some seconds ago. Its own queues are nobody's business. */
  count(): Promise<QueueCounts[]>;
};

/** How long a run may take when its job does not say. */
export const DEFAULT_DEADLINE_SECONDS = 30;
const DEFAULT_RETRY_LIMIT = 5;
const HEARTBEAT_SECONDS = 30;
const DEAD = '.dead';

/** Beside the data of a job: the `traceparent` of what enqueued it, where that is traced. */
export const CAUSE = 'traceparent';

/** Makes a queue whose jobs are sent through `boss`. */
export function createQueue(boss: PgBoss, tracing: Tracing = noTracing): Queue {
  return {
    async enqueue(db, job, data, { delaySeconds = 0 } = {}) {
      const cause = tracing.traceparent();
      const id = await boss.send(job.name, cause === undefined ? data : { ...data, [CAUSE]: cause }, {
        ...(delaySeconds > 0 && { startAfter: delaySeconds }),
        ...within(db),
      });
      // Only a queue that refuses duplicates gives none; ours take every job.
      if (id === null) throw new Error(`${job.name} took no job`);
      return id;
    },
    async hasten(db, { queue, id }) {
      await boss.update(queue, undefined, { id, startAfter: 0, ...within(db) });
    },
    redrive: async (db, { queue, id }) => (await boss.redrive(queue, { ids: [id], ...within(db) })) === 1,
    async remove(db, queue, ids) {
      await boss.deleteJob(queue, ids, within(db));
    },
    async count() {
      const queues = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]));
      return [...queues.values()]
        .filter(({ name }) => !name.endsWith(DEAD) && !name.startsWith('__pgboss'))
        .map(({ name, queuedCount, activeCount, failedCount }) => ({
          name,
          waiting: queuedCount,
          active: activeCount,
          failed: failedCount,
          dead: queues.get(deadLettersOf(name))?.queuedCount ?? 0,
        }))
        .sort((one, other) => (one.name < other.name ? -1 : 1));
    },
  };
}

/**
 * Makes pg-boss for one process. Only workers supervise and schedule; the schema is made by {@link installQueues}.
 *
 * A job whose worker was killed is noticed by its missing heartbeat and given to another.
 */
export function createBoss(options: { url: string; isWorker: boolean; poolSize: number; log: Log }): PgBoss {
  const boss = new PgBoss({
    connectionString: options.url,
    schema: 'boss',
    application_name: 'online-cinema-queue',
    max: options.poolSize,
    migrate: false,
    createSchema: false,
    supervise: options.isWorker,
    schedule: options.isWorker,
    useListenNotify: options.isWorker,
    superviseIntervalSeconds: 15,
    monitorIntervalSeconds: 15,
  });
  // Without a listener an error of a background task would end the process.
  boss.on('error', (error) => options.log.error({ err: error }, 'queue error'));
  boss.on('warning', (warning) => options.log.warn({ warning }, 'queue warning'));
  return boss;
}

/** Brings the queue's schema up to date and makes a queue, with its dead letter queue, for each kind of job. */
export async function installQueues(url: string, jobs: QueuedJob[], log: Log): Promise<void> {
  const boss = new PgBoss({ connectionString: url, schema: 'boss', max: 2, supervise: false, schedule: false });
  boss.on('error', (error) => log.error({ err: error }, 'queue error'));
  await boss.start();
  try {
    for (const job of jobs) {
      const options = {
        retryLimit: job.retryLimit ?? DEFAULT_RETRY_LIMIT,
        retryDelay: 2,
        retryBackoff: true,
        retryDelayMax: 600,
        // Longer than the handler's own deadline: a job is never run twice because it was slow.
        expireInSeconds: (job.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS) + 15,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        notify: true,
      };
      await boss.createQueue(deadLettersOf(job.name));
      await boss.createQueue(job.name, { ...options, deadLetter: deadLettersOf(job.name) });
      await boss.updateQueue(job.name, options);
    }
  } finally {
    await boss.stop({ graceful: true, timeout: 5_000 });
  }
}

/** The queue of the dead letters of a queue. */
export function deadLettersOf(queue: string): string {
  return `${queue}${DEAD}`;
}

/** The queue whose dead letters lie in this one; `null` when it is none for dead letters. */
export function queueOfDeadLetters(name: string): string | null {
  return name.endsWith(DEAD) ? name.slice(0, -DEAD.length) : null;
}

function within(db: Db): { db: ReturnType<typeof fromKysely> } {
  return { db: fromKysely(db.withoutPlugins()) };
}
