import { z } from 'zod';
import { defineJob } from '../job.ts';
import { reconcilePayments } from './reconcile.ts';
import { sweepPayments } from './sweep.ts';

/** Repairs what lost webhooks and lost answers have left open. */
export const reconcileJob = defineJob({
  name: 'payments.reconcile',
  data: z.strictObject({}),
  everySeconds: () => 300,
  deadlineSeconds: 280,
  // The next run comes soon.
  retryLimit: 0,
  run: (deps, _data, signal) => reconcilePayments(deps, signal),
});

/** Compares three days with the gateway's, once a day. */
export const sweepJob = defineJob({
  name: 'payments.sweep',
  data: z.strictObject({}),
  everySeconds: () => 86_400,
  deadlineSeconds: 1_800,
  retryLimit: 3,
  run: (deps, _data, signal) => sweepPayments(deps, signal),
});
