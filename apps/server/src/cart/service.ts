import type { Cart } from '@online-cinema/contract/cart';
import { inTransaction } from '@online-cinema/db/transaction';
import { posterUrl, toMoney } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import { ownsMovie } from '../library/queries.ts';
import { AppError } from '../lib/errors.ts';
import type { Limit } from '../lib/rate-limit.ts';
import { selectPromoByCode } from '../promos/queries.ts';
import { weighPromo } from '../promos/weighing.ts';
import { deleteCartPromo, selectCartPromo, upsertCartPromo } from './promo-queries.ts';
import {
  type CartLine,
  deleteAllCartItems,
  deleteCartItem,
  insertCartItem,
  isInPendingOrder,
  lockShopper,
  selectCartLines,
  selectPricedMovie,
} from './queries.ts';

type CartDeps = Pick<Deps, 'db' | 'config' | 'clock'>;

/** Gives a cart at today's prices, oldest line first. The sums leave out what can't be ordered now. */
export async function getCart({ db, config, clock }: CartDeps, userId: string): Promise<Cart> {
  const [lines, code] = await Promise.all([selectCartLines(db, userId), selectCartPromo(db, userId)]);
  const { currency } = config;
  const films = lines.filter((line) => isOrderable(line, currency));
  const subtotal = films.reduce((sum, film) => sum + film.priceAmount, 0);
  const verdict = code === undefined ? null : await weighPromo(db, { code, userId, films, currency, now: clock.now() });
  const discount = verdict?.why === null ? verdict.discount.amount : 0;
  return {
    items: lines.map((line) => ({
      movie: {
        id: line.id,
        slug: line.slug,
        name: line.name,
        year: line.year,
        genres: line.genres,
        posterUrl: posterUrl(config, line),
      },
      price: toMoney(line.priceAmount, line.priceCurrency),
      addedAt: line.addedAt,
      available: isOrderable(line, currency),
    })),
    promo: code === undefined || verdict === null ? null : { code, why: verdict.why },
    subtotal: { amount: subtotal, currency },
    discount: { amount: discount, currency },
    total: { amount: subtotal - discount, currency },
  };
}

/**
 * Puts a film in the cart and answers the cart.
 *
 * @throws AppError `not_found`, `already_owned`, `in_pending_order`, `not_for_sale`, `already_in_cart`.
 */
export async function addToCart(deps: CartDeps, userId: string, ref: string): Promise<Cart> {
  await inTransaction(deps.db, async (trx) => {
    await lockShopper(trx, userId);
    const movie = await selectPricedMovie(trx, ref);
    if (!movie) throw new AppError('not_found');
    // In this order: an order that is paid between the two questions is seen by the second.
    if (await isInPendingOrder(trx, userId, movie.id)) throw new AppError('in_pending_order');
    if (await ownsMovie(trx, userId, movie.id)) throw new AppError('already_owned');
    if (!isForSale(movie, deps.config.currency)) throw new AppError('not_for_sale');
    if (!(await insertCartItem(trx, userId, movie.id))) throw new AppError('already_in_cart');
  });
  return await getCart(deps, userId);
}

/** Takes a film out of the cart. @throws AppError `not_in_cart`. */
export async function removeFromCart({ db }: Pick<Deps, 'db'>, userId: string, ref: string): Promise<void> {
  if (!(await deleteCartItem(db, userId, ref))) throw new AppError('not_in_cart');
}

/** Empties a cart. */
export async function clearCart({ db }: Pick<Deps, 'db'>, userId: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    await deleteAllCartItems(trx, userId);
    await deleteCartPromo(trx, userId);
  });
}

// Nobody finds a code by trying.
const CODES_TRIED: Limit = {
  windows: [
    { count: 20, seconds: 60 },
    { count: 100, seconds: 86_400 },
  ],
};

/**
 * Puts a promotion in the cart, in place of another, and answers the cart.
 *
 * @throws AppError `unknown_promo`, `promo_not_applicable` (with `why`), `too_many_requests`.
 */
export async function applyPromo(deps: CartDeps & Pick<Deps, 'limits'>, userId: string, code: string): Promise<Cart> {
  const { db, config, clock, limits } = deps;
  await limits.take('promo.user', userId, CODES_TRIED);
  const promo = await selectPromoByCode(db, code);
  if (!promo?.isActive) throw new AppError('unknown_promo');
  const lines = await selectCartLines(db, userId);
  const films = lines.filter((line) => isOrderable(line, config.currency));
  const { why } = await weighPromo(db, { code, userId, films, currency: config.currency, now: clock.now() });
  if (why !== null) throw new AppError('promo_not_applicable', { details: { why } });
  await upsertCartPromo(db, userId, code);
  return await getCart(deps, userId);
}

/** Takes the promotion out of the cart, if there is one, and answers the cart. */
export async function removePromo(deps: CartDeps, userId: string): Promise<Cart> {
  await deleteCartPromo(deps.db, userId);
  return await getCart(deps, userId);
}

/** Tells why a line of the cart can't be ordered now, or `null` when it can. */
export function whyNotOrderable(
  line: CartLine,
  currency: string,
): 'already_owned' | 'in_pending_order' | 'not_for_sale' | null {
  if (line.isOwned) return 'already_owned';
  if (line.isInPendingOrder) return 'in_pending_order';
  if (line.isWithdrawn || !isForSale(line, currency)) return 'not_for_sale';
  return null;
}

function isOrderable(line: CartLine, currency: string): line is CartLine & { priceAmount: number } {
  return whyNotOrderable(line, currency) === null;
}

// A price in another currency than the shop's is one the shop can't charge.
function isForSale(movie: { priceAmount: number | null; priceCurrency: string | null }, currency: string): boolean {
  return movie.priceAmount !== null && movie.priceCurrency === currency;
}
