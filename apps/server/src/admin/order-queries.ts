import type { AdminOrderListInput } from '@online-cinema/contract/admin-shop';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres';
import { ORDER_SORT } from '../orders/queries.ts';
import { countCapped, isAfter, orderBy, type Position } from '../lib/paging.ts';
import { type BuyerFilter, fits } from './order-filters.ts';

/** What orders are found by, and where the days in it begin. */
export type OrderFilter = BuyerFilter & Pick<AdminOrderListInput, 'status'> & { timeZone: string };

/** Selects everybody's orders after a position, newest first. */
export async function selectOrderPage(
  db: Db,
  { position, limit, filter }: { position: Position | null; limit: number; filter: OrderFilter },
) {
  return await filterOrders(db, filter)
    .$if(position !== null, (query) => query.where(isAfter(ORDER_SORT, position!)))
    .innerJoin('users', 'users.id', 'orders.userId')
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
      'users.id as userId',
      'users.email',
      'users.deletedAt',
      'orders.id as cursorId',
      sql<string>`orders.created_at::text`.as('cursorKey'),
      sql<number>`(
        select coalesce(sum(refunds.amount), 0)::bigint
        from receipts join refunds on refunds.payment_id = receipts.payment_id
        where receipts.order_id = orders.id and refunds.status = 'succeeded'
      )`.as('refundedAmount'),
      sql<boolean>`exists (
        select from payments where payments.order_id = orders.id and payments.review_reason is not null
      )`.as('needsReview'),
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
            'movies.slug',
            'orderItems.name',
            'orderItems.year',
            'orderItems.priceAmount',
            'orderItems.discountAmount',
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
            'payments.gateway',
            'payments.stripeSessionId',
            'payments.stripePaymentIntentId',
            'payments.declineCode',
            'payments.reviewReason',
            'payments.createdAt',
          ])
          .orderBy('payments.createdAt', 'desc')
          .orderBy('payments.id', 'desc')
          .limit(1),
      ).as('payment'),
    ])
    .orderBy(orderBy(ORDER_SORT))
    .limit(limit)
    .execute();
}

/** What {@link selectOrderPage} finds. Moments inside `payment` are text: they come as JSON. */
export type OrderRow = Awaited<ReturnType<typeof selectOrderPage>>[number];

/** Counts everybody's orders, up to the cap of {@link countCapped}. */
export async function countOrders(db: Db, filter: OrderFilter): Promise<number> {
  return await countCapped(db, filterOrders(db, filter).select('orders.id'));
}

function filterOrders(db: Db, { status, timeZone, ...filter }: OrderFilter) {
  return db
    .selectFrom('orders')
    .where(fits('orders', filter, timeZone))
    .$if(status !== undefined, (query) => query.where('orders.status', '=', status!));
}
