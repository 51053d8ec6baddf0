import { z } from 'zod';
import { defineJob } from '../job.ts';
import { forgetStreams } from './streams.ts';

/** Deletes streams that ended without a word. */
export const streamsCleanUpJob = defineJob({
  name: 'playback.clean-up',
  data: z.strictObject({}),
  everySeconds: (config) => config.tokenCleanupSeconds,
  deadlineSeconds: 300,
  run: (deps, _data, signal) => forgetStreams(deps, signal),
});
