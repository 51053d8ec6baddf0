import { pino, type DestinationStream, type Logger } from 'pino';
import { traceFields } from './tracing.ts';

/** Pino's logger: fields first, then a sentence. */
export type Log = Logger;

/** Makes the process's log: one JSON object a line on standard output, secrets struck out. */
export function createLog(level: string, destination?: DestinationStream): Log {
  const options = {
    level,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: tellError },
    base: { pid: process.pid },
    mixin: traceFields,
  };
  return destination ? pino(options, destination) : pino(options);
}

// Some errors carry objects along, that of a broken connection its client: they tell of more than went wrong.
function tellError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const fields = Object.entries(pino.stdSerializers.err(error));
  return Object.fromEntries(fields.filter(([, value]) => typeof value !== 'object' && typeof value !== 'function'));
}

// Not `code`: that is what errors call their kind, and the first thing to look for in a log.
const SECRETS = [
  'password',
  'oldPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'otpauthUri',
  'challenge',
  'recoveryCode',
  'recoveryCodes',
];

const REDACTED = [
  ...SECRETS,
  ...SECRETS.map((name) => `*.${name}`),
  'req.headers.authorization',
  'req.headers.cookie',
  'req.headers["stripe-signature"]',
  'headers.authorization',
  'headers.cookie',
  'headers["stripe-signature"]',
];
