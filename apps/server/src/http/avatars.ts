import type { FastifyInstance } from 'fastify';
import { avatarKeyOf } from '../accounts/avatar.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { sendStoredObject } from './stored-object.ts';

const FILE_NAME = /^[0-9a-f-]{36}\.webp$/;
const REDIRECT_SECONDS = 3_600;

/** `GET /avatars/{file}`: a picture at an address of its own, for everybody and for good. */
export async function mountAvatars(app: FastifyInstance, options: { deps: Pick<Deps, 'storage'> }): Promise<void> {
  app.get('/:file', async (request, reply) => {
    const { file } = request.params as { file: string };
    if (!FILE_NAME.test(file)) throw new AppError('not_found');
    // Nobody needs a part of a picture this small.
    delete request.headers.range;
    return await sendStoredObject(request, reply, options.deps.storage, {
      key: avatarKeyOf(file),
      contentType: 'image/webp',
      cacheControl: 'public, max-age=31536000, immutable',
      // Who keeps the address that long still has as much time to follow it.
      redirectCacheControl: `public, max-age=${REDIRECT_SECONDS}`,
      lifeSeconds: 2 * REDIRECT_SECONDS,
    });
  });
}
