import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { sendProblem } from './problem-reply.ts';

/** The methods that are spoken here at all. */
export const ALLOWED_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

// A name, an IPv4 address or an IPv6 address in brackets, with or without a port.
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/** Refuses what no honest client sends, before anything reads it. */
export function guardDoor(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (!ALLOWED_METHODS.includes(request.method)) {
      reply.header('allow', ALLOWED_METHODS.join(', '));
      return sendProblem(reply, new AppError('method_not_allowed'));
    }
    assertHonest(request);
  });
}

function assertHonest({ headers, raw }: FastifyRequest): void {
  const url = raw.url ?? '';
  if (!url.startsWith('/') || url.startsWith('//')) throw new AppError('invalid_input');
  if (headers.host === undefined || !HOST.test(headers.host)) throw new AppError('invalid_input');
  if (headers['content-encoding'] !== undefined) throw new AppError('unsupported_media_type');
  // No file of a film has such a name, whatever else is asked for is not understood.
  if (decode(url).includes('\0')) throw new AppError(url.startsWith('/media/') ? 'not_found' : 'invalid_input');
}

// Refuses percent signs that encode nothing, and bytes that are no UTF-8.
function decode(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    throw new AppError('invalid_input');
  }
}
