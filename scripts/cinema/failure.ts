import { ERRORS } from '@online-cinema/contract/errors';
import { AppError } from '@online-cinema/server/lib/errors';

/** Says what went wrong, to a person at a terminal. */
export function describeFailure(error: unknown): string {
  if (error instanceof AppError) {
    const issues = error.options.issues ?? [];
    return [ERRORS[error.reason][1], ...issues.map(({ message }) => `- ${message}`)].join('\n');
  }
  if (error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED') {
    return 'The database does not answer. Start it (`npm start` does), or name another one in DATABASE_URL.';
  }
  return error instanceof Error ? error.message : String(error);
}
