import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';
import type { PromoTerms, PromoUses } from './discount.ts';

const TERMS = [
  'percent',
  'amount',
  'minTotalAmount',
  'currency',
  'startsAt',
  'endsAt',
  'maxUses',
  'maxUsesPerUser',
  'movieIds',
  'genreIds',
  'isActive',
] as const;
const COLUMNS = ['promos.id', 'promos.code', ...TERMS, 'promos.createdAt', 'promos.updatedAt'] as const;

/** A promotion by its code in upper case; nothing when there is none. */
export async function selectPromoByCode(db: Db, code: string) {
  return await db.selectFrom('promos').where('code', '=', code).select(COLUMNS).executeTakeFirst();
}

/** The same, locked: until the transaction ends nobody else uses it up, changes or deletes it. */
export async function lockPromoByCode(trx: Db, code: string) {
  return await trx.selectFrom('promos').where('code', '=', code).select(COLUMNS).forNoKeyUpdate().executeTakeFirst();
}

/**
 * Counts the orders that have a promotion, all but one where that is given. For an exact count ask under its lock, in a statement of its own: one that
 * waited for the lock has not seen what was done meanwhile.
 */
export async function countPromoUses(
  db: Db,
  promoId: string,
  { userId, exceptOrderId }: { userId: string; exceptOrderId: string | undefined },
): Promise<PromoUses> {
  return await db
    .selectFrom('orders')
    .where('promoId', '=', promoId)
    .where('status', '!=', 'canceled')
    .$if(exceptOrderId !== undefined, (query) => query.where('id', '!=', exceptOrderId!))
    .select((eb) => [
      eb.fn.countAll<number>().as('uses'),
      eb.fn.countAll<number>().filterWhere('userId', '=', userId).as('usesByUser'),
    ])
    .executeTakeFirstOrThrow();
}

/** Newest first. */
export const PROMO_SORT: Sort = {
  by: sql.ref('promos.createdAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('promos.id'),
};

export async function selectPromoPage(db: Db, { position, limit }: { position: Position | null; limit: number }) {
  return await promos(db)
    .$if(position !== null, (query) => query.where(isAfter(PROMO_SORT, position!)))
    .select(['promos.id as cursorId', sql<string>`promos.created_at::text`.as('cursorKey')])
    .orderBy(orderBy(PROMO_SORT))
    .limit(limit)
    .execute();
}

export async function countPromos(db: Db): Promise<number> {
  return await countCapped(db, db.selectFrom('promos').select('id'));
}

/** A promotion with its uses. */
export async function selectPromo(db: Db, promoId: string) {
  return await promos(db).where('promos.id', '=', promoId).executeTakeFirst();
}

/** A row of {@link selectPromo}. */
export type PromoRow = NonNullable<Awaited<ReturnType<typeof selectPromo>>>;

/** Locks a promotion for a change; nothing when there is none. */
export async function lockPromo(trx: Db, promoId: string) {
  return await trx
    .selectFrom('promos')
    .where('id', '=', promoId)
    .select(['code', ...TERMS])
    .forUpdate()
    .executeTakeFirst();
}

/** Writes a promotion; nothing when its code is taken. */
export async function insertPromo(trx: Db, promo: PromoTerms & { code: string }): Promise<string | undefined> {
  const row = await trx
    .insertInto('promos')
    .values(promo)
    .onConflict((conflict) => conflict.column('code').doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

export async function updatePromo(trx: Db, promoId: string, terms: PromoTerms): Promise<void> {
  await trx
    .updateTable('promos')
    .set({ ...terms, updatedAt: sql`now()` })
    .where('id', '=', promoId)
    .execute();
}

/** Deletes a promotion. The database refuses while orders have it. */
export async function deletePromo(trx: Db, promoId: string): Promise<void> {
  await trx.deleteFrom('promos').where('id', '=', promoId).execute();
}

/** Which of these ids belong to a film of the catalogue, or to a genre. */
export async function selectKnownIds(db: Db, kind: 'movies' | 'genres', ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await db
    .selectFrom(kind)
    .where('id', 'in', ids)
    .$if(kind === 'movies', (query) => query.where(sql<boolean>`withdrawn_at is null`))
    .select('id')
    .execute();
  return new Set(rows.map(({ id }) => id));
}

function promos(db: Db) {
  return db
    .selectFrom('promos')
    .select(COLUMNS)
    .select((eb) =>
      eb
        .selectFrom('orders')
        .whereRef('orders.promoId', '=', 'promos.id')
        .where('orders.status', '!=', 'canceled')
        .select(eb.fn.countAll<number>().as('count'))
        .$asScalar()
        .$notNull()
        .as('uses'),
    );
}
