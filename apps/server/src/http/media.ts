import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { toProblem, toProblemBody } from '../lib/problems.ts';
import { isUuid } from '../lib/uuid.ts';
import { openGrantedFile } from '../playback/service.ts';

/** `GET /media/{grant}/{assetId}/{file}`: the bytes of a film, whole or in ranges, to whoever holds a good grant. */
export async function mountMedia(app: FastifyInstance, options: { deps: Deps }): Promise<void> {
  const { deps } = options;
  app.setErrorHandler(async (error: { statusCode?: number; headers?: Record<string, string> }, request, reply) => {
    if (error.statusCode !== 416) throw error;
    const problem = { ...toProblem(new AppError('range_not_satisfiable')), status: 416 };
    return reply
      .code(416)
      .headers(error.headers ?? {})
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(toProblemBody(problem, request.id)));
  });
  app.get('/:grant/:assetId/:file', async (request, reply) => {
    const { grant, assetId, file } = request.params as { grant: string; assetId: string; file: string };
    if (!isUuid(assetId)) throw new AppError('not_found');
    const granted = await openGrantedFile(deps, { grant, assetId, fileName: file });
    const location = deps.storage.locate(granted.key);
    if (!location) throw new AppError('not_found');
    reply.header('content-type', granted.contentType);
    // The grant is the caller's own: no shared cache may keep what it opened.
    reply.header('cache-control', 'private, max-age=3600');
    return reply.sendFile(location.path, location.root, { cacheControl: false, contentType: false });
  });
}
