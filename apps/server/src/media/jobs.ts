import { z } from 'zod';
import { defineJob, type Job } from '../job.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { cleanUpUploads } from './clean-up.ts';
import { UPLOAD_FOLDER } from './parts.ts';
import { prepareAsset } from './prepare.ts';
import { selectNamedMedia } from './queries.ts';
import { renderAsset } from './render.ts';
import { selectNamedParts } from './upload-queries.ts';

// A long film at its largest, on a slow machine. That a worker was killed is noticed within a minute all the same.
const LONGEST_WORK_SECONDS = 12 * 3_600;

const AssetJob = z.object({ assetId: z.uuid() });

/** Makes an uploaded film playable; one at a time in each process, so that the cinema is not slowed. */
export const prepareJob = defineJob({
  name: 'media.prepare',
  data: AssetJob,
  deadlineSeconds: LONGEST_WORK_SECONDS,
  // What is wrong with a file is not tried again, but each restart of a worker costs a try.
  retryLimit: 3,
  isAlone: true,
  async run(deps, { assetId }, signal) {
    await prepareAsset(deps, assetId, {
      signal,
      handOn: async (trx) => {
        await deps.queue.enqueue(trx, renderJob, { assetId });
      },
    });
  },
});

/** Makes one thing more of a film, and enqueues itself for the next; one at a time in each process. */
export const renderJob: Job<{ assetId: string }> = defineJob({
  name: 'media.render',
  data: AssetJob,
  deadlineSeconds: LONGEST_WORK_SECONDS,
  retryLimit: 3,
  isAlone: true,
  async run(deps, { assetId }, signal) {
    await renderAsset(deps, assetId, {
      signal,
      handOn: async (trx) => {
        await deps.queue.enqueue(trx, renderJob, { assetId });
      },
    });
  },
});

/** Ends uploads that were left, work that was lost, and removes what attempts and uploads left that were killed. */
export const uploadCleanUpJob = defineJob({
  name: 'media.clean-up',
  data: z.strictObject({}),
  everySeconds: () => 3_600,
  deadlineSeconds: 300,
  run: (deps, _data, signal) => cleanUpUploads(deps, signal),
});

/** Removes the objects no asset and no upload names. */
export const mediaSweepJob = defineJob({
  name: 'media.sweep',
  data: z.strictObject({}),
  everySeconds: () => 86_400,
  deadlineSeconds: 3_600,
  async run(deps, _data, signal) {
    const folders = [
      { folder: 'media', selectNamed: (keys: string[]) => selectNamedMedia(deps.db, keys) },
      { folder: UPLOAD_FOLDER, selectNamed: (keys: string[]) => selectNamedParts(deps.db, keys) },
    ];
    for (const each of folders) {
      const removed = await sweepOrphans(deps, each, signal);
      deps.metrics.countDeleted(each.folder, removed);
      if (removed > 0) deps.log.info({ removed, folder: each.folder }, 'objects swept');
    }
  },
});
