import type { ErrorReason } from '@online-cinema/contract/errors';
import { AppError } from '../lib/errors.ts';
import { toAppError } from '../lib/problems.ts';

/** Finds the refusal in an error of ours, of tRPC or of Fastify. */
export function toRefusal(error: unknown): AppError {
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : undefined;
  const reason = status === undefined ? undefined : REASON_OF_STATUS[status];
  return reason === undefined ? toAppError(error) : new AppError(reason, { cause: error });
}

const REASON_OF_STATUS: Record<number, ErrorReason> = {
  400: 'invalid_input',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  503: 'unavailable',
};
