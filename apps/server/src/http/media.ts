import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { isUuid } from '../lib/uuid.ts';
import { openGrantedFile } from '../playback/granted-file.ts';
import { sendProblem } from './problem-reply.ts';
import { sendStoredObject, sendStoredText } from './stored-object.ts';

/** `GET /media/{grant}/{assetId}/{path}`: the files of a film, whole or in ranges, to whoever holds a good grant. */
export async function mountMedia(app: FastifyInstance, options: { deps: Deps }): Promise<void> {
  const { deps } = options;
  app.get('/:grant/:assetId/*', async (request, reply) => {
    const { grant, assetId } = request.params as { grant: string; assetId: string };
    if (!isUuid(assetId)) throw new AppError('not_found');
    const granted = await openGrantedFile(deps, { grant, assetId, path: pathOf(request) });
    // The grant is the caller's own: no shared cache may keep what it opened.
    const file = { ...granted, cacheControl: 'private, max-age=3600', redirectCacheControl: 'no-store' };
    if (refersToOthers(granted.contentType)) return await sendStoredText(request, reply, deps.storage, file);
    return await sendStoredObject(request, reply, deps.storage, file);
  });
  // The hook that refuses other methods knows no wildcards.
  app.route({
    method: ['POST', 'PUT', 'PATCH', 'DELETE'],
    url: '/:grant/:assetId/*',
    onRequest: async (_request, reply) =>
      sendProblem(reply.header('allow', 'GET, HEAD'), new AppError('method_not_allowed')),
    handler: async () => {},
  });
}

/** The path below the asset's folder, as it was sent: a file has one spelling, without anything to decode. */
function pathOf({ url }: FastifyRequest): string {
  const [path = ''] = url.split('?');
  return path.split('/').slice(4).join('/');
}

/** Playlists and storyboards name files beside them: at an address elsewhere, they would name what is not there. */
function refersToOthers(contentType: string): boolean {
  return /^(application\/vnd\.apple\.mpegurl|text\/vtt)\b/i.test(contentType);
}
