import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { openExport } from '../privacy/export.ts';
import { sendGonePage } from './exports-page.ts';
import { sendStoredObject } from './stored-object.ts';
import { wantsPage } from './storefront.ts';

// Where the storage is elsewhere, the address given there opens the archive by itself: long enough to follow it.
const REDIRECT_SECONDS = 60;

/**
 * `GET /exports/{token}`: the archive of an account, to whoever holds the link that was mailed to its owner. A link that
 * opens nothing is refused with a page where a person looks at it, with a problem elsewhere.
 */
export async function mountExports(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'config' | 'db' | 'storage' | 'oneTimeTokens' | 'clock'> },
): Promise<void> {
  const { deps } = options;
  app.get('/:token', async (request, reply) => {
    const { token } = request.params as { token: string };
    try {
      const { storageKey, fileName } = await openExport(deps, token);
      return await sendStoredObject(request, reply, deps.storage, {
        key: storageKey,
        contentType: 'application/json; charset=utf-8',
        contentDisposition: `attachment; filename="${fileName}"`,
        cacheControl: 'no-store',
        redirectCacheControl: 'no-store',
        lifeSeconds: REDIRECT_SECONDS,
      });
    } catch (error) {
      const isGone = error instanceof AppError && error.reason === 'not_found';
      if (!isGone || !wantsPage(request)) throw error;
      return sendGonePage(reply, deps.config);
    }
  });
}
