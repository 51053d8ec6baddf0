import type { ErrorReason } from '@online-cinema/contract/errors';

/** What is wrong with a field, for a person, and where the field stands; an empty path means the whole input. */
export type Issue = { path: (string | number)[]; message: string };

/** What a refusal tells beside its reason. `cause` is for the log; callers never see it. */
export type AppErrorOptions = {
  /** What is wrong, each with its field; one field can have several. */
  issues?: Issue[];
  /** More members of the error body: what a client needs to go on, such as the new total of a changed price. */
  details?: Record<string, unknown>;
  /** In place of the reason's own code, where the same refusal says that nobody is signed in. */
  code?: 'UNAUTHORIZED';
  /** Sent as `Retry-After`. */
  retryAfterSeconds?: number;
  cause?: unknown;
};

/** A refusal by the cinema's rules. Its reason decides status and sentence (`@online-cinema/contract/errors`). */
export class AppError extends Error {
  readonly reason: ErrorReason;
  readonly options: AppErrorOptions;

  constructor(reason: ErrorReason, options: AppErrorOptions = {}) {
    super(reason, { cause: options.cause });
    this.name = 'AppError';
    this.reason = reason;
    this.options = options;
  }
}
