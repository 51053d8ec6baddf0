import { z } from 'zod';
import { defineJob } from '../job.ts';
import { finishRefund } from './finish-refund.ts';

/** Makes a refund at the gateway. What it can't do in all its tries, the reconciler goes on with. */
export const refundJob = defineJob({
  name: 'payments.refund',
  data: z.object({ refundId: z.uuid() }),
  // Two calls, and Stripe may take 15 s for each, three times.
  deadlineSeconds: 110,
  retryLimit: 10,
  run: (deps, { refundId }) => finishRefund(deps, refundId),
});
