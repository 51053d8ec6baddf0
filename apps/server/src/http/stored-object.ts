import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { readBytes } from '../lib/bytes.ts';
import { etagOf } from '../lib/etag.ts';
import type { ReadAs, Storage } from '../lib/storage.ts';
import { sendTagged } from './public-reads.ts';

/** An object, what its answer says of itself, and how long the address it may be sent to can be kept. */
type StoredObject = Omit<ReadAs, 'method'> & { key: string; redirectCacheControl: string };

/**
 * Answers with an object of the storage: the bytes, whole or in ranges, of a file here; else the address to read it at,
 * which is good for `lifeSeconds`. `redirectCacheControl` says how long that address may be kept.
 *
 * @throws AppError `not_found` when the key can't be one, or there is no such file.
 */
export async function sendStoredObject(
  request: FastifyRequest,
  reply: FastifyReply,
  storage: Storage,
  object: StoredObject,
): Promise<FastifyReply> {
  const { key, contentType, contentDisposition, cacheControl, redirectCacheControl, lifeSeconds } = object;
  const method = request.method === 'HEAD' ? 'HEAD' : 'GET';
  const location = await storage.locate(key, {
    method,
    contentType,
    cacheControl,
    lifeSeconds,
    ...(contentDisposition !== undefined && { contentDisposition }),
  });
  if (!location) throw new AppError('not_found');
  if ('url' in location) return reply.header('cache-control', redirectCacheControl).redirect(location.url, 302);
  request.raw.headers.range = await readRange(request.headers.range, join(location.root, location.path));
  reply.header('content-type', contentType);
  reply.header('cache-control', cacheControl);
  if (contentDisposition !== undefined) reply.header('content-disposition', contentDisposition);
  return reply.sendFile(location.path, location.root, { cacheControl: false, contentType: false });
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

/**
 * Gives a `Range` header as the file server understands it; nothing, so that the whole is sent, when it is none or several.
 * The server takes `bytes=1` for a range and refuses the last thousand bytes of a hundred; RFC 9110 14.1.2 says otherwise.
 */
async function readRange(header: string | undefined, path: string): Promise<string | undefined> {
  const [range, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? '') ?? [];
  if (range === undefined || (first === '' && last === '')) return undefined;
  if (first !== '' || Number(last) === 0) return range;
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return `bytes=${Math.max(0, size - Number(last))}-`;
}
