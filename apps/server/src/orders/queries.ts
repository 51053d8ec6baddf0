import type { OrderStatus } from '@online-cinema/contract/orders';
import type { Db } from '@online-cinema/db/open';
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres';
import { sql } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';
import { HAS_RECEIPT, refundRows } from './payment-view.ts';

/**
 * An order about to be written. Total and discount must fit the sums of its items: the database checks at
 * commit.
 */
export type NewOrder = {
  userId: string;
  promoId: string | null;
  discountAmount: number;
  totalAmount: number;
  currency: string;
  createdAt: Date;
  expiresAt: Date;
  items: { movieId: string; name: string; year: number; priceAmount: number; discountAmount: number }[];
};

/** Writes a pending order with its items; gives its id. */
export async function insertOrder(db: Db, { items, ...order }: NewOrder): Promise<string> {
  const { id } = await db.insertInto('orders').values(order).returning('id').executeTakeFirstOrThrow();
  await db
    .insertInto('orderItems')
    .values(items.map((item, position) => ({ ...item, orderId: id, position })))
    .execute();
  return id;
}

/** One order of a user, with its items and its latest payment. */
export async function selectOrder(db: Db, userId: string, orderId: string) {
  return await orders(db, userId).where('orders.id', '=', orderId).executeTakeFirst();
}

/** Newest first. */
export const ORDER_SORT: Sort = {
  by: sql.ref('orders.createdAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('orders.id'),
};

/** Selects the orders of a user after a position, each with its items and its latest payment. */
export async function selectOrderPage(
  db: Db,
  page: { userId: string; status: OrderStatus | undefined; position: Position | null; limit: number },
) {
  return await orders(db, page.userId)
    .$if(page.status !== undefined, (query) => query.where('orders.status', '=', page.status!))
    .$if(page.position !== null, (query) => query.where(isAfter(ORDER_SORT, page.position!)))
    .select(['orders.id as cursorId', sql<string>`orders.created_at::text`.as('cursorKey')])
    .orderBy(orderBy(ORDER_SORT))
    .limit(page.limit)
    .execute();
}

/** Counts a user's orders, up to the cap of {@link countCapped}. */
export async function countOrders(db: Db, userId: string, status?: OrderStatus): Promise<number> {
  return await countCapped(
    db,
    db
      .selectFrom('orders')
      .where('userId', '=', userId)
      .$if(status !== undefined, (query) => query.where('status', '=', status!))
      .select('id'),
  );
}

/** A row of {@link selectOrder}. Moments inside `items` and `payment` are text: they come as JSON. */
export type OrderRow = NonNullable<Awaited<ReturnType<typeof selectOrder>>>;

function orders(db: Db, userId: string) {
  return db
    .selectFrom('orders')
    .where('orders.userId', '=', userId)
    .select([
      'orders.id',
      'orders.number',
      'orders.status',
      'orders.discountAmount',
      'orders.totalAmount',
      'orders.currency',
      'orders.createdAt',
      'orders.expiresAt',
      'orders.paidAt',
      'orders.canceledAt',
    ])
    .select((eb) => [
      eb.selectFrom('promos').whereRef('promos.id', '=', 'orders.promoId').select('promos.code').as('promo'),
      jsonArrayFrom(
        eb
          .selectFrom('orderItems')
          .innerJoin('movies', 'movies.id', 'orderItems.movieId')
          .whereRef('orderItems.orderId', '=', 'orders.id')
          .select([
            'orderItems.movieId',
            'orderItems.name',
            'orderItems.year',
            'orderItems.priceAmount',
            'orderItems.discountAmount',
            'movies.slug',
            'movies.posterKey',
            'movies.posterVersion',
          ])
          .orderBy('orderItems.position'),
      ).as('items'),
      jsonObjectFrom(
        eb
          .selectFrom('payments')
          .whereRef('payments.orderId', '=', 'orders.id')
          .select([
            'payments.id',
            'payments.status',
            'payments.amount',
            'payments.currency',
            'payments.declineCode',
            HAS_RECEIPT.as('hasReceipt'),
            'payments.createdAt',
          ])
          // What paid it, whatever was tried before and after.
          .orderBy(HAS_RECEIPT, 'desc')
          .orderBy('payments.createdAt', 'desc')
          .orderBy('payments.id', 'desc')
          .limit(1),
      ).as('payment'),
      jsonArrayFrom(
        refundRows(db)
          .where('paid.orderId', '=', sql.ref<string>('orders.id'))
          .orderBy('refunds.createdAt')
          .orderBy('refunds.id'),
      ).as('refunds'),
    ]);
}
