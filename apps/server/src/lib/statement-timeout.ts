import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import pg from 'pg';

const QUERY_CANCELED = '57014';

/** Runs statements in a transaction, each for so many milliseconds at most; undefined when one would have taken longer. */
export async function withStatementTimeout<Result>(
  db: Db,
  timeoutMs: number,
  run: (trx: Db) => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await db.transaction().execute(async (trx) => {
      await sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`.execute(trx);
      return await run(trx);
    });
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === QUERY_CANCELED) return undefined;
    throw error;
  }
}
