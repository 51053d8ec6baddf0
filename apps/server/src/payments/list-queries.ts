import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';
import { HAS_RECEIPT, type PaymentRow } from '../orders/payment-view.ts';

/** Newest first. */
export const PAYMENT_SORT: Sort = {
  by: sql.ref('payments.createdAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('payments.id'),
};

/** Selects the payments of a user after a position. */
export async function selectPaymentPage(
  db: Db,
  page: { userId: string; position: Position | null; limit: number },
): Promise<(PaymentRow & { cursorId: string; cursorKey: string })[]> {
  return await payments(db, page.userId)
    .$if(page.position !== null, (query) => query.where(isAfter(PAYMENT_SORT, page.position!)))
    .select(['payments.id as cursorId', sql<string>`payments.created_at::text`.as('cursorKey')])
    .orderBy(orderBy(PAYMENT_SORT))
    .limit(page.limit)
    .execute();
}

/** One payment of a user, with the number of its receipt. */
export async function selectPayment(db: Db, userId: string, paymentId: string) {
  return await payments(db, userId)
    .leftJoin('receipts', 'receipts.paymentId', 'payments.id')
    .where('payments.id', '=', paymentId)
    .select('receipts.number as receiptNumber')
    .executeTakeFirst();
}

function payments(db: Db, userId: string) {
  return db
    .selectFrom('payments')
    .innerJoin('orders', 'orders.id', 'payments.orderId')
    .where('payments.userId', '=', userId)
    .select([
      'payments.id',
      'payments.orderId',
      'orders.number as orderNumber',
      'payments.status',
      'payments.amount',
      'payments.currency',
      'payments.declineCode',
      HAS_RECEIPT.as('hasReceipt'),
      'payments.createdAt',
    ]);
}

/** Counts a user's payments, up to the cap of {@link countCapped}. */
export async function countPayments(db: Db, userId: string): Promise<number> {
  return await countCapped(db, db.selectFrom('payments').where('userId', '=', userId).select('id'));
}
