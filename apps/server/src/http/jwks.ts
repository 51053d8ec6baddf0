import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';

/**
 * `GET /.well-known/jwks.json`: the public halves of all keys whose access tokens are good here (RFC 7517). A key that is
 * added is to be published before it signs, for as long as the answer may be kept.
 */
export async function mountJwks(app: FastifyInstance, options: { deps: Pick<Deps, 'tokens'> }): Promise<void> {
  const body = JSON.stringify({ keys: options.deps.tokens.publicKeys });
  const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
  app.get('/.well-known/jwks.json', async (request, reply) => {
    reply.header('cache-control', 'public, max-age=300').header('etag', etag);
    const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known?.some((tag) => tag === etag || tag === '*')) return reply.code(304).send();
    return reply.type('application/json; charset=utf-8').send(body);
  });
}
