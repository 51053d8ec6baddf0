import { type ErrorReason, isCinemaError } from '@online-cinema/client';

/** Says what went wrong in a sentence, and what to do next where the cinema's own sentence can't know that. */
export function sentenceOf(error: unknown): string {
  if (!isCinemaError(error)) return 'The cinema does not answer. Look whether you are online, then try again.';
  if (isCodeStepOver(error)) return 'That took too long or too many tries. Enter your password again.';
  return SENTENCES[error.data.reason] ?? error.message;
}

/** Tells whether a sign-in has to begin with the password again. */
export function isCodeStepOver(error: unknown): boolean {
  return isCinemaError(error, 'invalid_code') && error.data.challengeEnded === true;
}

/** What is wrong with one field of a form that was refused. */
export function faultsOf(error: unknown, field: string): string[] {
  if (!isCinemaError(error)) return [];
  return (error.data.issues ?? []).filter((issue) => issue.path[0] === field).map((issue) => issue.message);
}

/** Only what may pass by itself is worth asking again; a refusal stays one. */
export function isWorthRetrying(error: unknown): boolean {
  return !isCinemaError(error) || isCinemaError(error, 'unavailable') || isCinemaError(error, 'request_timeout');
}

const SENTENCES: Partial<Record<ErrorReason, string>> = {
  invalid_input: 'Something in this form is not valid. Check the highlighted fields.',
  not_authenticated: 'Your session has ended. Sign in again.',
  email_taken: 'There is an account with this address already. Sign in, or use another address.',
  not_active: 'This account waits for its activation. Follow the link in the mail we sent you.',
  in_pending_order: 'The film is in an order of yours that waits for payment. You find it among your orders.',
  price_changed: 'A price has changed while you were looking. Check the total, then order again.',
  nothing_to_order: 'None of these films can be bought now: you own them, or they have left the programme.',
  not_owned: 'This film is not yours yet. Buy it, and it is here at once.',
};
