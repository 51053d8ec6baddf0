import type { MediaAsset } from '@online-cinema/contract/media';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Actor, audit } from '../audit.ts';
import { selectAnyMovie } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { UPLOAD_FOLDER } from './parts.ts';
import { deleteAsset, lockAsset, selectAssets } from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';

/** Lists the videos of a film, newest first, with how far the work on each has come. @throws AppError `not_found`. */
export async function listMedia({ db }: Pick<Deps, 'db'>, ref: string): Promise<{ items: MediaAsset[] }> {
  const movie = await selectAnyMovie(db, ref);
  if (!movie) throw new AppError('not_found');
  const rows = await selectAssets(db, movie.id);
  return {
    items: rows.map(({ id, kind, status, error, originalName, sizeBytes, files, tracks, createdAt, ...row }) => ({
      id,
      kind,
      status,
      progress: status === 'uploading' ? percentOf(row.receivedBytes ?? 0, sizeBytes) : row.progress,
      error,
      originalName,
      sizeBytes,
      probe: {
        duration: row.durationSeconds,
        width: row.width,
        height: row.height,
        videoCodec: row.videoCodec,
        audioCodec: row.audioCodec,
        bitrate: row.bitrate,
      },
      files,
      tracks,
      createdAt,
    })),
  };
}

/** Takes a video away from its film; its files follow. @throws AppError `not_found`. */
export async function deleteMedia(
  { db, queue }: Pick<Deps, 'db' | 'queue'>,
  actor: NonNullable<Actor>,
  { movieId: ref, assetId }: { movieId: string; assetId: string },
): Promise<void> {
  const movie = await selectAnyMovie(db, ref);
  if (!movie) throw new AppError('not_found');
  await inTransaction(db, async (trx) => {
    const asset = await lockAsset(trx, assetId, movie.id);
    if (!asset) throw new AppError('not_found');
    await deleteAsset(trx, assetId);
    await queue.enqueue(trx, removeMediaJob, { keys: [asset.folder, `${UPLOAD_FOLDER}/${assetId}`] });
    const details = { movieId: movie.id, kind: asset.kind };
    await audit(trx, { actor, action: 'media.delete', target: { kind: 'media', id: assetId }, details });
  });
}

function percentOf(part: number, whole: number): number {
  return Math.min(100, Math.floor((100 * part) / whole));
}
