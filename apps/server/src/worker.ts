import type { PgBoss } from 'pg-boss';
import type { Deps } from './deps.ts';
import { HopelessError, type Job } from './job.ts';
import { CAUSE, DEFAULT_DEADLINE_SECONDS } from './lib/queue.ts';
import { inSpan } from './lib/tracing.ts';

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
          batch.map(async ({ id, data, retryCount }) => {
            const log = deps.log.child({ job: job.name, jobId: id });
            const begunMs = performance.now();
            const secondsTaken = () => (performance.now() - begunMs) / 1_000;
            try {
              await traceJob(job, deps, { id, data: data as Given });
              deps.metrics.countRun(job.name, 'done', secondsTaken());
              // Not when the slowest of the batch is done: who is killed meanwhile would leave all of it to be repeated.
              // What can't be written now is written with the batch.
              if (batch.length > 1) await boss.complete(job.name, { id, retryCount }).catch(() => {});
              return { id, status: 'completed' as const };
            } catch (error) {
              deps.metrics.countRun(job.name, 'failed', secondsTaken());
              log.error({ err: error }, 'job failed');
              const status = error instanceof HopelessError ? ('deadletter' as const) : ('failed' as const);
              return { id, status, output: { message: describe(error) } };
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

// In a trace of its own, which may begin long after the one that caused it.
async function traceJob(job: Job, deps: Deps, { id, data }: { id: string; data: Given }): Promise<void> {
  const { [CAUSE]: cause, ...own } = data ?? {};
  const start = {
    name: `process ${job.name}`,
    kind: 'consumer' as const,
    cause: typeof cause === 'string' ? cause : undefined,
    attributes: {
      'messaging.system': 'pgboss',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': job.name,
      'messaging.message.id': id,
    },
  };
  await inSpan(deps.tracing, start, async () => await runJob(job, deps, own));
}

type Given = Record<string, unknown> | null | undefined;

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
