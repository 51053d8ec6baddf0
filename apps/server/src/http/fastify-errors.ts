import type { ErrorReason } from '@online-cinema/contract/errors';
import { AppError } from '../lib/errors.ts';
import { toAppError } from '../lib/problems.ts';

/** Finds the refusal in an error of ours, of tRPC, of the database or of Fastify and its plugins. */
export function toRefusal(error: unknown): AppError {
  const refusal = toAppError(error);
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  if (refusal.reason !== 'internal_error' || !isRefusal(status)) return refusal;
  return new AppError(REASON_OF_STATUS[status] ?? 'invalid_input', { cause: error });
}

function isRefusal(status: number): boolean {
  return (status >= 400 && status < 500) || status === 503;
}

const REASON_OF_STATUS: Record<number, ErrorReason> = {
  // The file server says so of what lies outside its folder: nothing that exists for callers.
  403: 'not_found',
  404: 'not_found',
  405: 'method_not_allowed',
  408: 'request_timeout',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  503: 'unavailable',
};
