import type { AdminOrder, AdminOrderExport, AdminOrderListInput } from '@online-cinema/contract/admin-shop';
import type { Page } from '@online-cinema/contract/common';
import type { Deps } from '../deps.ts';
import { joinList } from '../lib/csv.ts';
import { readPage } from '../lib/paging.ts';
import { ORDER_SORT } from '../orders/queries.ts';
import { assertForward } from './order-filters.ts';
import { countOrders, type OrderRow, selectOrderPage } from './order-queries.ts';
import { type Columns, writeRows } from './table-file.ts';

type ListDeps = Pick<Deps, 'db' | 'config'>;

/** Everybody's orders, newest first. @throws AppError `invalid_input` (a reversed range), `invalid_cursor`. */
export async function listOrders(
  { db, config }: ListDeps,
  { limit, cursor, direction: _direction, ...given }: AdminOrderListInput,
): Promise<Page<AdminOrder>> {
  const filter = { ...given, timeZone: config.shopTimeZone };
  await assertForward(db, filter, filter.timeZone);
  return await readPage(
    { limit, cursor },
    {
      query: { list: 'admin-orders', ...filter },
      sort: ORDER_SORT,
      select: (position, count) => selectOrderPage(db, { position, limit: count, filter }),
      count: () => countOrders(db, filter),
      toItem: toOrder,
    },
  );
}

/** Everybody's orders as a CSV, newest first; each as it is when its turn comes. @throws AppError `invalid_input`. */
export async function exportOrders(
  { db, replica, config }: ListDeps & Pick<Deps, 'replica'>,
  { format: _format, ...given }: AdminOrderExport,
): Promise<AsyncGenerator<string, void>> {
  const filter = { ...given, timeZone: config.shopTimeZone };
  await assertForward(db, filter, filter.timeZone);
  return await writeRows(COLUMNS, (position, limit) =>
    replica.read((late) => selectOrderPage(late, { position, limit, filter })),
  );
}

// Amounts are in the minor unit of the currency.
const COLUMNS: Columns<OrderRow> = {
  number: (row) => row.number,
  id: (row) => row.id,
  status: (row) => row.status,
  createdAt: (row) => row.createdAt,
  paidAt: (row) => row.paidAt,
  canceledAt: (row) => row.canceledAt,
  buyerId: (row) => buyerOf(row)?.id ?? null,
  buyerEmail: (row) => buyerOf(row)?.email ?? null,
  films: (row) => joinList(row.items.map(({ name, year }) => `${name} (${year})`)),
  subtotalAmount: (row) => row.totalAmount + row.discountAmount,
  discountAmount: (row) => row.discountAmount,
  totalAmount: (row) => row.totalAmount,
  refundedAmount: (row) => row.refundedAmount,
  currency: (row) => row.currency,
  promo: (row) => row.promo,
  paymentId: (row) => row.payment?.id ?? null,
  paymentStatus: (row) => row.payment?.status ?? null,
  needsReview: (row) => String(row.needsReview),
};

/** Who bought; null when the account is gone. */
export function buyerOf({
  userId,
  email,
  deletedAt,
}: {
  userId: string;
  email: string;
  deletedAt: Date | null;
}): AdminOrder['buyer'] {
  return deletedAt === null ? { id: userId, email } : null;
}

function toOrder(row: OrderRow): AdminOrder {
  const { id, number, status, currency, totalAmount, discountAmount, items, payment } = row;
  const money = (amount: number) => ({ amount, currency });
  return {
    id,
    number,
    status,
    buyer: buyerOf(row),
    items: items.map(({ priceAmount, discountAmount: share, ...item }) => ({
      ...item,
      price: money(priceAmount),
      discount: money(share),
    })),
    promo: row.promo,
    subtotal: money(totalAmount + discountAmount),
    discount: money(discountAmount),
    total: money(totalAmount),
    refunded: money(row.refundedAmount),
    payment: payment && { ...payment, createdAt: new Date(payment.createdAt) },
    needsReview: row.needsReview,
    createdAt: row.createdAt,
    expiresAt: status === 'pending' ? row.expiresAt : null,
    paidAt: row.paidAt,
    canceledAt: row.canceledAt,
  };
}
