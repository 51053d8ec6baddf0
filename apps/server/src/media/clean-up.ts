import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { UPLOAD_FOLDER } from './parts.ts';
import { sweepLeftovers } from './leftovers.ts';
import { failStaleAssets } from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';
import { deleteExpiredUploads } from './upload-queries.ts';
import { sweepWorkFolders } from './work-folder.ts';

const BATCH_SIZE = 100;
/** Longer than a job waits and works without a sign of life. */
const STALE_SECONDS = 2 * 86_400;

const LOST = 'Nothing has happened to this film for two days. Retry its job, or upload it again.';

/** Deletes the uploads nobody went on with, gives up films nobody works on, and removes what killed attempts left. */
export async function cleanUpUploads(
  deps: Pick<Deps, 'db' | 'storage' | 'queue' | 'clock' | 'config' | 'metrics' | 'log'>,
  signal: AbortSignal,
): Promise<void> {
  const { db, queue, metrics, log } = deps;
  const now = deps.clock.now();
  for (let found = BATCH_SIZE; found === BATCH_SIZE && !signal.aborted;) {
    found = await db.transaction().execute(async (trx) => {
      const ids = await deleteExpiredUploads(trx, now, BATCH_SIZE);
      if (ids.length > 0) {
        await queue.enqueue(trx, removeMediaJob, { keys: ids.map((id) => `${UPLOAD_FOLDER}/${id}`) });
      }
      return ids.length;
    });
    metrics.countDeleted('media_uploads', found);
  }
  const stale = await failStaleAssets(db, addSeconds(now, -STALE_SECONDS), LOST);
  if (stale.length > 0) log.warn({ stale }, 'the work on films was lost');
  const swept = await sweepWorkFolders(deps);
  if (swept > 0) log.info({ swept }, 'folders of killed attempts removed');
  const left = await sweepLeftovers(deps, signal);
  if (left > 0) log.info({ left }, 'what killed writers left was removed');
}
