import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { openExport } from '../privacy/export.ts';
import { sendStoredObject } from './stored-object.ts';

// Where the storage is elsewhere, the address given there opens the archive by itself: long enough to follow it.
const REDIRECT_SECONDS = 60;

/** `GET /exports/{token}`: the archive of an account, to whoever holds the link that was mailed to its owner. */
export async function mountExports(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'db' | 'storage' | 'oneTimeTokens' | 'clock'> },
): Promise<void> {
  const { deps } = options;
  app.get('/:token', async (request, reply) => {
    const { token } = request.params as { token: string };
    const { storageKey, fileName } = await openExport(deps, token);
    const contentDisposition = `attachment; filename="${fileName}"`;
    return await sendStoredObject(request, reply, deps.storage, {
      key: storageKey,
      contentType: 'application/json; charset=utf-8',
      contentDisposition,
      cacheControl: 'no-store',
      redirectCacheControl: 'no-store',
      lifeSeconds: REDIRECT_SECONDS,
    });
  });
}
