import pg from 'pg';
import { AppError } from './errors.ts';

/**
 * How a database's refusal is answered when no rule expected it.
 * https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
const REFUSALS = {
  invalid_input: ['22021', '22P02', '22P05', '22003', '22007', '22008', '22009', '22023', '54001', '23514'],
  conflict: ['23505', '23503'],
  unavailable: ['40001', '40P01', '55P03', '57014', '53300', '53400', '57P01', '57P02', '57P03', '25P03'],
} as const;

const RETRY_AFTER_SECONDS = 2;

// What pg and the socket say when the database is away; these carry no SQLSTATE.
const AWAY =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error/;

/** Turns an error of the database into the refusal it means, or gives `null` when it means a fault of ours. */
export function refusalOfDatabase(error: unknown): AppError | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof pg.DatabaseError) {
    for (const [reason, states] of Object.entries(REFUSALS)) {
      if ((states as readonly string[]).includes(error.code ?? ''))
        return refuse(reason as keyof typeof REFUSALS, error);
    }
    if (error.code?.startsWith('08')) return refuse('unavailable', error);
    return null;
  }
  const code = 'code' in error ? String(error.code) : '';
  if (AWAY.test(`${code} ${error.message}`)) return refuse('unavailable', error);
  // Several addresses were tried and none answered.
  if (error instanceof AggregateError) return refusalOfDatabase(error.errors[0]);
  return null;
}

function refuse(reason: keyof typeof REFUSALS, cause: Error): AppError {
  return new AppError(reason, reason === 'unavailable' ? { cause, retryAfterSeconds: RETRY_AFTER_SECONDS } : { cause });
}
