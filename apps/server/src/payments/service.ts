import type { Page, PageInput } from '@online-cinema/contract/common';
import type { Payment } from '@online-cinema/contract/payments';
import type { Deps } from '../deps.ts';
import { bindingOf, readCursor, toPage } from '../lib/paging.ts';
import { countPayments, selectPaymentPage } from './queries.ts';

/** A viewer's payments, newest first. */
export async function listPayments(
  { db }: Pick<Deps, 'db'>,
  userId: string,
  { limit, cursor }: PageInput,
): Promise<Page<Payment>> {
  const binding = bindingOf({ list: 'payments', userId });
  const position = readCursor(cursor, binding);
  const [rows, total] = await Promise.all([
    selectPaymentPage(db, { userId, position, limit: limit + 1 }),
    position ? null : countPayments(db, userId),
  ]);
  return toPage(rows, { limit, binding, total }, ({ cursorId: _id, cursorKey: _key, amount, currency, ...payment }) => ({
    ...payment,
    amount: { amount, currency },
  }));
}
