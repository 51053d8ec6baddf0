import type { Page, PageInput } from '@online-cinema/contract/common';
import type { CreateOrder, Excluded, Order, OrderStatus, PlacedOrder } from '@online-cinema/contract/orders';
import { type CartLine, deleteCartItems, lockShopper, selectCartLines } from '../cart/queries.ts';
import { whyNotOrderable } from '../cart/service.ts';
import { posterUrl } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import { countOrders, insertOrder, ORDER_SORT, type OrderRow, selectOrder, selectOrderPage } from './queries.ts';

type OrderDeps = Pick<Deps, 'db' | 'config' | 'clock'>;

/**
 * Turns the cart, or the part of it that is asked for, into a pending order: prices are fixed, and the ordered films
 * leave the cart. What can't be bought stays there, with the reason.
 *
 * @throws AppError `cart_empty`, `nothing_to_order` (with `excluded`), `price_changed` (with `oldTotal`, `newTotal`).
 */
export async function placeOrder(deps: OrderDeps, userId: string, input: CreateOrder): Promise<PlacedOrder> {
  const { db, config, clock } = deps;
  const placed = await db.transaction().execute(async (trx) => {
    await lockShopper(trx, userId);
    const lines = await selectCartLines(trx, userId);
    if (lines.length === 0) throw new AppError('cart_empty');
    const { ordered, excluded } = sortOut(lines, input.movieIds, config.currency);
    if (ordered.length === 0) throw new AppError('nothing_to_order', { details: { excluded } });

    const totalAmount = ordered.reduce((sum, line) => sum + line.priceAmount, 0);
    assertExpectedTotal(input.expectedTotal, { amount: totalAmount, currency: config.currency });
    const now = clock.now();
    const orderId = await insertOrder(trx, {
      userId,
      totalAmount,
      currency: config.currency,
      createdAt: now,
      expiresAt: addSeconds(now, config.orderPendingSeconds),
      items: ordered.map(({ id, name, year, priceAmount }) => ({ movieId: id, name, year, priceAmount })),
    });
    await deleteCartItems(
      trx,
      userId,
      ordered.map((line) => line.id),
    );
    return { orderId, excluded };
  });
  return { order: await getOrder(deps, userId, placed.orderId), excluded: placed.excluded };
}

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

type Orderable = CartLine & { priceAmount: number };

function sortOut(
  lines: CartLine[],
  wanted: string[] | undefined,
  currency: string,
): { ordered: Orderable[]; excluded: Excluded[] } {
  const ordered: Orderable[] = [];
  const excluded: Excluded[] = [];
  for (const line of lines) {
    if (wanted && !wanted.some((ref) => isLine(line, ref))) continue;
    const reason = whyNotOrderable(line, currency);
    if (reason !== null) excluded.push({ movieId: line.id, reason });
    else if (line.priceAmount !== null) ordered.push({ ...line, priceAmount: line.priceAmount });
  }
  for (const ref of new Set(wanted)) {
    if (!lines.some((line) => isLine(line, ref))) excluded.push({ movieId: ref, reason: 'not_in_cart' });
  }
  return { ordered, excluded };
}

function isLine(line: CartLine, ref: string): boolean {
  return line.id === ref.toLowerCase() || line.slug === ref.toLowerCase();
}

function assertExpectedTotal(
  expected: CreateOrder['expectedTotal'],
  actual: { amount: number; currency: string },
): void {
  if (!expected || (expected.amount === actual.amount && expected.currency === actual.currency)) return;
  throw new AppError('price_changed', { details: { oldTotal: expected, newTotal: actual } });
}

function toOrder(config: Deps['config'], row: OrderRow): Order {
  const { items, payment, totalAmount, currency, expiresAt, ...order } = row;
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    createdAt: order.createdAt,
    paidAt: order.paidAt,
    canceledAt: order.canceledAt,
    expiresAt: order.status === 'pending' ? expiresAt : null,
    total: { amount: totalAmount, currency },
    items: items.map(({ movieId, name, year, slug, priceAmount, updatedAt }) => ({
      movieId,
      slug,
      name,
      year,
      price: { amount: priceAmount, currency },
      posterUrl: posterUrl(config, { id: movieId, updatedAt: new Date(updatedAt) }),
    })),
    payment: payment && {
      id: payment.id,
      orderId: order.id,
      orderNumber: order.number,
      status: payment.status,
      amount: { amount: payment.amount, currency: payment.currency },
      receiptUrl: payment.receiptUrl,
      // A moment inside JSON comes as text.
      createdAt: new Date(payment.createdAt),
    },
  };
}
