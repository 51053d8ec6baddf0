import type { MediaKind } from '@online-cinema/contract/media';
import type { Db } from '@online-cinema/db/open';
import { type Actor, audit } from '../audit.ts';
import { lockMovie } from '../catalogue/moderation-queries.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { RECOGNIZABLE_BYTES, recognizeVideo } from '../lib/video-container.ts';
import { prepareJob } from './jobs.ts';
import { partKeyOf, UPLOAD_FOLDER } from './parts.ts';
import { deleteAsset, insertAssetRow, lockAsset, updateAsset } from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';
import { assertRoom } from './room.ts';
import {
  countUnfinished,
  insertPart,
  insertUpload,
  lockUploads,
  type OpenUpload,
  selectCompleteUpload,
  selectOpenUpload,
  selectParts,
  setUploadExpiry,
} from './upload-queries.ts';

/** How long an upload waits for more bytes. */
const UPLOAD_LIFE_SECONDS = 86_400;
/** What a kill may cost: so much is kept in memory until it is stored. */
const PART_BYTES = 8 * 1_048_576;
/** A film of 20 GB in pieces of one megabyte; who sends crumbs would make more rows than bytes. */
const MOST_PARTS = 20_000;
/** Uploads that were begun and are not complete. */
const MOST_UNFINISHED = { own: 10, all: 50 };
/** One of them may be finished at any moment. */
const RETRY_AFTER_SECONDS = 60;

type Staff = NonNullable<Actor>;
type UploadDeps = Pick<Deps, 'db' | 'storage' | 'queue' | 'clock' | 'config'>;

/**
 * Begins an upload whose bytes come later, in one request or in many. `metadata` is what its sender said of it.
 *
 * @throws AppError `not_found`, `payload_too_large` also where there is no room, `too_many_requests` where too many are
 *   unfinished.
 */
export async function beginUpload(
  { db, storage, clock, config }: UploadDeps,
  { userId }: Staff,
  upload: { movieId: string; kind: MediaKind; originalName: string | null; sizeBytes: number; metadata: string },
): Promise<{ assetId: string; expiresAt: Date }> {
  const { movieId: ref, kind, originalName, sizeBytes, metadata: uploadMetadata } = upload;
  if (sizeBytes > config.mediaMaxBytes) throw new AppError('payload_too_large');
  const expiresAt = addSeconds(clock.now(), UPLOAD_LIFE_SECONDS);
  return await db.transaction().execute(async (trx) => {
    await lockUploads(trx);
    const unfinished = await countUnfinished(trx, userId, clock.now());
    if (unfinished.own >= MOST_UNFINISHED.own || unfinished.all >= MOST_UNFINISHED.all) throw tooManyUnfinished();
    await assertRoom(storage, unfinished.missingBytes + 2 * sizeBytes);
    const movieId = await lockMovie(trx, ref);
    if (movieId === undefined) throw new AppError('not_found');
    const folder = `media/${crypto.randomUUID()}`;
    const asset = { movieId, kind, folder, originalName, sizeBytes, uploadMetadata, progress: 0 };
    const assetId = await insertAssetRow(trx, { ...asset, status: 'uploading' });
    await insertUpload(trx, { assetId, begunBy: userId, expiresAt });
    return { assetId, expiresAt };
  });
}

/**
 * Tells how far an upload has come. One that is complete says so for as long as its film is there: whoever missed the
 * last answer need not begin again.
 *
 * @throws AppError `not_found`: it never was, or expired.
 */
export async function lookAtUpload(
  { db, clock }: UploadDeps,
  assetId: string,
): Promise<Pick<OpenUpload, 'receivedBytes' | 'sizeBytes' | 'metadata'> & { expiresAt: Date | null }> {
  const open = await selectOpenUpload(db, assetId, clock.now());
  if (open) return open;
  const complete = await selectCompleteUpload(db, assetId);
  if (!complete) throw new AppError('not_found');
  return { ...complete, receivedBytes: complete.sizeBytes, expiresAt: null };
}

/** Finds an upload that more bytes may be added to. @throws AppError `not_found`: it never was, is over or expired. */
async function findUpload({ db, clock }: UploadDeps, assetId: string): Promise<OpenUpload> {
  const upload = await selectOpenUpload(db, assetId, clock.now());
  if (!upload) throw new AppError('not_found');
  return upload;
}

/**
 * Adds bytes to an upload, as far as they come: what arrived before the connection broke is kept. With its last byte the
 * upload is complete, and the work on it begins.
 *
 * @returns how many bytes there are now, and until when the next may come.
 * @throws AppError `not_found`, `conflict` when the next byte is another one, `payload_too_large`, `unsupported_video`,
 *   `too_many_requests` when it came in too many pieces.
 */
export async function continueUpload(
  deps: UploadDeps,
  actor: Staff,
  {
    assetId,
    offset,
    read,
  }: { assetId: string; offset: number; read: (limitBytes: number) => AsyncIterable<Uint8Array> },
): Promise<Pick<OpenUpload, 'receivedBytes' | 'sizeBytes' | 'expiresAt'>> {
  const upload = await findUpload(deps, assetId);
  if (offset !== upload.receivedBytes) throw new AppError('conflict');
  if (upload.partCount >= MOST_PARTS) throw new AppError('too_many_requests');
  let { receivedBytes, expiresAt } = upload;
  for await (const bytes of inParts(read(upload.sizeBytes - receivedBytes))) {
    expiresAt = await keepPart(deps, actor, { upload, startBytes: receivedBytes, bytes });
    receivedBytes += bytes.length;
  }
  return { receivedBytes, sizeBytes: upload.sizeBytes, expiresAt };
}

function tooManyUnfinished(): AppError {
  const message = 'Too many uploads are unfinished. Finish one, or give one up.';
  return new AppError('too_many_requests', { issues: [{ path: [], message }], retryAfterSeconds: RETRY_AFTER_SECONDS });
}

/** Gives up an upload. @throws AppError `not_found`. */
export async function abandonUpload(deps: UploadDeps, actor: Staff, assetId: string): Promise<void> {
  const { movieId } = await findUpload(deps, assetId);
  await deps.db.transaction().execute(async (trx) => {
    await lockUpload(trx, assetId);
    await dropUpload(deps, trx, assetId);
    await audit(trx, { actor, action: 'media.delete', target: { kind: 'media', id: assetId }, details: { movieId } });
  });
}

async function keepPart(
  deps: UploadDeps,
  actor: Staff,
  { upload, startBytes, bytes }: { upload: OpenUpload; startBytes: number; bytes: Buffer },
): Promise<Date> {
  const { db, storage, queue, clock } = deps;
  const { assetId, movieId, sizeBytes } = upload;
  const isLast = startBytes + bytes.length === sizeBytes;
  // A sender of a few bytes at a time is found out when all are joined.
  if (startBytes === 0 && (isLast || bytes.length >= RECOGNIZABLE_BYTES) && !recognizeVideo(bytes)) {
    await db.transaction().execute(async (trx) => {
      await lockUpload(trx, assetId);
      // Somebody else has sent the beginning meanwhile: that one counts.
      if ((await selectParts(trx, assetId)).length > 0) throw new AppError('conflict');
      await dropUpload(deps, trx, assetId);
    });
    throw new AppError('unsupported_video');
  }
  const part = { id: crypto.randomUUID(), startBytes, sizeBytes: bytes.length };
  await storage.put(partKeyOf(assetId, part), bytes);
  const expiresAt = addSeconds(clock.now(), UPLOAD_LIFE_SECONDS);
  const refusal = await db.transaction().execute(async (trx) => {
    const asset = await lockAsset(trx, assetId);
    if (asset?.status !== 'uploading') return 'not_found';
    if (!(await insertPart(trx, assetId, part))) return 'conflict';
    await setUploadExpiry(trx, assetId, expiresAt);
    if (!isLast) return null;
    await updateAsset(trx, assetId, { status: 'processing', progress: 0 });
    await queue.enqueue(trx, prepareJob, { assetId });
    const details = { movieId, kind: asset.kind, bytes: sizeBytes };
    await audit(trx, { actor, action: 'media.upload', target: { kind: 'media', id: assetId }, details });
    return null;
  });
  if (refusal === null) return expiresAt;
  await storage.remove(partKeyOf(assetId, part));
  throw new AppError(refusal);
}

/** Keeps an upload from being completed. @throws AppError `not_found`: it has been, or was given up. */
async function lockUpload(trx: Db, assetId: string): Promise<void> {
  if ((await lockAsset(trx, assetId))?.status !== 'uploading') throw new AppError('not_found');
}

async function dropUpload({ queue }: UploadDeps, trx: Db, assetId: string): Promise<void> {
  await deleteAsset(trx, assetId);
  await queue.enqueue(trx, removeMediaJob, { keys: [`${UPLOAD_FOLDER}/${assetId}`] });
}

/** Cuts what arrives into parts. Where it breaks off, what is there comes as the last part, and then the error. */
async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  const flush = () => {
    const part = Buffer.concat(waiting);
    [waiting, length] = [[], 0];
    return part;
  };
  let broken: Error | undefined;
  try {
    for await (const chunk of content) {
      waiting.push(chunk);
      length += chunk.length;
      if (length >= PART_BYTES) yield flush();
    }
  } catch (error) {
    broken = error instanceof Error ? error : new Error('the sender broke off', { cause: error });
  }
  if (length > 0) yield flush();
  if (broken) throw broken;
}
