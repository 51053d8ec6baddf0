import type { FastifyReply, FastifyRequest } from 'fastify';
import { namesTag } from '../lib/etag.ts';
import type { Meta } from '../trpc.ts';

/** Tells whether anybody may read this, so that its answers may be kept, and asked for again by their `ETag`. */
export function isPublicRead({ type, meta }: { type: 'query' | 'mutation'; meta: Meta }): boolean {
  return type === 'query' && meta.openapi?.method === 'GET' && !meta.role && !meta.noStore && !meta.file;
}

// A cache on the way may answer for a second before it asks again, whatever the load; a browser asks each time.
const FOR_EVERYBODY = 'public, max-age=0, s-maxage=1, must-revalidate';
const FOR_ONE = 'private, no-cache';

/**
 * Answers a read that is open to everybody: whole, or 304 to who has it already. Who says who he is may be answered
 * more, and past what is kept for all others, so that he sees at once what he changed.
 */
export function sendPublicRead(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: { body: string | Buffer; etag: string },
): FastifyReply {
  reply.header('cache-control', request.headers.authorization === undefined ? FOR_EVERYBODY : FOR_ONE);
  addVary(reply, 'authorization');
  return sendTagged(request, reply, { ...answer, contentType: 'application/json; charset=utf-8' });
}

/** Answers with a body and its tag, or 304 without the body to who names the tag (RFC 9110, 13.1.2). */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, etag, contentType }: { body: string | Buffer; etag: string; contentType: string },
): FastifyReply {
  reply.header('etag', etag);
  if (namesTag(request.headers['if-none-match'], etag)) return reply.code(304).send();
  return reply.type(contentType).send(body);
}

// CORS has said already that the answer depends on the origin.
function addVary(reply: FastifyReply, field: string): void {
  const known = reply.getHeader('vary');
  reply.header('vary', known === undefined ? field : `${[known].flat().join(', ')}, ${field}`);
}
