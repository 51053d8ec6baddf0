import type { Deps } from '../deps.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { deleteExport, selectExpiredExports, selectNamedExports } from './queries.ts';

const FOLDER = 'exports';
const BATCH_SIZE = 100;

type CleanUpDeps = Pick<Deps, 'db' | 'storage' | 'clock' | 'metrics'>;

/** Deletes the archives whose link is good no more: the object first, so that a row is left for what was not removed. */
export async function deleteExpiredExports(deps: CleanUpDeps, signal: AbortSignal): Promise<void> {
  const { db, storage, clock, metrics } = deps;
  const now = clock.now();
  while (!signal.aborted) {
    const expired = await selectExpiredExports(db, now, BATCH_SIZE);
    for (const { id, storageKey } of expired) {
      await storage.remove(storageKey);
      if (await deleteExport(db, id)) metrics.countDeleted('exports', 1);
    }
    if (expired.length < BATCH_SIZE) return;
  }
}

/** Removes the archives no row names. */
export async function sweepExports({ db, metrics, ...deps }: CleanUpDeps, signal: AbortSignal): Promise<void> {
  const selectNamed = (keys: string[]) => selectNamedExports(db, keys);
  metrics.countDeleted('orphaned_exports', await sweepOrphans(deps, { folder: FOLDER, selectNamed }, signal));
}
