import { z } from 'zod';
import { defineJob } from '../job.ts';

/** Removes objects, and all below them, that no asset names any more. */
export const removeMediaJob = defineJob({
  name: 'media.remove',
  data: z.object({ keys: z.array(z.string()).min(1) }),
  // A film has thousands of files; in a bucket each is a call.
  deadlineSeconds: 3_600,
  async run({ storage }, { keys }) {
    for (const key of keys) await storage.remove(key);
  },
});
