import type { Page, PageInput } from '@online-cinema/contract/common';
import type { Payment, PaymentDetails } from '@online-cinema/contract/payments';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import { toPayment } from '../orders/payment-view.ts';
import { countPayments, PAYMENT_SORT, selectPayment, selectPaymentPage } from './list-queries.ts';
import { selectRefundsOf } from './refund-queries.ts';

type PaymentDeps = Pick<Deps, 'db' | 'config'>;

/** A viewer's payments, newest first. @throws AppError `invalid_cursor`. */
export async function listPayments(
  { db, config }: PaymentDeps,
  userId: string,
  page: PageInput,
): Promise<Page<Payment>> {
  return await readPage(page, {
    query: { list: 'payments', userId },
    sort: PAYMENT_SORT,
    select: (position, limit) => selectPaymentPage(db, { userId, position, limit }),
    count: () => countPayments(db, userId),
    toItem: (row) => toPayment(config, row),
  });
}

/** One payment of a viewer, and what went back of it. @throws AppError `not_found`, for somebody else's too. */
export async function getPayment(
  { db, config }: PaymentDeps,
  userId: string,
  paymentId: string,
): Promise<PaymentDetails> {
  const row = await selectPayment(db, userId, paymentId);
  if (!row) throw new AppError('not_found');
  return { ...toPayment(config, row), receiptNumber: row.receiptNumber, refunds: await selectRefundsOf(db, paymentId) };
}
