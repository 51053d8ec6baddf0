import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/errors.ts';

/** Makes JSON the only body this scope takes. An empty body is no body. */
export function acceptJsonOnly(app: FastifyInstance, read: (text: string) => unknown = parseJson): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => {
    if (body.length === 0) return undefined;
    if (!isUtf8(body)) throw new AppError('invalid_input', { issues: [{ path: [], message: 'This is not UTF-8.' }] });
    return read(body.toString('utf8'));
  });
}

/** Reads JSON. @throws AppError `invalid_input`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid_input', { issues: [{ path: [], message: 'This is not JSON.' }], cause: error });
  }
}
