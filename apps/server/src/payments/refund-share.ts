import type { Db } from '@online-cinema/db/open';
import { AppError } from '../lib/errors.ts';
import { chargeableStep } from '../lib/money.ts';
import {
  type LockedPayment,
  type RefundableLine,
  type RefundStanding,
  selectRefundableLines,
  selectStandings,
} from './refund-queries.ts';

/** What a refund would pay back: so much, for these films; whether any of them was begun. */
type Share = { amount: number; movieIds: string[]; isWatched: boolean };

// A request that waits for a decision holds its films and its money, so that nobody asks twice.
const LIVE = ['requested', 'pending', 'succeeded'] as const;

/**
 * Works out what a refund of these films pays back: for each what was paid for it, for the last ones all that is left.
 * Without films it is all that nobody has asked for yet. Call it under the payment's lock.
 *
 * @throws AppError `not_refundable`, `already_refunded`.
 */
export async function chooseShare(trx: Db, payment: LockedPayment, refs: string[] | undefined): Promise<Share> {
  const refunds = await selectStandings(trx, payment.id);
  const left = leftAmong(payment, refunds, LIVE);
  // Money that bought nothing goes back whole.
  if (!payment.isFulfilling) {
    if (refs !== undefined) throw new AppError('not_refundable');
    if (left === 0) throw new AppError('already_refunded');
    return { amount: left, movieIds: [], isWatched: false };
  }
  const taken = filmsOf(refunds, LIVE);
  const lines = await selectRefundableLines(trx, payment.orderId);
  const open = lines.filter(({ movieId }) => !taken.has(movieId));
  const chosen = refs === undefined ? open : chooseLines(lines, refs);
  if (chosen.length === 0 || chosen.some((line) => !open.includes(line))) throw new AppError('already_refunded');
  if (left === 0 && payment.amount > 0) throw new AppError('already_refunded');
  const paid = chosen.reduce((sum, line) => sum + line.paid, 0);
  const step = chargeableStep(payment.currency);
  return {
    // Cards settle no less than a step: what is over goes back with the last film.
    amount: chosen.length === open.length ? left : Math.min(paid - (paid % step), left),
    movieIds: chosen.map(({ movieId }) => movieId),
    isWatched: chosen.some(({ isWatched }) => isWatched),
  };
}

/**
 * Makes sure that the buyer has asked for none of these films, or, without films, for none at all: what he asked for is
 * granted or declined, and he hears of it. Call it under the payment's lock.
 *
 * @throws AppError `refund_requested` (with `refundId`), `not_refundable`.
 */
export async function assertNotRequested(trx: Db, payment: LockedPayment, refs: string[] | undefined): Promise<void> {
  const requests = (await selectStandings(trx, payment.id)).filter(({ status }) => status === 'requested');
  if (requests.length === 0) return;
  const lines = await selectRefundableLines(trx, payment.orderId);
  const films = new Set((refs === undefined ? lines : chooseLines(lines, refs)).map(({ movieId }) => movieId));
  const request = requests.find(({ items }) => items.some(({ movieId }) => films.has(movieId)));
  if (request) throw new AppError('refund_requested', { details: { refundId: request.id } });
}

/** The films that refunds in these states take back. */
export function filmsOf(refunds: RefundStanding[], states: readonly RefundStanding['status'][]): Set<string> {
  return new Set(
    refunds.filter(({ status }) => states.includes(status)).flatMap(({ items }) => items.map(({ movieId }) => movieId)),
  );
}

/** How much of a payment its refunds in these states leave. */
export function leftAmong(
  { amount }: LockedPayment,
  refunds: RefundStanding[],
  states: readonly RefundStanding['status'][],
): number {
  const live = refunds.filter(({ status }) => states.includes(status));
  return Math.max(0, amount - live.reduce((sum, refund) => sum + refund.amount, 0));
}

function chooseLines(lines: RefundableLine[], refs: string[]): RefundableLine[] {
  const wanted = new Set(refs.map((ref) => ref.toLowerCase()));
  const chosen = lines.filter(({ movieId, slug }) => wanted.has(movieId) || wanted.has(slug));
  const unknown = [...wanted].find((ref) => !lines.some(({ movieId, slug }) => ref === movieId || ref === slug));
  if (unknown !== undefined) throw new AppError('not_refundable', { details: { movieId: unknown } });
  return chosen;
}
