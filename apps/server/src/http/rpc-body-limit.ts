import { Transform } from 'node:stream';
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { metaOf } from './rest.ts';

/**
 * Holds the body of an RPC request to the least that one of its procedures takes: before it is read where it says its
 * length, else as soon as it is too long.
 *
 * @throws AppError `payload_too_large`.
 */
export async function limitBody(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: RequestPayload,
): Promise<RequestPayload> {
  const { path } = request.params as { path?: string };
  const limits = (path ?? '').split(',').map((name) => metaOf(name)?.bodyLimit ?? Number.POSITIVE_INFINITY);
  const limit = Math.min(...limits);
  if (limit === Number.POSITIVE_INFINITY) return payload;
  const length = request.headers['content-length'];
  if (length === undefined) return payload.pipe(cutAfter(limit));
  if (Number(length) > limit) {
    // What follows is not read.
    reply.header('connection', 'close');
    throw new AppError('payload_too_large');
  }
  return payload;
}

function cutAfter(limit: number): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > limit) done(Object.assign(new Error('The body is too large.'), { statusCode: 413 }));
      else done(null, chunk);
    },
  });
}
