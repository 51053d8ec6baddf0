import type { Db } from '@online-cinema/db/open';
import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely';
import { AppError } from '../lib/errors.ts';
import { containing } from './queries.ts';

/** What orders and payments are found by: their buyer, and the moments or days between which they were made. */
export type BuyerFilter = {
  userId?: string | undefined;
  email?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

/** The condition that rows of a table fit a filter. */
export function fits(
  table: 'orders' | 'payments',
  { userId, email, from, to }: BuyerFilter,
  timeZone: string,
): Expression<SqlBool> {
  const [buyer, madeAt] = [sql.ref(`${table}.userId`), sql.ref(`${table}.createdAt`)];
  const conditions = [
    userId === undefined ? null : sql`${buyer} = ${userId}`,
    email === undefined
      ? null
      : sql`${buyer} in (select id from users where email ilike ${containing(email)} and deleted_at is null)`,
    from === undefined ? null : sql`${madeAt} >= ${startOf(from, timeZone)}`,
    to === undefined ? null : sql`${madeAt} < ${endOf(to, timeZone)}`,
  ];
  return sql<SqlBool>`(${sql.join([sql`true`, ...conditions.filter((each) => each !== null)], sql` and `)})`;
}

/** Makes sure that a filter ends after it begins. @throws AppError `invalid_input`. */
export async function assertForward(db: Db, { from, to }: BuyerFilter, timeZone: string): Promise<void> {
  if (from === undefined || to === undefined) return;
  const { rows } = await sql<{ isReversed: boolean }>`
    select ${startOf(from, timeZone)} >= ${endOf(to, timeZone)} as is_reversed
  `.execute(db);
  if (!rows[0]?.isReversed) return;
  throw new AppError('invalid_input', { issues: [{ path: ['to'], message: 'Must be after `from`.' }] });
}

function startOf(momentOrDay: string, timeZone: string): RawBuilder<Date> {
  if (!isDay(momentOrDay)) return sql`${momentOrDay}::timestamptz`;
  return sql`(${momentOrDay}::date::timestamp at time zone ${timeZone}::text)`;
}

function endOf(momentOrDay: string, timeZone: string): RawBuilder<Date> {
  if (!isDay(momentOrDay)) return sql`${momentOrDay}::timestamptz`;
  return sql`((${momentOrDay}::date + 1)::timestamp at time zone ${timeZone}::text)`;
}

function isDay(momentOrDay: string): boolean {
  return momentOrDay.length === 'YYYY-MM-DD'.length;
}
