import type { PgBoss } from 'pg-boss';
import type { Deps } from './deps.ts';
import type { Job } from './job.ts';
import { DEFAULT_DEADLINE_SECONDS } from './lib/queue.ts';

const BATCH_SIZE = 50;
const POLLING_SECONDS = 5;

/**
 * Starts working on every kind of job; each one of a batch succeeds or fails for itself. Those that come again and again
 * are put on the schedule.
 */
export async function startWorker(boss: PgBoss, deps: Deps, jobs: Job[]): Promise<void> {
  for (const job of jobs) {
    await boss.work(
      job.name,
      // NOTIFY wakes it for new jobs. Those that wait for another try, or whose notification was lost, are looked for.
      {
        // One batch that waits for somebody else does not hold up the next.
        localConcurrency: job.isAlone ? 1 : 2,
        batchSize: job.isAlone ? 1 : BATCH_SIZE,
        burstWhenBatchFull: true,
        pollingIntervalSeconds: POLLING_SECONDS,
        notifyPollingIntervalSeconds: POLLING_SECONDS,
        perJobResults: true,
      },
      async (batch) =>
        await Promise.all(
          batch.map(async ({ id, data }) => {
            const log = deps.log.child({ job: job.name, jobId: id });
            try {
              await runJob(job, deps, data);
              deps.metrics.countRun(job.name, 'done');
              return { id, status: 'completed' as const };
            } catch (error) {
              deps.metrics.countRun(job.name, 'failed');
              log.error({ err: error }, 'job failed');
              return { id, status: 'failed' as const, output: { message: describe(error) } };
            }
          }),
        ),
    );
    if (job.everySeconds) await boss.schedule(job.name, recurrenceOf(job.everySeconds(deps.config)), {});
  }
}

// RFC 5545. Counted from 1970, so that every worker means the same moments.
function recurrenceOf(seconds: number): string {
  return `FREQ=SECONDLY;INTERVAL=${seconds}`;
}

async function runJob(job: Job, deps: Deps, data: unknown): Promise<void> {
  const deadline = new AbortController();
  const seconds = job.deadlineSeconds ?? DEFAULT_DEADLINE_SECONDS;
  const timer = setTimeout(() => deadline.abort(new Error(`not done after ${seconds} s`)), seconds * 1000);
  try {
    await Promise.race([
      job.run(deps, job.data.parse(data), deadline.signal),
      new Promise<never>((_resolve, reject) => {
        deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason as Error), { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
