import type { Page, PageInput } from '@online-cinema/contract/common';
import type { CreatePromo, Promo, UpdatePromo } from '@online-cinema/contract/promos';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Db } from '@online-cinema/db/open';
import pg from 'pg';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError, type Issue } from '../lib/errors.ts';
import { chargeableStep } from '../lib/money.ts';
import { readPage } from '../lib/paging.ts';
import { NO_TERMS, type PromoTerms } from './discount.ts';
import {
  countPromos,
  deletePromo,
  insertPromo,
  lockPromo,
  PROMO_SORT,
  type PromoRow,
  selectKnownIds,
  selectPromo,
  selectPromoPage,
  updatePromo,
} from './queries.ts';

type PromoDeps = Pick<Deps, 'db' | 'config'>;
type Staff = NonNullable<Actor>;

/** The promotions, newest first. @throws AppError `invalid_cursor`. */
export async function listPromos({ db }: Pick<Deps, 'db'>, page: PageInput): Promise<Page<Promo>> {
  return await readPage(page, {
    query: { list: 'promos' },
    sort: PROMO_SORT,
    select: (position, limit) => selectPromoPage(db, { position, limit }),
    count: () => countPromos(db),
    toItem: toPromo,
  });
}

/** Makes a promotion. @throws AppError `code_taken`, `unknown_id`, `invalid_input`. */
export async function createPromo(
  { db, config }: PromoDeps,
  actor: Staff,
  { code, ...fields }: CreatePromo,
): Promise<Promo> {
  return await inTransaction(db, async (trx) => {
    const terms = merge(NO_TERMS, fields, config.currency);
    await assertSound(trx, terms, fields, config.currency);
    const id = await insertPromo(trx, { code, ...terms });
    if (id === undefined) throw new AppError('code_taken');
    await audit(trx, { actor, action: 'promos.create', target: { kind: 'promo', id }, details: { code } });
    return await getPromo(trx, id);
  });
}

/**
 * Changes a promotion. Orders that have it keep what it took off.
 *
 * @throws AppError `not_found`, `unknown_id`, `invalid_input`.
 */
export async function changePromo(
  { db, config }: PromoDeps,
  actor: Staff,
  { promoId: id, ...fields }: UpdatePromo,
): Promise<Promo> {
  return await inTransaction(db, async (trx) => {
    const before = await lockPromo(trx, id);
    if (!before) throw new AppError('not_found');
    const { code, ...old } = before;
    const terms = merge(old, fields, config.currency);
    await assertSound(trx, terms, fields, config.currency);
    await updatePromo(trx, id, terms);
    const details = { code, fields: Object.keys(fields).join(', ') };
    await audit(trx, { actor, action: 'promos.update', target: { kind: 'promo', id }, details });
    return await getPromo(trx, id);
  });
}

/** Deletes a promotion that no order has. @throws AppError `not_found`, `promo_in_use`. */
export async function removePromo({ db }: Pick<Deps, 'db'>, actor: Staff, id: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const promo = await lockPromo(trx, id);
    if (!promo) throw new AppError('not_found');
    await deletePromo(trx, id);
    await audit(trx, { actor, action: 'promos.delete', target: { kind: 'promo', id }, details: { code: promo.code } });
  }).catch((error: unknown) => {
    // A canceled order tells of it too.
    const hasOrders = error instanceof pg.DatabaseError && error.constraint === 'orders_promo_id_fkey';
    throw hasOrders ? new AppError('promo_in_use') : error;
  });
}

type Fields = Omit<CreatePromo, 'code'>;

// What is not named stays.
function merge(old: PromoTerms, fields: Fields, currency: string): PromoTerms {
  const { amount, minTotal, perUser, ...same } = fields;
  const named = Object.fromEntries(Object.entries(same).filter(([, value]) => value !== undefined));
  const terms: PromoTerms = {
    ...old,
    ...named,
    ...(amount !== undefined && { amount: amount && amount.amount }),
    ...(minTotal !== undefined && { minTotalAmount: minTotal && minTotal.amount }),
    ...(perUser !== undefined && { maxUsesPerUser: perUser }),
  };
  if (terms.amount === null && terms.minTotalAmount === null) return { ...terms, currency: null };
  // An amount that stays is in the currency the shop had then.
  const keepsAmount = (!amount && terms.amount !== null) || (!minTotal && terms.minTotalAmount !== null);
  return { ...terms, currency: keepsAmount ? old.currency : currency };
}

async function assertSound(db: Db, terms: PromoTerms, fields: Fields, currency: string): Promise<void> {
  const issues: Issue[] = [];
  const refuse = (path: Issue['path'], message: string) => issues.push({ path, message });
  if ((terms.percent === null) === (terms.amount === null)) refuse(['percent'], 'Give either a percent or an amount.');
  if (terms.startsAt && terms.endsAt && terms.startsAt >= terms.endsAt) refuse(['endsAt'], 'Must be after startsAt.');
  for (const name of ['amount', 'minTotal'] as const) {
    const money = fields[name];
    if (!money) continue;
    if (money.currency !== currency || terms.currency !== currency) {
      refuse([name, 'currency'], `The shop sells in ${currency}.`);
    }
    if (name === 'amount' && (money.amount === 0 || money.amount % chargeableStep(currency) !== 0)) {
      refuse([name, 'amount'], 'This can not be taken off a card payment.');
    }
  }
  if (issues.length > 0) throw new AppError('invalid_input', { issues });
  for (const [name, kind] of [
    ['movieIds', 'movies'],
    ['genreIds', 'genres'],
  ] as const) {
    const ids = fields[name] ?? [];
    const known = await selectKnownIds(db, kind, ids);
    for (const [index, id] of ids.entries()) {
      if (!known.has(id.toLowerCase())) refuse([name, index], 'There is none with this id.');
    }
  }
  if (issues.length > 0) throw new AppError('unknown_id', { issues });
}

async function getPromo(db: Db, id: string): Promise<Promo> {
  const row = await selectPromo(db, id);
  if (!row) throw new AppError('not_found');
  return toPromo(row);
}

function toPromo({ amount, minTotalAmount, currency, maxUsesPerUser, ...promo }: PromoRow): Promo {
  const money = (value: number | null) => (value === null || currency === null ? null : { amount: value, currency });
  return { ...promo, amount: money(amount), minTotal: money(minTotalAmount), perUser: maxUsesPerUser };
}
