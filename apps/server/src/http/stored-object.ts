import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { readBytes } from '../lib/bytes.ts';
import { etagOf } from '../lib/etag.ts';
import type { ReadAs, Storage } from '../lib/storage.ts';
import type { Meter } from '../playback/served.ts';
import { sendTagged } from './public-reads.ts';
import { sendBytes } from './stored-object-bytes.ts';
import { type FileState, weighRequest } from './stored-object-conditions.ts';

/** An object, what its answer says of itself, and how long the address it may be sent to can be kept. */
type StoredObject = Omit<ReadAs, 'method'> & { key: string; redirectCacheControl: string; meter?: Meter | null };

/**
 * Answers with an object of the storage: the bytes, whole or in ranges, of a file here; else the address to read it at,
 * which is good for `lifeSeconds`. `redirectCacheControl` says how long that address may be kept. A meter counts what is
 * sent; of an address, all it opens.
 *
 * @throws AppError `not_found` when the key can't be one, or there is no such file; `precondition_failed`,
 * `range_not_satisfiable`; what the meter throws.
 */
export async function sendStoredObject(
  request: FastifyRequest,
  reply: FastifyReply,
  storage: Storage,
  object: StoredObject,
): Promise<FastifyReply> {
  const { key, contentType, contentDisposition, cacheControl, redirectCacheControl, lifeSeconds, meter } = object;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  const location = await storage.locate(key, {
    method,
    contentType,
    cacheControl,
    lifeSeconds,
    ...(contentDisposition !== undefined && { contentDisposition }),
  });
  if (!location) throw new AppError('not_found');
  if ('url' in location) {
    // Whatever range is asked for: the address is good for others too.
    if (meter && method === 'GET') {
      await meter.count(meter.sizeBytes);
      await meter.end();
    }
    return reply.header('cache-control', redirectCacheControl).redirect(location.url, 302);
  }
  await using file = await openFile(join(location.root, location.path));
  if (!file) throw new AppError('not_found');
  return await sendFile(request, reply, file, object);
}

async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: OpenFile,
  { contentType, contentDisposition, cacheControl, meter }: StoredObject,
): Promise<FastifyReply> {
  const { handle, sizeBytes, etag, modifiedAt } = file;
  const verdict = weighRequest(request.method, request.headers, file);
  if (verdict.status === 412) throw new AppError('precondition_failed');
  if (verdict.status === 416) {
    reply.header('content-range', `bytes */${sizeBytes}`);
    throw new AppError('range_not_satisfiable');
  }
  reply.headers({ 'cache-control': cacheControl, etag, 'last-modified': modifiedAt.toUTCString() });
  // From here on without Fastify: it takes streams, and a stream has a new buffer for each piece.
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.statusCode = verdict.status;
  if (!('range' in verdict)) {
    raw.end();
    return reply;
  }
  const { start, end } = verdict.range;
  raw.setHeader('accept-ranges', 'bytes').setHeader('content-type', contentType);
  raw.setHeader('content-length', end + 1 - start);
  if (contentDisposition !== undefined) raw.setHeader('content-disposition', contentDisposition);
  if (verdict.status === 206) raw.setHeader('content-range', `bytes ${start}-${end}/${sizeBytes}`);
  if (request.method === 'HEAD') {
    raw.end();
    return reply;
  }
  try {
    await sendBytes(raw, handle, verdict.range, meter);
  } catch (error) {
    // The beginning is sent: all that can be told is that there is no more.
    raw.destroy();
    if (!(error instanceof AppError)) request.log.error({ err: error, requestId: request.id }, 'a file broke off');
  } finally {
    await meter?.end();
  }
  return reply;
}

type OpenFile = FileState & AsyncDisposable & { handle: FileHandle };

/** Opens a file; `null` when there is none. What is open stays what it is, whatever takes its name. */
async function openFile(path: string): Promise<OpenFile | null> {
  const handle = await open(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return null;
    throw error;
  });
  if (!handle) return null;
  const stats = await handle.stat({ bigint: true });
  if (!stats.isFile()) {
    await handle.close();
    return null;
  }
  const { size, mtime, mtimeNs, ino } = stats;
  return {
    handle,
    sizeBytes: Number(size),
    modifiedAt: mtime,
    etag: `"${[size, mtimeNs, ino].map((part) => part.toString(36)).join('-')}"`,
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/**
 * Answers with a text of the storage, a few hundred kilobytes at most, always from here.
 *
 * @throws AppError `not_found`.
 */
export async function sendStoredText(
  request: FastifyRequest,
  reply: FastifyReply,
  storage: Storage,
  object: StoredObject,
): Promise<FastifyReply> {
  const { key, contentType, cacheControl } = object;
  if (storage.origin === null) return await sendStoredObject(request, reply, storage, object);
  // Whole, whatever range is asked for: that is allowed, and a text is small.
  const body = await readBytes(storage.read(key));
  reply.header('cache-control', cacheControl);
  return sendTagged(request, reply, { body, etag: etagOf(body), contentType });
}

const REDIRECT_SECONDS = 3_600;

/**
 * Answers with a WebP picture whose address is its own, for everybody and for good.
 *
 * @throws AppError `not_found`.
 */
export async function sendStoredPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  storage: Storage,
  key: string,
): Promise<FastifyReply> {
  // Nobody needs a part of a picture this small.
  delete request.headers.range;
  return await sendStoredObject(request, reply, storage, {
    key,
    contentType: 'image/webp',
    cacheControl: 'public, max-age=31536000, immutable',
    // Who keeps the address that long still has as much time to follow it.
    redirectCacheControl: `public, max-age=${REDIRECT_SECONDS}`,
    lifeSeconds: 2 * REDIRECT_SECONDS,
  });
}
