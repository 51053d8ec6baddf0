import type { ErrorReason } from '@online-cinema/contract/errors';

/** One wrong field: where it stands in the input, and what is wrong with it, for a person. */
export type Issue = { path: (string | number)[]; message: string };

export type AppErrorOptions = {
  /** Wrong fields, one entry each. */
  issues?: Issue[];
  /** More members of the error body: what a client needs to go on, such as the new total of a changed price. */
  details?: Record<string, unknown>;
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
