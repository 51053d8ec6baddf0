import { masterPlaylist } from './ladder.ts';
import { type AssetRow, lockPresent, type MadeRung, selectRungs, upsertFiles } from './queries.ts';
import type { MediaDeps } from './run.ts';

/** The master playlist of an asset. */
const MASTER_PATH = 'hls/master.m3u8';

/**
 * Writes the master playlist of the rungs there are, and names it. Of two who write it at once, each looks whether a rung
 * has come since, so that the last to write knows all of them.
 */
export async function publishLadder(
  { db, storage }: Pick<MediaDeps, 'db' | 'storage'>,
  { id, folder }: Pick<AssetRow, 'id' | 'folder'>,
): Promise<void> {
  let rungs = await selectRungs(db, id);
  while (rungs.length > 0) {
    const sizeBytes = await storage.put(`${folder}/${MASTER_PATH}`, Buffer.from(masterPlaylist(rungs)));
    const file = { path: MASTER_PATH, kind: 'hls' as const, contentType: 'application/vnd.apple.mpegurl', sizeBytes };
    const written = rungs;
    const isWhole = await db.transaction().execute(async (trx) => {
      await lockPresent(trx, id);
      rungs = await selectRungs(trx, id);
      if (!areSame(rungs, written)) return false;
      await upsertFiles(trx, id, [file]);
      return true;
    });
    if (isWhole) return;
  }
}

function areSame(some: readonly MadeRung[], others: readonly MadeRung[]): boolean {
  return masterPlaylist(some) === masterPlaylist(others);
}
