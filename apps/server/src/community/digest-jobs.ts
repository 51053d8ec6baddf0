import { z } from 'zod';
import { defineJob } from '../job.ts';
import { sendDigests } from './digest.ts';

/** Puts the likes of each user, those not read since the last time, into one mail a day. */
export const digestJob = defineJob({
  name: 'notifications.digest',
  data: z.strictObject({}),
  everySeconds: () => 3_600,
  deadlineSeconds: 600,
  run: (deps, _data, signal) => sendDigests(deps, signal),
});
