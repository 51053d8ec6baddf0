import type { AdminPaymentListInput } from '@online-cinema/contract/admin-shop';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { countCapped, isAfter, orderBy, type Position } from '../lib/paging.ts';
import { refundRows } from '../orders/payment-view.ts';
import { PAYMENT_SORT } from '../payments/list-queries.ts';
import { type BuyerFilter, fits } from './order-filters.ts';

/** What payments are found by, and where the days in it begin. */
export type PaymentFilter = BuyerFilter & Pick<AdminPaymentListInput, 'status' | 'needsReview'> & { timeZone: string };

/** Selects everybody's payments after a position, newest first. */
export async function selectPaymentPage(
  db: Db,
  { position, limit, filter }: { position: Position | null; limit: number; filter: PaymentFilter },
) {
  return await filterPayments(db, filter)
    .$if(position !== null, (query) => query.where(isAfter(PAYMENT_SORT, position!)))
    .innerJoin('orders', 'orders.id', 'payments.orderId')
    .innerJoin('users', 'users.id', 'payments.userId')
    .select([
      'payments.id',
      'payments.orderId',
      'orders.number as orderNumber',
      'payments.status',
      'payments.amount',
      'payments.currency',
      'payments.takenAmount',
      'payments.takenCurrency',
      'payments.gateway',
      'payments.stripeSessionId',
      'payments.stripePaymentIntentId',
      'payments.declineCode',
      'payments.reviewReason',
      'payments.createdAt',
      'payments.closedAt',
      'users.id as userId',
      'users.email',
      'users.deletedAt',
      'payments.id as cursorId',
      sql<string>`payments.created_at::text`.as('cursorKey'),
    ])
    .select((eb) => [
      eb
        .selectFrom('receipts')
        .whereRef('receipts.paymentId', '=', 'payments.id')
        .select('receipts.number')
        .as('receiptNumber'),
      jsonArrayFrom(
        refundRows(db)
          .where('refunds.paymentId', '=', sql.ref<string>('payments.id'))
          .orderBy('refunds.createdAt')
          .orderBy('refunds.id'),
      ).as('refunds'),
    ])
    .orderBy(orderBy(PAYMENT_SORT))
    .limit(limit)
    .execute();
}

/** What {@link selectPaymentPage} finds. Moments inside `refunds` are text: they come as JSON. */
export type PaymentRow = Awaited<ReturnType<typeof selectPaymentPage>>[number];

/** Counts everybody's payments, up to the cap of {@link countCapped}. */
export async function countPayments(db: Db, filter: PaymentFilter): Promise<number> {
  return await countCapped(db, filterPayments(db, filter).select('payments.id'));
}

function filterPayments(db: Db, { status, needsReview, timeZone, ...filter }: PaymentFilter) {
  return db
    .selectFrom('payments')
    .where(fits('payments', filter, timeZone))
    .$if(status !== undefined, (query) => query.where('payments.status', '=', status!))
    .$if(needsReview !== undefined, (query) =>
      query.where('payments.reviewReason', needsReview ? 'is not' : 'is', null),
    );
}
