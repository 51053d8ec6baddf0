import type { QueuedRefund, RefundStatus } from '@online-cinema/contract/refunds';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { refundRows, toRefund } from '../orders/payment-view.ts';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';

/** Newest first. */
export const QUEUE_SORT: Sort = {
  by: sql.ref('refunds.createdAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('refunds.id'),
};

/** Selects the refunds of one state after a position, each with its buyer and its films. */
export async function selectQueuePage(
  db: Db,
  page: { status: RefundStatus; position: Position | null; limit: number },
) {
  return await refundRows(db)
    .innerJoin('orders', 'orders.id', 'paid.orderId')
    .innerJoin('users', 'users.id', 'paid.userId')
    .where('refunds.status', '=', page.status)
    .$if(page.position !== null, (query) => query.where(isAfter(QUEUE_SORT, page.position!)))
    .select((eb) => [
      'orders.number as orderNumber',
      'users.id as userId',
      'users.email',
      'refunds.failureCode',
      jsonArrayFrom(
        eb
          .selectFrom('refundItems')
          .innerJoin('orderItems', (join) =>
            join
              .onRef('orderItems.movieId', '=', 'refundItems.movieId')
              .onRef('orderItems.orderId', '=', 'paid.orderId'),
          )
          .whereRef('refundItems.refundId', '=', 'refunds.id')
          .select([
            'orderItems.movieId',
            'orderItems.name',
            'orderItems.year',
            sql<boolean>`exists (
              select from watch_progress
              where watch_progress.user_id = paid.user_id and watch_progress.movie_id = order_items.movie_id
            )`.as('isWatched'),
          ])
          .orderBy('orderItems.position'),
      ).as('films'),
      'refunds.id as cursorId',
      sql<string>`refunds.created_at::text`.as('cursorKey'),
    ])
    .orderBy(orderBy(QUEUE_SORT))
    .limit(page.limit)
    .execute();
}

/** Counts the refunds of one state, up to the cap of {@link countCapped}. */
export async function countQueued(db: Db, status: RefundStatus): Promise<number> {
  return await countCapped(db, db.selectFrom('refunds').where('status', '=', status).select('id'));
}

/** Shows a refund to the staff. */
export function toQueuedRefund({
  orderNumber,
  userId,
  email,
  films,
  failureCode,
  ...refund
}: Omit<Awaited<ReturnType<typeof selectQueuePage>>[number], 'cursorId' | 'cursorKey'>): QueuedRefund {
  return { ...toRefund(refund), orderNumber, buyer: { userId, email }, films, failureCode };
}
