import { inTransaction } from '@online-cinema/db/transaction';
import { Readable } from 'node:stream';
import type { Deps } from '../deps.ts';
import { MediaFault } from '../lib/media-fault.ts';
import { recognizeVideo, RECOGNIZABLE_BYTES, type VideoContainer } from '../lib/video-container.ts';
import { type AssetRow, lockPresent, type MediaFile, upsertFiles } from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';
import { deleteUpload, selectParts, type UploadPart } from './upload-queries.ts';

/** Where the parts of uploads lie. */
export const UPLOAD_FOLDER = 'uploads';

/** The object of a part. */
export function partKeyOf(assetId: string, part: Pick<UploadPart, 'id'>): string {
  return `${UPLOAD_FOLDER}/${assetId}/${part.id}`;
}

/** The file an upload becomes: an MP4 may be played as it is, others have to be made into one. */
export function fileOf(container: VideoContainer, sizeBytes: number): MediaFile {
  return container === 'mov'
    ? { path: 'movie.mp4', kind: 'mp4', contentType: 'video/mp4', sizeBytes }
    : { path: 'source', kind: 'source', contentType: 'video/x-matroska', sizeBytes };
}

/** Joins the parts of a complete upload to the asset's file. Nothing to do is fine. */
export async function joinParts(
  { db, storage, queue }: Pick<Deps, 'db' | 'storage' | 'queue'>,
  asset: Pick<AssetRow, 'id' | 'folder' | 'sizeBytes'>,
  signal: AbortSignal,
): Promise<void> {
  const parts = await selectParts(db, asset.id);
  if (parts.length === 0) return;
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      signal.throwIfAborted();
      yield* storage.read(partKeyOf(asset.id, part));
    }
  }
  const { start, all, close } = await peek(bytes(), RECOGNIZABLE_BYTES);
  const container = recognizeVideo(start);
  if (!container) {
    await close();
    throw new MediaFault('This is no video.');
  }
  const file = fileOf(container, asset.sizeBytes);
  const written = await storage.put(`${asset.folder}/${file.path}`, Readable.from(all));
  if (written !== asset.sizeBytes) throw new Error(`${written} of ${asset.sizeBytes} bytes were joined`);
  await inTransaction(db, async (trx) => {
    await lockPresent(trx, asset.id);
    if (await deleteUpload(trx, asset.id)) {
      await upsertFiles(trx, asset.id, [file]);
      await queue.enqueue(trx, removeMediaJob, { keys: [`${UPLOAD_FOLDER}/${asset.id}`] });
    }
  });
}

/** Looks at the first bytes of what is read; `all` still has them. Who does not read it must `close` it. */
export async function peek(
  content: AsyncIterable<Uint8Array>,
  byteCount: number,
): Promise<{ start: Buffer; all: AsyncGenerator<Uint8Array>; close: () => Promise<void> }> {
  const iterator = content[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  let isOver = false;
  while (!isOver && start.length < byteCount) {
    const next = await iterator.next();
    if (next.done) isOver = true;
    else start = Buffer.concat([start, next.value]);
  }
  const close = async () => {
    await iterator.return?.();
  };
  async function* rest(): AsyncGenerator<Uint8Array> {
    try {
      yield start;
      if (!isOver) yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await close();
    }
  }
  // What was not begun to be read runs no `finally` when it is returned.
  return { start: start.subarray(0, byteCount), all: rest(), close };
}
