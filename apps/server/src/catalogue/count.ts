import type { Db } from '@online-cinema/db/open';
import { type Expression, sql, type SqlBool } from 'kysely';
import { countCapped, TOTAL_CAP } from '../lib/paging.ts';
import { type Filtering, IS_LISTED } from './filters.ts';

/** Counts the films of the lists that match, up to the cap of {@link countCapped}. */
export async function countListed(db: Db, filtering: Filtering): Promise<number> {
  if (filtering.isCounted) return filtering.atMost;
  // The search alone was counted to choose its order.
  if (filtering.conditions.length === 1 && filtering.match?.found !== undefined) return filtering.match.found;
  const conditions = [IS_LISTED, ...filtering.conditions];
  // Names of very many films are slow to count under other filters, and seldom few of them are left.
  const isBroad = filtering.atMost > 2 * TOTAL_CAP && filtering.atMost < Infinity;
  if (isBroad && (await areSurelyMore(db, conditions))) return TOTAL_CAP + 1;
  const matching = db.selectFrom('movies').where((eb) => eb.and(conditions));
  return await countCapped(db, matching.select('movies.id'));
}

const PROBE_SIZE = 5_000;

// From the films of lowest lot.
async function areSurelyMore(db: Db, conditions: Expression<SqlBool>[]): Promise<boolean> {
  const result = await sql<{ count: number; share: number | null }>`
    select count(*) filter (where ${sql.join(conditions, sql` and `)})::int as count, max(lot)::float8 as share
    from (select * from movies where ${IS_LISTED} order by lot limit ${PROBE_SIZE}) movies`.execute(db);
  const { count = 0, share = null } = result.rows[0] ?? {};
  return isSurelyAboveCap({ count, share: share ?? 1 });
}

/**
 * Tells from a share of the lots, and how many films in it match, whether more than the cap of totals do. Lots are random,
 * so that a share of them has its share of the films that match: so many as are asked for here are not met by chance in
 * the life of a universe.
 */
export function isSurelyAboveCap({ count, share }: { count: number; share: number }): boolean {
  const ofCap = TOTAL_CAP * share;
  return count > ofCap + 10 * Math.sqrt(ofCap) + 20;
}
