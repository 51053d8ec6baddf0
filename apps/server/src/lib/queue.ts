import type { Db } from '@online-cinema/db/open';
import { fromKysely, PgBoss } from 'pg-boss';
import type { z } from 'zod';
import type { Log } from './log.ts';

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

/** Where features leave work for after the answer. */
export type Queue = {
  /** Puts a job in the queue inside the transaction that causes it: it exists if and only if that commits. */
  enqueue<Data extends object>(db: Db, job: QueuedJob<Data>, data: Data): Promise<void>;
};

/** How long a run may take when its job does not say. */
export const DEFAULT_DEADLINE_SECONDS = 30;
const DEFAULT_RETRY_LIMIT = 5;
const HEARTBEAT_SECONDS = 30;

/** Makes a queue whose jobs are sent through `boss`. */
export function createQueue(boss: PgBoss): Queue {
  return {
    async enqueue(db, job, data) {
      await boss.send(job.name, data, { db: fromKysely(db.withoutPlugins()) });
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
      await boss.createQueue(deadLetterOf(job));
      await boss.createQueue(job.name, { ...options, deadLetter: deadLetterOf(job) });
      await boss.updateQueue(job.name, options);
    }
  } finally {
    await boss.stop({ graceful: true, timeout: 5_000 });
  }
}

function deadLetterOf(job: QueuedJob): string {
  return `${job.name}.dead`;
}
