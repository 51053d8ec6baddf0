import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import pg from 'pg';

/**
 * Makes sure that Postgres knows the shop's time zone: it counts the days of the sales, from a list of zones of its own.
 *
 * @throws Error that names the variable, where the database's list lacks what Node's has.
 */
export async function assertTimeZoneKnown(db: Db, timeZone: string): Promise<void> {
  try {
    // For this statement only. `at time zone` would take abbreviations too, which a transaction can't be set to.
    await sql`select set_config('timezone', ${timeZone}, true)`.execute(db);
  } catch (error) {
    // invalid_parameter_value
    if (!(error instanceof pg.DatabaseError) || error.code !== '22023') throw error;
    const message =
      'The environment is not right:\n✖ must be a time zone that Postgres knows too\n  → at SHOP_TIME_ZONE';
    throw new Error(message, { cause: error });
  }
}
