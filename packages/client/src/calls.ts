import type { Operation, TRPCClientError, TRPCLink } from '@trpc/client';
import { observable, observableToPromise } from '@trpc/server/observable';
import { isCinemaError, isConnectionError, toClientError } from './errors.ts';
import { type CinemaHooks, tell } from './hooks.ts';
import { newId } from './ids.ts';
import { type CinemaRouter, IDEMPOTENT, IN_PIECES } from './router.gen.ts';
import { abortError, joinSignals, onAbort } from './signals.ts';

/** What the links tell each other of a call. */
export type CallContext = {
  [name: string]: unknown;
  /** The session a call was first sent with; null: with none. */
  caller?: string | null;
  sessionId?: string | undefined;
  accessToken?: string | undefined;
  idempotencyKey?: string | undefined;
};

export type CallOptions = {
  hooks: CinemaHooks;
  /** How often a call that may be repeated is repeated at most. */
  retries: number;
  /** Tells which failures of which calls are worth another try. */
  mayRepeat: (op: Operation, error: unknown) => boolean;
  /** Ends all calls. */
  disposal?: AbortSignal;
};

/** The first wait before a call is repeated, doubled each time; each is drawn from its second half. */
const FIRST_WAIT_MS = 300;
/** Who asks for a longer patience is refused at once, so that a person is told. */
const LONGEST_WAIT_MS = 10_000;

/** Follows each call: repeats it where that helps and harms nobody, tells the hooks, and ends it with its client. */
export function callLink({ hooks, retries, mayRepeat, disposal }: CallOptions): TRPCLink<CinemaRouter> {
  return () =>
    ({ op, next }) =>
      fromPromise(async () => {
        const { path, type } = op;
        // An answer that nobody waits for would lose the session: its token is no longer good once it was exchanged.
        const end = path === 'accounts.refresh' ? undefined : disposal;
        const { controller, release } = joinSignals([op.signal, end]);
        const context: CallContext = { ...op.context };
        if (IDEMPOTENT.has(path)) context.idempotencyKey ??= newId();
        try {
          for (let attempt = 1; ; attempt++) {
            if (end?.aborted) throw abortError(end);
            const startedAt = Date.now();
            tell(hooks.onRequest, { path, type, attempt });
            try {
              const answer = await observableToPromise(next({ ...op, context, signal: controller.signal }));
              tell(hooks.onResponse, { path, type, attempt, durationMs: Date.now() - startedAt });
              return answer;
            } catch (error) {
              const waitMs = attempt <= retries && mayRepeat(op, error) ? waitFor(error, attempt) : Infinity;
              const told = { path, type, attempt, durationMs: Date.now() - startedAt, ...describe(error) };
              if (controller.signal.aborted || waitMs > LONGEST_WAIT_MS) {
                tell(hooks.onError, told);
                throw error;
              }
              tell(hooks.onRetry, { ...told, waitMs });
              await pause(waitMs, controller.signal);
            }
          }
        } finally {
          // What comes in pieces goes on.
          if (!IN_PIECES.has(path)) release();
        }
      });
}

/** A failure that the next try may not meet: no answer, or one that says to come again. */
export function isPassing(error: unknown): boolean {
  if (!isCinemaError(error)) return isConnectionError(error);
  const { reason, httpStatus } = error.data;
  return reason === 'unavailable' || [429, 502, 503, 504].includes(httpStatus);
}

/** An observable of one value, as links give them. */
export function fromPromise<Value>(make: () => Promise<Value>) {
  return observable<Value, TRPCClientError<CinemaRouter>>((observer) => {
    make().then(
      (value) => {
        observer.next(value);
        observer.complete();
      },
      (error: unknown) => observer.error(toClientError(error)),
    );
  });
}

function waitFor(error: unknown, attempt: number): number {
  const backOffMs = FIRST_WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  const askedMs = isCinemaError(error) ? (error.data.retryAfterSeconds ?? 0) * 1_000 : 0;
  // Not all at once, when many were asked to come again at the same time.
  return askedMs > 0 ? askedMs + Math.random() * FIRST_WAIT_MS : backOffMs;
}

function describe(error: unknown) {
  if (!isCinemaError(error)) return { reason: null, httpStatus: null, requestId: null };
  const { reason, httpStatus, requestId } = error.data;
  return { reason, httpStatus, requestId };
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  let stop = () => {};
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, waitMs);
    stop = onAbort(signal, () => {
      clearTimeout(timer);
      reject(abortError(signal));
    });
  }).finally(() => stop());
}
