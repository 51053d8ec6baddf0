import type { Payment } from '@online-cinema/contract/payments';
import type { Refund } from '@online-cinema/contract/refunds';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { adviceOf } from '../lib/decline-advice.ts';

/** What a payment is shown from. Inside JSON a moment is text. */
export type PaymentRow = Pick<Payment, 'id' | 'orderId' | 'orderNumber' | 'status'> & {
  amount: number;
  currency: string;
  declineCode: string | null;
  hasReceipt: boolean;
  createdAt: Date | string;
};

/** Whether a payment fulfilled its order, as a column; to be selected beside `payments`. */
export const HAS_RECEIPT = sql<boolean>`exists (select from receipts where receipts.payment_id = payments.id)`;

/** Shows a payment to its buyer. */
export function toPayment({ publicUrl }: Pick<Deps['config'], 'publicUrl'>, row: PaymentRow): Payment {
  const { id, orderId, orderNumber, status, amount, currency } = row;
  return {
    id,
    orderId,
    orderNumber,
    status,
    amount: { amount, currency },
    receiptUrl: row.hasReceipt ? `${publicUrl}/api/v1/payments/${id}/receipt` : null,
    advice: status === 'declined' ? adviceOf(row.declineCode) : null,
    createdAt: new Date(row.createdAt),
  };
}

/** Selects refunds as {@link toRefund} shows them, `paid` being their payments. */
export function refundRows(db: Db) {
  return db
    .selectFrom('refunds')
    .innerJoin('payments as paid', 'paid.id', 'refunds.paymentId')
    .select([
      'refunds.id',
      'paid.orderId',
      'refunds.paymentId',
      'refunds.status',
      'refunds.origin',
      'refunds.amount',
      (eb) => eb.fn.coalesce('paid.takenCurrency', 'paid.currency').as('currency'),
      'refunds.reason',
      'refunds.note',
      'refunds.number',
      'refunds.createdAt',
      'refunds.finishedAt',
      sql<string[]>`array(
        select movie_id from refund_items where refund_items.refund_id = refunds.id order by movie_id
      )::text[]`.as('movieIds'),
    ]);
}

type RefundRow = Omit<Refund, 'amount' | 'createdAt' | 'finishedAt'> & {
  amount: number;
  currency: string;
  createdAt: Date | string;
  finishedAt: Date | string | null;
};

/** Shows a refund. */
export function toRefund({ amount, currency, createdAt, finishedAt, ...refund }: RefundRow): Refund {
  return {
    ...refund,
    amount: { amount, currency },
    createdAt: new Date(createdAt),
    finishedAt: finishedAt === null ? null : new Date(finishedAt),
  };
}
