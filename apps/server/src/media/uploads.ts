import { Readable } from 'node:stream';
import type { MediaKind } from '@online-cinema/contract/media';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Actor, audit } from '../audit.ts';
import { lockMovie } from '../catalogue/moderation-queries.ts';
import { selectMovieId } from '../catalogue/queries.ts';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import type { SentBytes } from '../lib/bytes.ts';
import { AppError } from '../lib/errors.ts';
import { RECOGNIZABLE_BYTES, recognizeVideo } from '../lib/video-container.ts';
import { prepareJob } from './jobs.ts';
import { fileOf, peek } from './parts.ts';
import { insertAssetRow, upsertFiles } from './queries.ts';
import { assertRoom } from './room.ts';

/** How a video may be sent, and how large it may be. What it is, its bytes say. */
export const MEDIA_BODY = {
  field: 'file',
  contentTypes: ['video/mp4', 'video/quicktime', 'video/x-matroska', 'video/webm', 'application/octet-stream'],
  limitBytes: (config: Config) => config.mediaMaxBytes,
  refusal: 'unsupported_video',
  isLong: true,
} as const;

/**
 * Keeps a video of a film and queues the work on it.
 *
 * @throws AppError `not_found`, `unsupported_video`, `payload_too_large`.
 */
export async function uploadMedia(
  { db, storage, queue }: Pick<Deps, 'db' | 'storage' | 'queue'>,
  actor: NonNullable<Actor>,
  { movieId: ref, kind, file: content }: { movieId: string; kind: MediaKind; file: SentBytes },
): Promise<{ assetId: string }> {
  // Asked again when the film is locked; here, so that nothing is stored for nothing.
  if ((await selectMovieId(db, ref)) === undefined) throw new AppError('not_found');
  await assertRoom(storage, content.announcedBytes ?? 0);
  const { start, all, close } = await peek(content, RECOGNIZABLE_BYTES);
  const container = recognizeVideo(start);
  if (!container) {
    await close();
    throw new AppError('unsupported_video');
  }
  const folder = `media/${crypto.randomUUID()}`;
  const { path } = fileOf(container, 0);
  const sizeBytes = await storage.put(`${folder}/${path}`, Readable.from(all)).catch(async (error: unknown) => {
    // The folder was made for this film; what went wrong is told, whatever goes wrong besides.
    await storage.remove(folder).catch(() => {});
    throw error;
  });
  return await inTransaction(db, async (trx) => {
    const movieId = await lockMovie(trx, ref);
    if (movieId === undefined) throw new AppError('not_found');
    const assetId = await insertAssetRow(trx, { movieId, kind, folder, sizeBytes, status: 'processing', progress: 0 });
    await upsertFiles(trx, assetId, [fileOf(container, sizeBytes)]);
    await queue.enqueue(trx, prepareJob, { assetId });
    const details = { movieId, kind, bytes: sizeBytes };
    await audit(trx, { actor, action: 'media.upload', target: { kind: 'media', id: assetId }, details });
    return { assetId };
  });
}
