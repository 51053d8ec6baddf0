import type { Cart } from '@online-cinema/contract/cart';
import { posterUrl, toMoney } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import { ownsMovie } from '../library/queries.ts';
import { AppError } from '../lib/errors.ts';
import {
  type CartLine,
  deleteCartItem,
  insertCartItem,
  isInPendingOrder,
  lockShopper,
  selectCartLines,
  selectPricedMovie,
} from './queries.ts';

type CartDeps = Pick<Deps, 'db' | 'config'>;

/** Gives a cart at today's prices, oldest line first. The total leaves out what can't be ordered now. */
export async function getCart({ db, config }: CartDeps, userId: string): Promise<Cart> {
  const lines = await selectCartLines(db, userId);
  const items = lines.map((line) => ({
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
    available: whyNotOrderable(line, config.currency) === null,
  }));
  const amount = items.reduce((sum, item) => sum + (item.available ? (item.price?.amount ?? 0) : 0), 0);
  return { items, total: { amount, currency: config.currency } };
}

/**
 * Puts a film in the cart and answers the cart.
 *
 * @throws AppError `not_found`, `already_owned`, `in_pending_order`, `not_for_sale`, `already_in_cart`.
 */
export async function addToCart(deps: CartDeps, userId: string, ref: string): Promise<Cart> {
  await deps.db.transaction().execute(async (trx) => {
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

// A price in another currency than the shop's is one the shop can't charge.
function isForSale(movie: { priceAmount: number | null; priceCurrency: string | null }, currency: string): boolean {
  return movie.priceAmount !== null && movie.priceCurrency === currency;
}
