import { TRPCClientError } from '@trpc/client';
import type { CinemaRouter, ErrorDetails, ErrorReason } from './router.gen.ts';

/** What the cinema says of a refusal; more for some reasons, such as `newTotal` of a `price_changed`. */
export type CinemaErrorData<Reason extends ErrorReason = ErrorReason> = Reason extends ErrorReason
  ? AnyErrorData & { readonly reason: Reason } & DetailsOf<Reason>
  : never;

type AnyErrorData = CinemaRouter['_def']['_config']['$types']['errorShape']['data'] & {
  /** When to come again, where the cinema says so. */
  readonly retryAfterSeconds?: number;
};

type DetailsOf<Reason> = Reason extends keyof ErrorDetails ? Readonly<ErrorDetails[Reason]> : unknown;

/**
 * A refusal by the cinema. `data.reason` is what to branch on, `data.requestId` what to tell support, and `data.issues`
 * names the wrong fields of an `invalid_input` or a `weak_password`. A proxy that answered in the cinema's place gives
 * the reason `unavailable`, with the proxy's status.
 */
export type CinemaError<Reason extends ErrorReason = ErrorReason> = Error & {
  readonly data: CinemaErrorData<Reason>;
};

/**
 * Tells whether the cinema refused, and for this reason when one is given. False for what else can go wrong with a call:
 * no network, no answer in time, a call that was aborted.
 *
 * @example
 * try {
 *   await cinema.cart.add.mutate({ movieId });
 * } catch (error) {
 *   if (!isCinemaError(error, 'already_in_cart')) throw error;
 * }
 */
export function isCinemaError<Reason extends ErrorReason = ErrorReason>(
  error: unknown,
  reason?: Reason,
): error is CinemaError<Reason> {
  // By shape, not by class: a bundle may hold tRPC's error class twice.
  if (!(error instanceof Error) || !('data' in error)) return false;
  const { data } = error;
  if (typeof data !== 'object' || data === null || !('reason' in data) || typeof data.reason !== 'string') return false;
  return reason === undefined || data.reason === reason;
}

/** Tells whether a call got no answer: no network, a connection that broke, or more time than `timeoutMs` allows. */
export function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === CONNECTION_ERROR || (error.cause instanceof Error && error.cause.name === CONNECTION_ERROR);
}

/** Marks what a request failed with before there was an answer. */
export function toConnectionError(error: unknown, message?: string): Error {
  const text = message ?? (error instanceof Error ? describe(error) : 'The connection broke.');
  return Object.assign(new Error(text, { cause: error }), { name: CONNECTION_ERROR });
}

/** What was thrown, as tRPC's clients know it. */
export function toClientError(error: unknown): TRPCClientError<CinemaRouter> {
  return TRPCClientError.from<CinemaRouter>(error instanceof Error ? error : new Error(String(error)));
}

// Node says what went wrong in the cause only.
function describe({ message, cause }: Error): string {
  return cause instanceof Error && cause.message !== '' ? `${message}: ${cause.message}` : message;
}

const CONNECTION_ERROR = 'ConnectionError';
