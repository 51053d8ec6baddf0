import type { PromoRefusal } from '@online-cinema/contract/promos';
import type { Db } from '@online-cinema/db/open';
import { type Discount, discountOf, type PricedFilm, whyNotApplicable } from './discount.ts';
import { countPromoUses, lockPromoByCode, selectPromoByCode } from './queries.ts';

/**
 * What somebody is about to buy, and the code he wants it cheaper with, in upper case; of an order that he would place
 * anew, the order, which does not use the promotion up then.
 */
export type Purchase = {
  code: string;
  userId: string;
  films: PricedFilm[];
  currency: string;
  now: Date;
  exceptOrderId?: string;
};

/** What a promotion does for a purchase: a discount, or nothing, and why. */
export type Verdict = { why: null; promoId: string; discount: Discount } | { why: PromoRefusal };

/** Tells what a promotion does for a purchase at this moment. One that was deleted has ended. */
export async function weighPromo(db: Db, purchase: Purchase): Promise<Verdict> {
  return await weigh(db, purchase, await selectPromoByCode(db, purchase.code));
}

/** The same for an order about to be written: until the transaction ends nobody else can use the promotion up. */
export async function weighAndLockPromo(trx: Db, purchase: Purchase): Promise<Verdict> {
  return await weigh(trx, purchase, await lockPromoByCode(trx, purchase.code));
}

async function weigh(
  db: Db,
  { userId, films, currency, now, exceptOrderId }: Purchase,
  promo: Awaited<ReturnType<typeof selectPromoByCode>>,
): Promise<Verdict> {
  if (!promo) return { why: 'ended' };
  const uses = await countPromoUses(db, promo.id, { userId, exceptOrderId });
  const why = whyNotApplicable({ ...promo, ...uses }, { films, currency, now });
  return why === null ? { why, promoId: promo.id, discount: discountOf(promo, films, currency) } : { why };
}
