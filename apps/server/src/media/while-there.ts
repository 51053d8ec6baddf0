import { inTransaction } from '@online-cinema/db/transaction';
import { HopelessError } from '../job.ts';
import { MediaFault } from '../lib/media-fault.ts';
import { UPLOAD_FOLDER } from './parts.ts';
import { noteFailure } from './progress.ts';
import { type AssetRow, hasAsset } from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';
import type { MediaDeps } from './run.ts';
import { NoRoom } from './work-folder.ts';

const LOOK_INTERVAL_MS = 2_000;

/**
 * Works on an asset for as long as it is there. When it is deleted, the signal ends the work, which is no failure, and
 * what it had stored goes too. What else goes wrong is told to moderators.
 *
 * @throws HopelessError when the film itself is at fault, so that no other try would end otherwise.
 */
export async function whileThere(
  deps: MediaDeps,
  { id, folder }: Pick<AssetRow, 'id' | 'folder'>,
  { signal, work }: { signal: AbortSignal; work: (signal: AbortSignal) => Promise<void> },
): Promise<void> {
  const { db, queue, log } = deps;
  const gone = new AbortController();
  const look = setInterval(() => {
    hasAsset(db, id).then(
      (isThere) => !isThere && gone.abort(new Error('the film was deleted')),
      (error: unknown) => log.warn({ err: error }, 'whether a film is still there is not known'),
    );
  }, LOOK_INTERVAL_MS);
  try {
    await work(AbortSignal.any([signal, gone.signal]));
  } catch (error) {
    // What went wrong is to be known, whatever goes wrong besides.
    if (await hasAsset(db, id).catch(() => true)) {
      await noteFailure(deps, id, error);
      throw isPermanent(error) ? new HopelessError(error.message, { cause: error }) : error;
    }
    // Whoever deleted it had removed what there was by then.
    await inTransaction(db, (trx) => queue.enqueue(trx, removeMediaJob, { keys: [folder, `${UPLOAD_FOLDER}/${id}`] }));
  } finally {
    clearInterval(look);
  }
}

function isPermanent(error: unknown): error is MediaFault {
  return error instanceof MediaFault && !(error instanceof NoRoom);
}
