import { z } from 'zod';
import { defineJob } from '../job.ts';
import { sweepAvatars } from './avatar.ts';

/** Removes the avatars nobody has: their accounts are gone, or what replaced them could not remove them. */
export const avatarSweepJob = defineJob({
  name: 'accounts.sweep-avatars',
  data: z.strictObject({}),
  everySeconds: () => 86_400,
  deadlineSeconds: 600,
  async run(deps, _data, signal) {
    const removed = await sweepAvatars(deps, signal);
    deps.metrics.countDeleted('avatars', removed);
    if (removed > 0) deps.log.info({ removed }, 'avatars swept');
  },
});
