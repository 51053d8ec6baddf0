import type { PromoRefusal } from '@online-cinema/contract/promos';
import { chargeableStep } from '../lib/money.ts';

/** A promotion, as far as it decides what it takes off. Amounts are in the minor unit of `currency`. */
export type PromoTerms = {
  percent: number | null;
  amount: number | null;
  minTotalAmount: number | null;
  currency: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  maxUses: number | null;
  maxUsesPerUser: number | null;
  movieIds: string[];
  genreIds: string[];
  isActive: boolean;
};

/** The terms of a promotion that nothing limits, and that takes nothing off. */
export const NO_TERMS: PromoTerms = {
  percent: null,
  amount: null,
  minTotalAmount: null,
  currency: null,
  startsAt: null,
  endsAt: null,
  maxUses: null,
  maxUsesPerUser: null,
  movieIds: [],
  genreIds: [],
  isActive: true,
};

/** How many orders have a promotion already: all of them, and those of one user. */
export type PromoUses = { uses: number; usesByUser: number };

/** A film about to be bought. */
export type PricedFilm = { id: string; priceAmount: number; genres: { id: string }[] };

/** What is taken off: the whole, and each film's share of it in the order of the films. */
export type Discount = { amount: number; shares: number[] };

/** Tells why a promotion takes nothing off these films, or `null` when it does. */
export function whyNotApplicable(
  promo: PromoTerms & PromoUses,
  { films, currency, now }: { films: PricedFilm[]; currency: string; now: Date },
): PromoRefusal | null {
  if (!promo.isActive || (promo.endsAt !== null && promo.endsAt <= now)) return 'ended';
  if (promo.startsAt !== null && promo.startsAt > now) return 'not_started';
  if (promo.currency !== null && promo.currency !== currency) return 'wrong_currency';
  if (promo.maxUses !== null && promo.uses >= promo.maxUses) return 'used_up';
  if (promo.maxUsesPerUser !== null && promo.usesByUser >= promo.maxUsesPerUser) return 'used_by_you';
  if (!films.some((film) => film.priceAmount > 0 && isMeant(promo, film))) return 'no_matching_film';
  const subtotal = films.reduce((sum, film) => sum + film.priceAmount, 0);
  return subtotal < (promo.minTotalAmount ?? 0) ? 'below_minimum' : null;
}

/**
 * Works out what an applicable promotion takes off. It is rounded in the buyer's favour, and shared out by price among the
 * films that are meant; what is left over goes where most was cut off.
 */
export function discountOf(promo: PromoTerms, films: PricedFilm[], currency: string): Discount {
  const step = chargeableStep(currency);
  const weights = films.map((film) => (isMeant(promo, film) ? Math.floor(film.priceAmount / step) : 0));
  const base = weights.reduce((sum, weight) => sum + weight, 0);
  const off = promo.percent === null ? Math.ceil((promo.amount ?? 0) / step) : Math.ceil((base * promo.percent) / 100);
  const shares = shareOut(Math.min(off, base), weights).map((share) => share * step);
  return { amount: shares.reduce((sum, share) => sum + share, 0), shares };
}

function isMeant({ movieIds, genreIds }: PromoTerms, film: PricedFilm): boolean {
  if (movieIds.length + genreIds.length === 0) return true;
  return movieIds.includes(film.id) || film.genres.some((genre) => genreIds.includes(genre.id));
}

// The largest remainders, the first of equals. No share is greater than its weight, as the whole is not. The products are
// beyond what a number holds exactly.
function shareOut(whole: number, weights: number[]): number[] {
  const base = weights.reduce((sum, weight) => sum + weight, 0);
  if (base === 0) return weights;
  const products = weights.map((weight) => BigInt(weight) * BigInt(whole));
  const shares = products.map((product) => Number(product / BigInt(base)));
  const left = whole - shares.reduce((sum, share) => sum + share, 0);
  const byRemainder = products
    .map((product, index) => ({ index, remainder: product % BigInt(base) }))
    .sort((one, other) => Number(other.remainder - one.remainder) || one.index - other.index);
  for (const { index } of byRemainder.slice(0, left)) shares[index] = (shares[index] ?? 0) + 1;
  return shares;
}
