import type { FastifyInstance } from 'fastify';
import { avatarKeyOf } from '../accounts/avatar.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { sendStoredPicture } from './stored-object.ts';

const FILE_NAME = /^[0-9a-f-]{36}\.webp$/;

/** `GET /avatars/{file}`: a picture at an address of its own, for everybody and for good. */
export async function mountAvatars(app: FastifyInstance, options: { deps: Pick<Deps, 'storage'> }): Promise<void> {
  app.get('/:file', async (request, reply) => {
    const { file } = request.params as { file: string };
    if (!FILE_NAME.test(file)) throw new AppError('not_found');
    return await sendStoredPicture(request, reply, options.deps.storage, avatarKeyOf(file));
  });
}
