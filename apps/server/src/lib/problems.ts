import { ERRORS, type ErrorReason } from '@online-cinema/contract/errors';
import { TRPCError } from '@trpc/server';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { z } from 'zod';
import { refusalOfDatabase } from './database-errors.ts';
import { AppError, type Issue } from './errors.ts';

/** What a caller is told of an error, over both faces. */
export type Problem = {
  status: number;
  reason: ErrorReason;
  message: string;
  issues?: Issue[];
  details: Record<string, unknown>;
  retryAfterSeconds?: number;
};

type TrpcCode = (typeof ERRORS)[ErrorReason][0];

/** Finds the refusal in whatever was thrown; `internal_error` when there is none, so that nothing inside is told. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof TRPCError) {
    if (error.cause instanceof AppError) return error.cause;
    if (error.code === 'BAD_REQUEST' && error.cause instanceof z.ZodError) {
      return new AppError('invalid_input', { issues: toIssues(error.cause), cause: error });
    }
    const refusal = refusalOfDatabase(error.cause);
    if (refusal) return refusal;
    return new AppError(REASON_OF_CODE[error.code] ?? 'internal_error', { cause: error });
  }
  return refusalOfDatabase(error) ?? new AppError('internal_error', { cause: error });
}

/** The same refusal as tRPC carries it. */
export function toTrpcError(error: AppError): TRPCError {
  const [code, message] = ERRORS[error.reason];
  return new TRPCError({ code: error.options.code ?? code, message, cause: error });
}

/** The HTTP status of a refusal: what its row names, or what its tRPC code means. */
export function statusOf(reason: ErrorReason): number {
  const [code, , status] = ERRORS[reason] as readonly [TrpcCode, string, number?];
  return status ?? getHTTPStatusCodeFromError(new TRPCError({ code }));
}

/**
 * Tells what a caller hears of an error. Every 503 says when to come again: after 2 seconds unless the refusal knows
 * better.
 */
export function toProblem(thrown: unknown): Problem {
  const error = toAppError(thrown);
  const trpcError = toTrpcError(error);
  const { issues, details = {}, retryAfterSeconds } = error.options;
  const status = error.options.code ? getHTTPStatusCodeFromError(trpcError) : statusOf(error.reason);
  const wait = retryAfterSeconds ?? (status === 503 ? 2 : undefined);
  return {
    status,
    reason: error.reason,
    message: trpcError.message,
    details,
    ...(issues && { issues }),
    ...(wait !== undefined && { retryAfterSeconds: wait }),
  };
}

/** What `error.data` of an RPC answer says beside tRPC's own code and path. */
export function toErrorData(problem: Problem, requestId: string) {
  const { reason, status, issues, details } = problem;
  return { ...details, httpStatus: status, reason, requestId, ...(issues && { issues }) };
}

/** The body of an RFC 9457 answer. */
export function toProblemBody(problem: Problem, requestId: string): Record<string, unknown> {
  return {
    ...problem.details,
    type: `urn:online-cinema:error:${problem.reason}`,
    title: problem.reason.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()),
    status: problem.status,
    detail: problem.message,
    reason: problem.reason,
    requestId,
    ...(problem.issues && { issues: problem.issues }),
  };
}

// tRPC's own refusals: a path it does not know, a body it can't read, a method that does not fit.
const REASON_OF_CODE: Partial<Record<TRPCError['code'], ErrorReason>> = {
  BAD_REQUEST: 'invalid_input',
  PARSE_ERROR: 'invalid_input',
  NOT_FOUND: 'not_found',
  UNAUTHORIZED: 'not_authenticated',
  FORBIDDEN: 'not_allowed',
  TIMEOUT: 'request_timeout',
  METHOD_NOT_SUPPORTED: 'method_not_allowed',
  PAYLOAD_TOO_LARGE: 'payload_too_large',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  TOO_MANY_REQUESTS: 'too_many_requests',
} satisfies Partial<Record<TRPCError['code'] | TrpcCode, ErrorReason>>;

function toIssues(error: z.ZodError): Issue[] {
  return error.issues.flatMap((issue) => {
    // One entry per unknown key, each at its own place.
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: toPath([...issue.path, key]), message: 'Unknown field.' }));
    }
    return [{ path: toPath(issue.path), message: issue.message }];
  });
}

function toPath(path: PropertyKey[]): (string | number)[] {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}
