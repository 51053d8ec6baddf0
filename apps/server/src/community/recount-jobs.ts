import { z } from 'zod';
import { defineJob } from '../job.ts';
import { recount } from './recount.ts';

/** Makes every counter of what viewers do and say right again. It never should have to: only an admin asks for it. */
export const recountJob = defineJob({
  name: 'community.recount',
  data: z.strictObject({}),
  deadlineSeconds: 3_000,
  async run({ db, log }, _data, signal) {
    const corrected = await recount(db, signal);
    if (corrected.movies + corrected.comments > 0) log.warn(corrected, 'counters were wrong and are put right');
  },
});
