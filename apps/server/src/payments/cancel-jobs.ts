import { z } from 'zod';
import { defineJob } from '../job.ts';
import { cancelExpiredOrders } from './cancel.ts';

/** Cancels the orders that were not paid in time. */
export const expireOrdersJob = defineJob({
  name: 'orders.expire',
  data: z.strictObject({}),
  everySeconds: () => 60,
  deadlineSeconds: 300,
  run: (deps, _data, signal) => cancelExpiredOrders(deps, signal),
});
