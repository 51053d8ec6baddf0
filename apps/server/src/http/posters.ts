import type { FastifyInstance } from 'fastify';
import { renderPoster } from '../catalogue/poster.ts';
import { selectPosterFacts } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { isUuid } from '../lib/uuid.ts';

/** `GET /posters/{movieId}.svg`: a poster drawn from the film's facts. */
export async function mountPosters(app: FastifyInstance, options: { deps: Pick<Deps, 'db'> }): Promise<void> {
  app.get('/:movieId.svg', async (request, reply) => {
    const { movieId } = request.params as { movieId: string };
    const facts = isUuid(movieId) ? await selectPosterFacts(options.deps.db, movieId) : undefined;
    if (!facts) throw new AppError('not_found');
    return (
      reply
        .type('image/svg+xml; charset=utf-8')
        // The address carries a version; a picture is looked at, never run.
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
        .send(renderPoster(facts))
    );
  });
}
