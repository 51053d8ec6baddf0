import type { z } from 'zod';
import type { Deps } from './deps.ts';

/**
 * A kind of work done after the answer: its queue's name, the shape of its data (ids only), and what it does.
 *
 * It may run twice, so `run` reads fresh rows and is safe to repeat. It must end before `deadlineSeconds`, and hears of
 * that through `signal`.
 */
export type Job<Data extends object = object> = {
  name: string;
  data: z.ZodType<Data>;
  run(deps: Deps, data: Data, signal: AbortSignal): Promise<void>;
  /** How long one run may take. Default 30. */
  deadlineSeconds?: number;
  /** How often a failed run is repeated before the job goes to its dead letter queue. Default 5. */
  retryLimit?: number;
};

export function defineJob<Data extends object>(job: Job<Data>): Job<Data> {
  return job;
}
