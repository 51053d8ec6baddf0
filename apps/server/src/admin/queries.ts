import type { AdminUser } from '@online-cinema/contract/admin';
import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';

export type UserFilter = { query: string | undefined; role: Role | undefined; isActive: boolean | undefined };

/** Newest first. */
export const USER_SORT: Sort = {
  by: sql.ref('users.createdAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('users.id'),
};

export async function selectUserPage(
  db: Db,
  { position, limit, filter }: { position: Position | null; limit: number; filter: UserFilter },
) {
  return await filterUsers(selectUsers(db), filter)
    .$if(position !== null, (query) => query.where(isAfter(USER_SORT, position!)))
    .select(['users.id as cursorId', sql<string>`users.created_at::text`.as('cursorKey')])
    .orderBy(orderBy(USER_SORT))
    .limit(limit)
    .execute();
}

export async function countUsers(db: Db, filter: UserFilter): Promise<number> {
  return await countCapped(db, filterUsers(selectUsers(db), filter));
}

export async function selectUser(db: Db, userId: string): Promise<AdminUser | undefined> {
  return await selectUsers(db).where('users.id', '=', userId).executeTakeFirst();
}

function selectUsers(db: Db) {
  return (
    db
      .selectFrom('users')
      .leftJoin('profiles', 'profiles.userId', 'users.id')
      // What is left of a deleted account is nobody.
      .where('users.deletedAt', 'is', null)
      .select([
        'users.id',
        'users.email',
        'users.role',
        'users.isActive',
        'users.activatedAt',
        'users.closedAt',
        'users.createdAt',
        'profiles.firstName',
        'profiles.lastName',
      ])
  );
}

function filterUsers(users: ReturnType<typeof selectUsers>, { query, role, isActive }: UserFilter) {
  return users
    .$if(role !== undefined, (found) => found.where('users.role', '=', role!))
    .$if(isActive !== undefined, (found) => found.where('users.isActive', '=', isActive!))
    .$if(query !== undefined, (found) => found.where(sql<boolean>`users.id in (${matches(query!)})`));
}

// Each half has a trigram index of its own; a join with `or` would use neither.
function matches(query: string) {
  const pattern = containing(query);
  return sql`
    select id from users where email ilike ${pattern}
    union all
    select user_id from profiles where coalesce(first_name, '') || ' ' || coalesce(last_name, '') ilike ${pattern}`;
}

/** The pattern of `ilike` for what has a text anywhere in it. */
export function containing(text: string): string {
  return `%${text.normalize('NFC').replaceAll(/[\\%_]/g, '\\$&')}%`;
}

/** The devices on which a user is signed in, the last used first. */
export async function selectLivingSessions(db: Db, userId: string, { now, limit }: { now: Date; limit: number }) {
  return await db
    .selectFrom('sessions')
    .where('userId', '=', userId)
    .where('idleExpiresAt', '>', now)
    .select(['id', 'userAgent', 'ip', 'createdAt', 'rotatedAt as lastUsedAt'])
    .orderBy('rotatedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

/** The films a user has paid for and not given back, newest first. */
export async function selectPurchases(db: Db, userId: string, limit: number) {
  return await purchases(db, userId)
    .innerJoin('movies', 'movies.id', 'orderItems.movieId')
    .select([
      'orderItems.movieId',
      'movies.slug',
      'orderItems.name',
      'orderItems.year',
      'orderItems.priceAmount',
      'orders.currency',
      'orders.id as orderId',
      'orders.number as orderNumber',
      'orders.paidAt',
    ])
    .orderBy('orders.paidAt', 'desc')
    .orderBy('orders.id', 'desc')
    .orderBy('orderItems.position')
    .limit(limit)
    .execute();
}

export async function countPurchases(db: Db, userId: string): Promise<number> {
  const row = await purchases(db, userId)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}

function purchases(db: Db, userId: string) {
  return db
    .selectFrom('orders')
    .innerJoin('orderItems', 'orderItems.orderId', 'orders.id')
    .where('orders.userId', '=', userId)
    .where('orders.status', '=', 'paid')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('refundItems')
            .innerJoin('refunds', 'refunds.id', 'refundItems.refundId')
            .innerJoin('payments', 'payments.id', 'refunds.paymentId')
            .whereRef('payments.orderId', '=', 'orders.id')
            .whereRef('refundItems.movieId', '=', 'orderItems.movieId')
            .where('refunds.status', '=', 'succeeded')
            .select('refunds.id'),
        ),
      ),
    );
}

/** What a user has paid, less what went back, by currency. */
export async function sumPayments(db: Db, userId: string): Promise<{ amount: number; currency: string }[]> {
  return await db
    .selectFrom('payments')
    .where('userId', '=', userId)
    .where('status', 'in', ['successful', 'partially_refunded'])
    .select((eb) => [
      eb.fn.coalesce('takenCurrency', 'currency').as('currency'),
      sql<number>`sum(coalesce(payments.taken_amount, payments.amount) - (
        select coalesce(sum(refunds.amount), 0) from refunds
        where refunds.payment_id = payments.id and refunds.status = 'succeeded'
      ))`.as('amount'),
    ])
    .groupBy((eb) => eb.fn.coalesce('takenCurrency', 'currency'))
    .orderBy((eb) => eb.fn.coalesce('takenCurrency', 'currency'))
    .execute();
}

/** What the mail with the set-password link says; nothing when the link was used or replaced. */
export async function selectInvitation(
  db: Db,
  tokenId: string,
): Promise<{ email: string; role: Role; expiresAt: Date } | undefined> {
  return await db
    .selectFrom('oneTimeTokens')
    .innerJoin('users', 'users.id', 'oneTimeTokens.userId')
    .where('oneTimeTokens.id', '=', tokenId)
    .where('oneTimeTokens.purpose', '=', 'set_password')
    .select(['users.email', 'users.role', 'oneTimeTokens.expiresAt'])
    .executeTakeFirst();
}

/** Lets one process at a time look for the first admin, until its transaction ends. */
export async function lockSetup(trx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('online-cinema.setup'))`.execute(trx);
}

/** Tells whether any admin has ever had a way in. */
export async function wasAdminEverActive(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('activatedAt', 'is not', null)
    .where('passwordHash', 'is not', null)
    .select('id')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The admin who has waited longest to set a password, and still may. */
export async function selectPendingAdmin(db: Db): Promise<{ id: string; email: string } | undefined> {
  return await db
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('passwordHash', 'is', null)
    .where('closedAt', 'is', null)
    .select(['id', 'email'])
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
}

/** The token with which a user may set a password now, if there is one. */
export async function selectLivingToken(db: Db, userId: string, now: Date): Promise<string | undefined> {
  const row = await db
    .selectFrom('oneTimeTokens')
    .where('userId', '=', userId)
    .where('purpose', '=', 'set_password')
    .where('expiresAt', '>', now)
    .select('id')
    .executeTakeFirst();
  return row?.id;
}
