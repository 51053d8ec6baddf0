import type { AdminPayment, AdminPaymentExport, AdminPaymentListInput } from '@online-cinema/contract/admin-shop';
import type { Page } from '@online-cinema/contract/common';
import type { Deps } from '../deps.ts';
import { readPage } from '../lib/paging.ts';
import { toRefund } from '../orders/payment-view.ts';
import { PAYMENT_SORT } from '../payments/list-queries.ts';
import { assertForward } from './order-filters.ts';
import { buyerOf } from './order-list.ts';
import { countPayments, type PaymentRow, selectPaymentPage } from './payment-queries.ts';
import { type Columns, writeRows } from './table-file.ts';

type ListDeps = Pick<Deps, 'db' | 'config'>;

/** Everybody's attempts to pay, newest first. @throws AppError `invalid_input` (a reversed range), `invalid_cursor`. */
export async function listPayments(
  { db, config }: ListDeps,
  { limit, cursor, direction: _direction, ...given }: AdminPaymentListInput,
): Promise<Page<AdminPayment>> {
  const filter = { ...given, timeZone: config.shopTimeZone };
  await assertForward(db, filter, filter.timeZone);
  return await readPage(
    { limit, cursor },
    {
      query: { list: 'admin-payments', ...filter },
      sort: PAYMENT_SORT,
      select: (position, count) => selectPaymentPage(db, { position, limit: count, filter }),
      count: () => countPayments(db, filter),
      toItem: toPayment,
    },
  );
}

/** Everybody's attempts to pay as a CSV, newest first. @throws AppError `invalid_input`. */
export async function exportPayments(
  { db, replica, config }: ListDeps & Pick<Deps, 'replica'>,
  { format: _format, ...given }: AdminPaymentExport,
): Promise<AsyncGenerator<string, void>> {
  const filter = { ...given, timeZone: config.shopTimeZone };
  await assertForward(db, filter, filter.timeZone);
  return await writeRows(COLUMNS, (position, limit) =>
    replica.read((late) => selectPaymentPage(late, { position, limit, filter })),
  );
}

// Amounts are in the minor unit of the currency.
const COLUMNS: Columns<PaymentRow> = {
  id: (row) => row.id,
  orderNumber: (row) => row.orderNumber,
  orderId: (row) => row.orderId,
  status: (row) => row.status,
  createdAt: (row) => row.createdAt,
  closedAt: (row) => row.closedAt,
  buyerId: (row) => buyerOf(row)?.id ?? null,
  buyerEmail: (row) => buyerOf(row)?.email ?? null,
  amount: (row) => row.amount,
  refundedAmount: refundedOf,
  currency: (row) => row.currency,
  gateway: (row) => row.gateway,
  stripeSessionId: (row) => row.stripeSessionId,
  stripePaymentIntentId: (row) => row.stripePaymentIntentId,
  declineCode: (row) => row.declineCode,
  reviewReason: (row) => row.reviewReason,
  receiptNumber: (row) => row.receiptNumber,
  takenAmount: (row) => row.takenAmount,
  takenCurrency: (row) => row.takenCurrency,
};

function toPayment(row: PaymentRow): AdminPayment {
  const { amount, currency, takenAmount, takenCurrency, refunds, ...rest } = row;
  const { userId: _userId, email: _email, deletedAt: _deletedAt, ...payment } = rest;
  const taken =
    takenAmount === null || takenCurrency === null ? null : { amount: takenAmount, currency: takenCurrency };
  return {
    ...payment,
    buyer: buyerOf(row),
    amount: { amount, currency },
    ...(taken && { taken }),
    refunded: { amount: refundedOf(row), currency: taken?.currency ?? currency },
    refunds: refunds.map(toRefund),
  };
}

function refundedOf({ refunds }: PaymentRow): number {
  return refunds.filter(({ status }) => status === 'succeeded').reduce((sum, { amount }) => sum + amount, 0);
}
