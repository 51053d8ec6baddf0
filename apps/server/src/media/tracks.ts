import { randomBytes } from 'node:crypto';
import type { MediaTrack } from '@online-cinema/contract/media';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Actor, audit } from '../audit.ts';
import { selectAnyMovie } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { readBytes } from '../lib/bytes.ts';
import { AppError } from '../lib/errors.ts';
import { findVttFault } from '../lib/vtt.ts';
import { nameOfLanguage } from './languages.ts';
import {
  type AssetRow,
  deleteFile,
  lockAsset,
  selectAssetRow,
  selectTrack,
  upsertFiles,
  upsertTrack,
} from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';

/** How captions may be sent. */
export const TRACK_BODY = {
  field: 'file',
  contentTypes: ['text/vtt'],
  limitBytes: 1_000_000,
  refusal: 'unsupported_media_type',
} as const;

type Staff = NonNullable<Actor>;
type TrackRef = { movieId: string; assetId: string; language: string };

/**
 * Gives a video captions in a language, or other ones.
 *
 * @throws AppError `not_found`, `invalid_input` with the line where it is no WebVTT, `payload_too_large`.
 */
export async function addTrack(
  { db, storage, queue }: Pick<Deps, 'db' | 'storage' | 'queue'>,
  actor: Staff,
  { label: givenLabel, file, ...ref }: TrackRef & { label?: string | undefined; file: AsyncIterable<Uint8Array> },
): Promise<MediaTrack> {
  const content = await readBytes(file);
  const fault = findVttFault(content);
  if (fault !== null) throw new AppError('invalid_input', { issues: [{ path: ['file'], message: fault }] });
  const { assetId, language } = ref;
  const label = givenLabel ?? nameOfLanguage(language);
  const movieId = await movieIdOf(db, ref.movieId);
  const found = await selectAssetRow(db, assetId);
  if (found?.movieId !== movieId) throw new AppError('not_found');
  // A name of its own: of two at once each is whole, and who still reads the one before keeps it apart from this.
  const path = `tracks/${language}.${randomBytes(4).toString('hex')}.vtt`;
  const sizeBytes = await storage.put(`${found.folder}/${path}`, content);
  return await inTransaction(db, async (trx) => {
    const asset = await lockOwn(trx, assetId, movieId);
    const before = await selectTrack(trx, assetId, language);
    await upsertFiles(trx, assetId, [{ path, kind: 'track', contentType: 'text/vtt; charset=utf-8', sizeBytes }]);
    await upsertTrack(trx, assetId, { language, label, path });
    if (before) {
      await deleteFile(trx, assetId, before.path);
      await queue.enqueue(trx, removeMediaJob, { keys: [`${asset.folder}/${before.path}`] });
    }
    const details = { movieId, language };
    await audit(trx, { actor, action: 'media.addTrack', target: { kind: 'media', id: assetId }, details });
    return { language, label };
  });
}

/** Takes captions away. @throws AppError `not_found`. */
export async function deleteTrack(
  { db, queue }: Pick<Deps, 'db' | 'queue'>,
  actor: Staff,
  { assetId, language, ...ref }: TrackRef,
): Promise<void> {
  const movieId = await movieIdOf(db, ref.movieId);
  await inTransaction(db, async (trx) => {
    const asset = await lockOwn(trx, assetId, movieId);
    const track = await selectTrack(trx, assetId, language);
    if (!track) throw new AppError('not_found');
    await deleteFile(trx, assetId, track.path);
    await queue.enqueue(trx, removeMediaJob, { keys: [`${asset.folder}/${track.path}`] });
    const details = { movieId, language };
    await audit(trx, { actor, action: 'media.deleteTrack', target: { kind: 'media', id: assetId }, details });
  });
}

async function movieIdOf(db: Deps['db'], ref: string): Promise<string> {
  const movie = await selectAnyMovie(db, ref);
  if (!movie) throw new AppError('not_found');
  return movie.id;
}

async function lockOwn(trx: Parameters<typeof lockAsset>[0], assetId: string, movieId: string): Promise<AssetRow> {
  const asset = await lockAsset(trx, assetId, movieId);
  if (!asset) throw new AppError('not_found');
  return asset;
}
