import type { Config } from './config.ts';
import type { Deps } from './deps.ts';
import type { QueuedJob } from './lib/queue.ts';

/**
 * A kind of work done after the answer: its queue, and what it does.
 *
 * It may run twice, so `run` reads fresh rows and is safe to repeat. It must end before `deadlineSeconds`, and hears of
 * that through `signal`.
 */
export type Job<Data extends object = object> = QueuedJob<Data> & {
  /**
   * How often it is done by itself, in whole seconds, 60 or more; its data are then `{}`. Absent: only when somebody
   * enqueues it. However many workers there are, it is enqueued once each time.
   */
  everySeconds?(config: Config): number;
  /** A process works on one of its kind at a time: it takes much of the machine. */
  isAlone?: true;
  run(deps: Deps, data: Data, signal: AbortSignal): Promise<void>;
};

/** Ends a run whose job can't be done by trying again: it lies in the dead letters at once. */
export class HopelessError extends Error {}

/** Gives a job back as it is; only its types are worked out: `run` gets what `data` describes. */
export function defineJob<Data extends object>(job: Job<Data>): Job<Data> {
  return job;
}
