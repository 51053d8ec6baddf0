import { z } from 'zod';
import { defineJob } from '../job.ts';
import { cleanUpAccounts } from './clean-up.ts';

/** Deletes expired links and sessions. */
export const accountsCleanUpJob = defineJob({
  name: 'accounts.clean-up',
  data: z.strictObject({}),
  everySeconds: (config) => config.tokenCleanupSeconds,
  deadlineSeconds: 300,
  run: (deps, _data, signal) => cleanUpAccounts(deps, signal),
});
