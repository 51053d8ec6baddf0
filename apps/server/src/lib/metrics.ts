import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Log } from './log.ts';
import type { QueueCounts } from './queue.ts';

/** What one process counts and measures, for Prometheus. */
export type Metrics = {
  /** Notes how long a request took. `route` is its pattern, never its path: paths are without number, and hold secrets. */
  observeRequest(request: { route: string; method: string; status: number; seconds: number }): void;
  /** Counts one run of a job, and notes how long it took. */
  countRun(queue: string, outcome: 'done' | 'failed', seconds: number): void;
  /** Counts what a clean-up has deleted, by kind: `sessions`, `exports`. */
  countDeleted(kind: string, count: number): void;
  /** Counts what a person must look at, by kind: `needs_review`, `refund_failed`. */
  countPaymentAlert(alert: string): void;
  /** Counts a read that may be a moment old, by who answered it. */
  countReplicaRead(from: 'replica' | 'primary'): void;
  countUnhandledRejection(): void;
  /** Everything as a scrape reads it. */
  expose(): Promise<{ contentType: string; text: string }>;
};

const QUEUES_TIMEOUT_MS = 3_000;

/** Makes the metrics of a process; those of Node itself too when `withProcess` says so. */
export function createMetrics(options: {
  readQueues: () => Promise<QueueCounts[]>;
  withProcess: boolean;
  log: Log;
}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  if (options.withProcess) collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'cinema_http_request_duration_seconds',
    help: 'How long requests took, from their headers to the last byte of the answer.',
    labelNames: ['route', 'method', 'status'],
    registers,
  });
  const runs = new Counter({
    name: 'cinema_job_runs_total',
    help: 'Runs of jobs; one that failed may be tried again.',
    labelNames: ['queue', 'outcome'],
    registers,
  });
  const runSeconds = new Histogram({
    name: 'cinema_job_run_duration_seconds',
    help: 'How long runs of jobs took.',
    labelNames: ['queue'],
    // From a mail to a film that is converted.
    buckets: [0.01, 0.1, 1, 10, 60, 600, 3_600, 14_400],
    registers,
  });
  const deleted = new Counter({
    name: 'cinema_clean_up_deleted_total',
    help: 'What clean-up jobs have deleted.',
    labelNames: ['kind'],
    registers,
  });
  const rejections = new Counter({
    name: 'cinema_unhandled_rejections_total',
    help: 'Promises that failed and that nobody waited for: each one is a fault of the program.',
    registers,
  });
  const paymentAlerts = new Counter({
    name: 'cinema_payment_alerts_total',
    help: 'Payments and refunds that a person must look at; the log says which.',
    labelNames: ['alert'],
    registers,
  });
  const replicaReads = new Counter({
    name: 'cinema_replica_reads_total',
    help: 'Reads for the replica, where one is set, by who answered them: the primary does while it is away or late.',
    labelNames: ['from'],
    registers,
  });
  exposeQueues(registry, options);

  return {
    observeRequest({ route, method, status, seconds }) {
      requests.observe({ route, method, status }, seconds);
    },
    countRun(queue, outcome, seconds) {
      runs.inc({ queue, outcome });
      runSeconds.observe({ queue }, seconds);
    },
    countDeleted: (kind, count) => deleted.inc({ kind }, count),
    countPaymentAlert: (alert) => paymentAlerts.inc({ alert }),
    countReplicaRead: (from) => replicaReads.inc({ from }),
    countUnhandledRejection: () => rejections.inc(),
    expose: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function exposeQueues(registry: Registry, { readQueues, log }: { readQueues: () => Promise<QueueCounts[]>; log: Log }) {
  const jobs = new Gauge({
    name: 'cinema_queue_jobs',
    help: 'Jobs by queue: those that wait, are worked on, failed for good, and lie in its dead letters.',
    labelNames: ['queue', 'state'],
    registers: [registry],
    async collect() {
      this.reset();
      const queues = await inTime(readQueues()).catch((error: unknown) => {
        // The rest is worth most when the database is away.
        log.warn({ err: error }, 'the queues could not be counted');
        return [];
      });
      for (const { name, waiting, active, failed, dead } of queues) {
        jobs.set({ queue: name, state: 'queued' }, waiting);
        jobs.set({ queue: name, state: 'active' }, active);
        jobs.set({ queue: name, state: 'failed' }, failed);
        jobs.set({ queue: name, state: 'dead' }, dead);
      }
    },
  });
}

async function inTime<Value>(counts: Promise<Value>): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('the database does not answer')), QUEUES_TIMEOUT_MS);
  return await Promise.race([counts, late]).finally(() => clearTimeout(timer));
}
