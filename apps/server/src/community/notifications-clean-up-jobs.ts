import { z } from 'zod';
import { defineJob } from '../job.ts';
import { cleanUpNotifications } from './notifications-clean-up.ts';

/** Deletes old notifications. */
export const notificationsCleanUpJob = defineJob({
  name: 'notifications.clean-up',
  data: z.strictObject({}),
  everySeconds: () => 86_400,
  deadlineSeconds: 600,
  run: (deps, _data, signal) => cleanUpNotifications(deps, signal),
});
