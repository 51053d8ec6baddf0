import type { Deps } from '../deps.ts';
import { deleteExport, selectExpiredExports, selectNamedExports } from './queries.ts';

const FOLDER = 'exports';
const BATCH_SIZE = 100;
const ORPHAN_AGE_MS = 86_400_000;

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

/** Removes the archives no row names, when they are older than a day: a younger one may be in the making. */
export async function sweepExports({ db, storage, clock, metrics }: CleanUpDeps, signal: AbortSignal): Promise<void> {
  const bornBefore = new Date(clock.now().getTime() - ORPHAN_AGE_MS);
  let batch: string[] = [];
  const sweep = async () => {
    if (batch.length === 0) return;
    const named = await selectNamedExports(db, batch);
    for (const key of batch.filter((each) => !named.has(each))) {
      await storage.remove(key);
      metrics.countDeleted('orphaned_exports', 1);
    }
    batch = [];
  };
  for await (const { key, modifiedAt } of storage.list(FOLDER)) {
    if (signal.aborted) return;
    if (modifiedAt < bornBefore) batch.push(key);
    if (batch.length >= BATCH_SIZE) await sweep();
  }
  await sweep();
}
