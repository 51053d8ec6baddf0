import type { Deps } from '../deps.ts';
import { MediaFault } from '../lib/media-fault.ts';
import { selectAssetRow, updateAsset } from './queries.ts';

const NOTE_INTERVAL_MS = 2_000;

/** Notes how far something has come, seldom enough for the database; `settle` waits until the last note is written. */
export type Progress = { note: (seconds: number) => void; settle: () => Promise<void> };

/** Follows ffmpeg through a film; `percentOf` makes of its seconds the percentage of the asset. */
export function followProgress(
  { db, log }: Pick<Deps, 'db' | 'log'>,
  assetId: string,
  percentOf: (seconds: number) => number,
): Progress {
  let notedAt = -NOTE_INTERVAL_MS;
  let writing = Promise.resolve();
  return {
    note(seconds) {
      if (performance.now() - notedAt < NOTE_INTERVAL_MS) return;
      notedAt = performance.now();
      const progress = Math.max(0, Math.min(99, Math.floor(percentOf(seconds))));
      writing = updateAsset(db, assetId, { progress }).catch((error: unknown) => {
        log.warn({ err: error }, 'progress was not noted');
      });
    },
    settle: () => writing,
  };
}

const BROKEN_OFF = 'The work on this film broke off. If it is not taken up again by itself, retry its job.';

/** Tells moderators what went wrong with an asset. What plays already goes on playing. */
export async function noteFailure({ db }: Pick<Deps, 'db'>, assetId: string, error: unknown): Promise<void> {
  const asset = await selectAssetRow(db, assetId);
  if (!asset) return;
  const sentence = error instanceof MediaFault ? error.message : BROKEN_OFF;
  await updateAsset(db, assetId, { ...(asset.status === 'processing' && { status: 'failed' }), error: sentence });
}
