import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { etagOf } from '../lib/etag.ts';
import { sendTagged } from './public-reads.ts';

/**
 * `GET /.well-known/jwks.json`: the public halves of all keys whose access tokens are good here (RFC 7517). A key that is
 * added is to be published before it signs, for as long as the answer may be kept.
 */
export async function mountJwks(app: FastifyInstance, options: { deps: Pick<Deps, 'tokens'> }): Promise<void> {
  const body = JSON.stringify({ keys: options.deps.tokens.publicKeys });
  const answer = { body, etag: etagOf(body), contentType: 'application/json; charset=utf-8' };
  app.get('/.well-known/jwks.json', async (request, reply) => {
    reply.header('cache-control', 'public, max-age=300');
    return sendTagged(request, reply, answer);
  });
}
