import { setTimeout } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import pg from 'pg';
import type { DB } from './types.gen.ts';

const MOST_RETRIES = 3;
const LONGEST_PAUSE_MS = 50;

// serialization_failure, deadlock_detected: the same again may well succeed.
const WORTH_RETRYING: readonly (string | undefined)[] = ['40001', '40P01'];

/**
 * Does work in a transaction, and does it anew, three times at most, when Postgres ended it to undo a deadlock or because
 * it could not be put in an order with others.
 *
 * Nothing is left of a try that failed, so that this is the place to repeat: around it, in the procedure, something may
 * have been committed already. `work` must change nothing but the database.
 */
export async function inTransaction<Result>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>) => Promise<Result>,
): Promise<Result> {
  for (let retries = 0; ; retries += 1) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (retries === MOST_RETRIES || !isWorthRetrying(error)) throw error;
      // Not all at the same moment again.
      await setTimeout(Math.random() * LONGEST_PAUSE_MS * (retries + 1));
    }
  }
}

function isWorthRetrying(error: unknown): boolean {
  return error instanceof pg.DatabaseError && WORTH_RETRYING.includes(error.code);
}
