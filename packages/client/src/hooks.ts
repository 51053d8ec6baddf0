import type { ErrorReason } from './router.gen.ts';

/** A call on its way: which procedure, and which try it is, from 1 on. */
export type CallEvent = {
  readonly path: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly attempt: number;
};
/** A call that was answered. */
export type AnsweredCall = CallEvent & { readonly durationMs: number };
/** A call that failed: `null` for what only a refusal has, when there was no answer. */
export type FailedCall = AnsweredCall & {
  readonly reason: ErrorReason | null;
  readonly httpStatus: number | null;
  readonly requestId: string | null;
};

/**
 * Called for every call, for logs and measurements. They hear no input, output or token; what they throw is dropped.
 */
export type CinemaHooks = {
  /** Before each try. */
  readonly onRequest?: (event: CallEvent) => void;
  /** After a try that succeeded. */
  readonly onResponse?: (event: AnsweredCall) => void;
  /** After a try that failed, when there will be another one in `waitMs`. */
  readonly onRetry?: (event: FailedCall & { readonly waitMs: number }) => void;
  /** After the last try, when that failed too. */
  readonly onError?: (event: FailedCall) => void;
};

/** Calls a hook, whatever comes of it. */
export function tell<Event>(hook: ((event: Event) => void) | undefined, event: Event): void {
  try {
    hook?.(event);
  } catch {
    // Who only listens must not break the call.
  }
}
