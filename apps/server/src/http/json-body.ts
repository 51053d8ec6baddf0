import { isUtf8 } from 'node:buffer';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/errors.ts';

/** Makes JSON the only body this scope takes, as a value or as text. An empty body is no body. */
export function acceptJsonOnly(app: FastifyInstance, as: 'value' | 'text'): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => {
    if (body.length === 0) return undefined;
    if (!isUtf8(body)) throw new AppError('invalid_input', { issues: [{ path: [], message: 'This is not UTF-8.' }] });
    const text = body.toString('utf8');
    return as === 'text' ? text : parse(text);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AppError('invalid_input', { issues: [{ path: [], message: 'This is not JSON.' }], cause: error });
  }
}
