import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { isUuid } from '../lib/uuid.ts';
import { openGrantedFile } from '../playback/service.ts';
import { sendProblem } from './problem-reply.ts';

// A socket whose reader takes nothing is noticed at the second look.
const STALLED_READER_TIMEOUT_MS = 15_000;

/** `GET /media/{grant}/{assetId}/{file}`: the bytes of a film, whole or in ranges, to whoever holds a good grant. */
export async function mountMedia(app: FastifyInstance, options: { deps: Deps }): Promise<void> {
  const { deps } = options;
  app.setErrorHandler(
    async (error: Error & { statusCode?: number; headers?: Record<string, string> }, _request, reply) => {
      if (error.statusCode !== 416) throw error;
      return sendProblem(reply.headers(error.headers ?? {}), new AppError('range_not_satisfiable'));
    },
  );
  app.get('/:grant/:assetId/:file', async (request, reply) => {
    const { grant, assetId, file } = request.params as { grant: string; assetId: string; file: string };
    if (!isUuid(assetId)) throw new AppError('not_found');
    const granted = await openGrantedFile(deps, { grant, assetId, fileName: file });
    const location = deps.storage.locate(granted.key);
    if (!location) throw new AppError('not_found');
    // Players that stopped reading ask again where they were; a file is not kept open for them.
    request.raw.socket.setTimeout(STALLED_READER_TIMEOUT_MS);
    request.raw.headers.range = await readRange(request.headers.range, join(location.root, location.path));
    reply.header('content-type', granted.contentType);
    // The grant is the caller's own: no shared cache may keep what it opened.
    reply.header('cache-control', 'private, max-age=3600');
    return reply.sendFile(location.path, location.root, { cacheControl: false, contentType: false });
  });
}

/**
 * Gives a `Range` header as the file server understands it; nothing, so that the whole is sent, when it is none or
 * several. The server takes `bytes=1` for a range and refuses the last thousand bytes of a hundred; RFC 9110 14.1.2
 * says otherwise.
 */
async function readRange(header: string | undefined, path: string): Promise<string | undefined> {
  const [range, first, last] = /^bytes=(\d*)-(\d*)$/i.exec(header ?? '') ?? [];
  if (range === undefined || (first === '' && last === '')) return undefined;
  if (first !== '' || Number(last) === 0) return range;
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  return `bytes=${Math.max(0, size - Number(last))}-`;
}
