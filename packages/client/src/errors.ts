import type { CinemaRouter, ErrorReason } from './router.gen.ts';

/** What the cinema says of a refusal. */
export type CinemaErrorData = CinemaRouter['_def']['_config']['$types']['errorShape']['data'];

/**
 * A refusal by the cinema. `data.reason` is what to branch on, `data.requestId` what to tell support, and `data.issues`
 * names the wrong fields of an `invalid_input` or a `weak_password`.
 */
export type CinemaError<Reason extends ErrorReason = ErrorReason> = Error & {
  readonly data: CinemaErrorData & { readonly reason: Reason } & DetailsOf<Reason>;
};

/** What else the cinema says of a refusal, by its reason. */
type Details = {
  /** Goes with the code to `$session.completeTotp`, within five minutes. */
  totp_required: { readonly challenge: string };
  /** In a sign-in: no code is good for this challenge any more; the password has to be entered again. */
  invalid_code: { readonly challengeEnded?: true };
};

type DetailsOf<Reason> = Reason extends keyof Details ? Details[Reason] : unknown;

/**
 * Tells whether the cinema refused, and for this reason when one is given. False for everything else that can go wrong
 * with a call: no network, a call that was aborted, a proxy that answered in the cinema's place.
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
