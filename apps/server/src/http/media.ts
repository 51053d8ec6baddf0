import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { isUuid } from '../lib/uuid.ts';
import { openGrantedFile } from '../playback/service.ts';
import { sendProblem } from './problem-reply.ts';
import { sendStoredObject } from './stored-object.ts';

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
    // Players that stopped reading ask again where they were; a file is not kept open for them.
    request.raw.socket.setTimeout(STALLED_READER_TIMEOUT_MS);
    return await sendStoredObject(request, reply, deps.storage, {
      ...granted,
      // The grant is the caller's own: no shared cache may keep what it opened.
      cacheControl: 'private, max-age=3600',
      redirectCacheControl: 'no-store',
    });
  });
}
