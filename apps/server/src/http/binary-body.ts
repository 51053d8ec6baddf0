import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';
import type { SentBytes } from '../lib/bytes.ts';
import { AppError } from '../lib/errors.ts';
import type { BinaryBody } from '../trpc.ts';
import { giveTime } from './sockets.ts';

/** A long body may take any time while so many bytes of it arrive in so long: who is slower than any line is cut off. */
const LEAST_BYTES = 30_000;
const PACE_TIMEOUT_MS = 30_000;

/** Leaves bodies unread, of one type or of any: who wants the bytes asks {@link openBytes} for them. */
export function acceptBytes(app: FastifyInstance, contentType = '*'): void {
  // Who was too slow is not listened to any longer.
  app.addHook('onSend', async (_request, reply) => {
    if (reply.statusCode === 408) reply.header('connection', 'close');
  });
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
): SentBytes {
  const length = request.headers['content-length'];
  const announcedBytes = length === undefined ? undefined : Number(length);
  if ((announcedBytes ?? 0) > limitBytes) throw new AppError('payload_too_large');
  return Object.assign(readUpTo(request, { limitBytes, isLong }), { announcedBytes });
}

async function* readUpTo(
  request: FastifyRequest,
  { limitBytes, isLong }: { limitBytes: number; isLong: boolean },
): AsyncGenerator<Uint8Array> {
  const body = request.body instanceof Readable ? request.body : Readable.from([]);
  const endPatience = isLong ? giveTime(request.raw) : undefined;
  let received = 0;
  // A body that is given up is not destroyed: that would close the connection before the answer has left.
  const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
  try {
    for await (const chunk of isLong ? whileArriving(chunks) : chunks) {
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
    endPatience?.();
  }
}

/** Passes on what arrives for as long as it goes on arriving. How long its reader takes does not count. */
async function* whileArriving(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const iterator = chunks[Symbol.asyncIterator]();
  let [bytes, waitedMs] = [0, 0];
  try {
    for (;;) {
      const since = performance.now();
      const next = await inTime(iterator.next(), PACE_TIMEOUT_MS - waitedMs);
      if (next.done) return;
      bytes += next.value.length;
      waitedMs += performance.now() - since;
      if (bytes >= LEAST_BYTES) [bytes, waitedMs] = [0, 0];
      yield next.value;
    }
  } finally {
    // Not waited for: it comes to its end when the connection does.
    void iterator.return?.();
  }
}

async function inTime<Value>(value: Promise<Value>, timeoutMs: number): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new AppError('request_timeout')), Math.max(0, timeoutMs));
  return await Promise.race([value, late]).finally(() => clearTimeout(timer));
}
