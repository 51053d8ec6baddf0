import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import { AppError } from '../lib/errors.ts';
import type { BinaryBody } from '../trpc.ts';
import { giveTime } from './sockets.ts';

/** Leaves bodies unread, of one type or of any: who wants the bytes asks {@link openBytes} for them. */
export function acceptBytes(app: FastifyInstance, contentType = '*'): void {
  if (contentType === '*') app.removeAllContentTypeParsers();
  app.addContentTypeParser(contentType, (_request, payload, done) => done(null, payload));
}

/**
 * Makes a procedure's input of a request whose body is one of its fields. Nothing is read here: whoever may not call the
 * procedure is refused first.
 *
 * @throws AppError the refusal of another type, `payload_too_large` when the length says so, `invalid_input`.
 */
export function openBytes(
  request: FastifyRequest,
  binary: BinaryBody,
  { input, contentTypes, config }: { input: unknown; contentTypes: readonly string[]; config: Config },
): Record<string, unknown> {
  const fields = typeof input === 'object' && input !== null ? input : {};
  if (Object.hasOwn(fields, binary.field)) {
    throw new AppError('invalid_input', { issues: [{ path: [binary.field], message: 'This is the body.' }] });
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!contentTypes.includes(type)) throw new AppError(binary.refusal);
  const limitBytes = typeof binary.limitBytes === 'number' ? binary.limitBytes : binary.limitBytes(config);
  return { ...fields, [binary.field]: readBody(request, { limitBytes, isLong: binary.isLong ?? false }) };
}

/**
 * Reads a body as it comes. Nothing is read, and no time given, before somebody asks for the first bytes.
 *
 * @throws AppError `payload_too_large` when the length says so; the bytes themselves throw it when it did not, and
 * `request_timeout` when they stop coming.
 */
export function readBody(
  request: FastifyRequest,
  { limitBytes, isLong }: { limitBytes: number; isLong: boolean },
): AsyncGenerator<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limitBytes) throw new AppError('payload_too_large');
  return readUpTo(request, { limitBytes, isLong });
}

async function* readUpTo(
  request: FastifyRequest,
  { limitBytes, isLong }: { limitBytes: number; isLong: boolean },
): AsyncGenerator<Uint8Array> {
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  if (isLong) giveTime(request.raw.socket);
  let received = 0;
  // A body that is given up is not destroyed: that would close the connection before the answer has left.
  const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of chunks) {
      received += chunk.length;
      if (received > limitBytes) throw new AppError('payload_too_large');
      yield chunk;
    }
  } catch (error) {
    // The caller went away, or was too slow.
    throw error instanceof AppError ? error : new AppError('request_timeout', { cause: error });
  } finally {
    // What is left flows away, or the connection would never be read again.
    body.resume();
  }
}
