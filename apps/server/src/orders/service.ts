import type { Page, PageInput } from '@online-cinema/contract/common';
import type { Order, OrderStatus } from '@online-cinema/contract/orders';
import type { Db } from '@online-cinema/db/open';
import { posterUrl } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import { toPayment, toRefund } from './payment-view.ts';
import { countOrders, ORDER_SORT, type OrderRow, selectOrder, selectOrderPage } from './queries.ts';

type OrderDeps = { db: Db; config: Deps['config'] };

/** Gives one order of a user. @throws AppError `not_found`, for an order of somebody else too. */
export async function getOrder({ db, config }: OrderDeps, userId: string, orderId: string): Promise<Order> {
  const row = await selectOrder(db, userId, orderId);
  if (!row) throw new AppError('not_found');
  return toOrder(config, row);
}

/**
 * The orders of a user, newest first; only those of a status when one is given.
 *
 * @throws AppError `invalid_cursor`.
 */
export async function listOrders(
  { db, config }: OrderDeps,
  userId: string,
  { status, ...page }: PageInput & { status?: OrderStatus | undefined },
): Promise<Page<Order>> {
  return await readPage(page, {
    query: { list: 'orders', userId, status: status ?? null },
    sort: ORDER_SORT,
    select: (position, limit) => selectOrderPage(db, { userId, status, position, limit }),
    count: () => countOrders(db, userId, status),
    toItem: (row) => toOrder(config, row),
  });
}

function toOrder(config: Deps['config'], row: OrderRow): Order {
  const { items, payment, discountAmount, totalAmount, currency, expiresAt, ...order } = row;
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    createdAt: order.createdAt,
    paidAt: order.paidAt,
    canceledAt: order.canceledAt,
    expiresAt: order.status === 'pending' ? expiresAt : null,
    promo: order.promo,
    subtotal: { amount: totalAmount + discountAmount, currency },
    discount: { amount: discountAmount, currency },
    total: { amount: totalAmount, currency },
    items: items.map(({ movieId, name, year, slug, priceAmount, discountAmount: share, posterKey, posterVersion }) => ({
      movieId,
      slug,
      name,
      year,
      price: { amount: priceAmount, currency },
      discount: { amount: share, currency },
      posterUrl: posterUrl(config, { id: movieId, posterKey, posterVersion }),
    })),
    payment: payment && toPayment(config, { ...payment, orderId: order.id, orderNumber: order.number }),
    refunds: order.refunds.map(toRefund),
  };
}
