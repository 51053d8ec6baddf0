import type { Money } from '@online-cinema/contract/common';
import type { CreateOrder, Excluded, PlacedOrder } from '@online-cinema/contract/orders';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Db } from '@online-cinema/db/open';
import { deleteCartPromo, selectCartPromo } from '../cart/promo-queries.ts';
import { type CartLine, deleteCartItems, lockCartMovies, lockShopper, selectCartLines } from '../cart/queries.ts';
import { whyNotOrderable } from '../cart/service.ts';
import type { Deps } from '../deps.ts';
import type { Keep } from '../idempotency.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { whyNotPayable } from '../lib/money.ts';
import type { Discount } from '../promos/discount.ts';
import { weighAndLockPromo } from '../promos/weighing.ts';
import { SHOP_ACTS } from './limits.ts';
import { insertOrder } from './queries.ts';
import { getOrder } from './service.ts';

type PlacingDeps = Pick<Deps, 'db' | 'config' | 'clock' | 'limits'>;

/**
 * Turns the cart, or the part of it that is asked for, into a pending order: prices and discount are fixed, and the
 * ordered films leave the cart. What can't be bought stays there, with the reason. A promotion that no longer applies is
 * left out only if the buyer expects the total without it.
 *
 * @throws AppError `cart_empty`, `nothing_to_order` (with `excluded`), `price_changed` (with `oldTotal`, `newTotal`),
 * `promo_not_applicable` (with `why`), `total_not_payable` (with `total`, `why`), `too_many_requests`.
 */
export async function placeOrder(
  { db, config, clock, limits }: PlacingDeps,
  userId: string,
  input: CreateOrder,
  keep: Keep<PlacedOrder>,
): Promise<PlacedOrder> {
  const { currency } = config;
  await limits.take('order.user', userId, SHOP_ACTS);
  return await inTransaction(db, async (trx) => {
    await lockShopper(trx, userId);
    await lockCartMovies(trx, userId);
    const lines = await selectCartLines(trx, userId);
    if (lines.length === 0) throw new AppError('cart_empty');
    const { ordered, excluded } = sortOut(lines, input.movieIds, currency);
    if (ordered.length === 0) throw new AppError('nothing_to_order', { details: { excluded } });

    const now = clock.now();
    const { why, promoId, discount } = await usePromo(trx, userId, ordered, { currency, now });
    const total = { amount: sumOf(ordered) - discount.amount, currency };
    assertExpected(input.expectedTotal, total, why);
    assertPayable(total);
    const orderId = await insertOrder(trx, {
      userId,
      promoId,
      discountAmount: discount.amount,
      totalAmount: total.amount,
      currency,
      createdAt: now,
      expiresAt: addSeconds(now, config.orderPendingSeconds),
      items: ordered.map(({ id, name, year, priceAmount }, index) => ({
        movieId: id,
        name,
        year,
        priceAmount,
        discountAmount: discount.shares[index] ?? 0,
      })),
    });
    await deleteCartItems(
      trx,
      userId,
      ordered.map((line) => line.id),
    );
    const placed = { order: await getOrder({ db: trx, config }, userId, orderId), excluded };
    await keep(trx, placed);
    return placed;
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

type PromoUse = { why: string | null; promoId: string | null; discount: Discount };

const NO_DISCOUNT: Discount = { amount: 0, shares: [] };

// The order takes the promotion out of the cart with it; one that does not apply stays there.
async function usePromo(
  trx: Db,
  userId: string,
  films: Orderable[],
  shop: { currency: string; now: Date },
): Promise<PromoUse> {
  const code = await selectCartPromo(trx, userId);
  if (code === undefined) return { why: null, promoId: null, discount: NO_DISCOUNT };
  const verdict = await weighAndLockPromo(trx, { code, userId, films, ...shop });
  if (verdict.why !== null) return { why: verdict.why, promoId: null, discount: NO_DISCOUNT };
  await deleteCartPromo(trx, userId, code);
  return verdict;
}

function sumOf(lines: Orderable[]): number {
  return lines.reduce((sum, line) => sum + line.priceAmount, 0);
}

function assertExpected(expected: Money | undefined, total: Money, why: string | null): void {
  if (!expected && why !== null) throw new AppError('promo_not_applicable', { details: { why } });
  if (!expected || (expected.amount === total.amount && expected.currency === total.currency)) return;
  const details = { oldTotal: expected, newTotal: total, ...(why !== null && { why }) };
  throw new AppError('price_changed', { details });
}

// Refused here rather than when it is paid: the films would be stuck in the order meanwhile.
function assertPayable(total: Money): void {
  const why = whyNotPayable(total);
  if (why !== null) throw new AppError('total_not_payable', { details: { total, why } });
}
