import type { FastifyInstance } from 'fastify';
import { renderPoster } from '../catalogue/poster.ts';
import { posterKeyOf } from '../catalogue/posters.ts';
import { selectPosterFacts } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { etagOf } from '../lib/etag.ts';
import { isUuid } from '../lib/uuid.ts';
import { sendTagged } from './public-reads.ts';
import { sendStoredPicture } from './stored-object.ts';

/** `GET /posters/{movieId}.svg`: a poster drawn from the film's facts; `/posters/{file}.webp`: one that was set. */
export async function mountPosters(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'db' | 'storage'> },
): Promise<void> {
  app.get('/:name.webp', async (request, reply) => {
    const { name } = request.params as { name: string };
    if (!isUuid(name)) throw new AppError('not_found');
    return await sendStoredPicture(request, reply, options.deps.storage, posterKeyOf(`${name}.webp`));
  });

  app.get('/:movieId.svg', async (request, reply) => {
    const { movieId } = request.params as { movieId: string };
    const facts = isUuid(movieId) ? await selectPosterFacts(options.deps.db, movieId) : undefined;
    if (!facts) throw new AppError('not_found');
    // The address changes with the film, but not with the name of somebody in it.
    reply.header('cache-control', 'public, max-age=86400');
    // A picture is looked at, never run.
    reply.header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'");
    const body = renderPoster(facts);
    return sendTagged(request, reply, { body, etag: etagOf(body), contentType: 'image/svg+xml; charset=utf-8' });
  });
}
