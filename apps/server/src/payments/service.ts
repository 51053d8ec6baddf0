import type { Page, PageInput } from '@online-cinema/contract/common';
import type { Payment } from '@online-cinema/contract/payments';
import type { Deps } from '../deps.ts';
import { readPage } from '../lib/paging.ts';
import { countPayments, PAYMENT_SORT, selectPaymentPage } from './queries.ts';

/** A viewer's payments, newest first. @throws AppError `invalid_cursor`. */
export async function listPayments({ db }: Pick<Deps, 'db'>, userId: string, page: PageInput): Promise<Page<Payment>> {
  return await readPage(page, {
    query: { list: 'payments', userId },
    sort: PAYMENT_SORT,
    select: (position, limit) => selectPaymentPage(db, { userId, position, limit }),
    count: () => countPayments(db, userId),
    toItem: ({ amount, currency, ...payment }) => ({ ...payment, amount: { amount, currency } }),
  });
}
