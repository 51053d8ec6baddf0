import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { raiseAlert } from './alerts.ts';
import { applyOutcome, completeRefund, lockForRefund, outcomeOf } from './apply-refund.ts';
import { finishRefund } from './finish-refund.ts';
import { selectOrderLines, updatePayment } from './queries.ts';
import {
  insertRefund,
  type LockedPayment,
  type RefundStanding,
  selectGatewayIds,
  selectPendingRefunds,
  selectStandings,
} from './refund-queries.ts';
import { filmsOf, leftAmong } from './refund-share.ts';
import { settleAttempt } from './settle.ts';

type FollowDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log' | 'config' | 'metrics'>;

// What has taken money, or is about to.
const TAKEN = ['pending', 'succeeded'] as const;

/**
 * Brings a payment's refunds to where the gateway says they are, also those made there by hand, and those a bank has
 * taken by a dispute. What is asked are the refunds and disputes as they are now, not the event that gave the cause; so
 * it may be called twice, late and in any order.
 *
 * A refund made by hand that leaves something of the payment is money only; one that leaves nothing takes back what the
 * buyer still has. An open dispute calls a person; one that is lost acts as a refund of all films.
 *
 * @throws Error when this has to be done again: the gateway did not answer, or one of our refunds is under way.
 */
export async function followGateway(deps: FollowDeps, paymentId: string): Promise<void> {
  const payment = await findSettled(deps, paymentId);
  if (!payment) return;
  // Ours first: what the gateway has refused is not in the way of what it has done.
  for (const { id } of await selectPendingRefunds(deps.db, { paymentId })) await finishRefund(deps, id);
  const list = { payment_intent: payment.intentId, limit: 100 };
  const refunds = await toArray(deps.stripe.refunds.list(list));
  const disputes = await toArray(deps.stripe.disputes.list(list));
  await inTransaction(deps.db, async (trx) => {
    const locked = await lockForRefund(trx, { orderId: payment.orderId, paymentId });
    // They come newest first.
    for (const refund of refunds.toReversed()) await followRefund(deps, trx, locked, refund);
    for (const dispute of disputes.toReversed()) await followLostDispute(deps, trx, locked, dispute);
    await followOpenDisputes(deps, trx, locked, disputes);
  });
}

/** The payment once its money has come, with the payment intent it came by; nothing when none has. */
async function findSettled(
  deps: FollowDeps,
  paymentId: string,
): Promise<{ orderId: string; intentId: string } | undefined> {
  const known = await selectGatewayIds(deps.db, paymentId);
  if (!known) throw new Error(`there is no payment ${paymentId}`);
  const isSettled = known.status !== 'pending' && known.status !== 'declined' && known.status !== 'canceled';
  // The event about its money may come later than this one, or never.
  if (!isSettled && known.sessionId !== null) await settleAttempt(deps, paymentId, known.sessionId);
  const { orderId, intentId } = (isSettled ? known : await selectGatewayIds(deps.db, paymentId)) ?? known;
  return intentId === null ? undefined : { orderId, intentId };
}

async function followRefund(deps: FollowDeps, trx: Db, payment: LockedPayment, made: Stripe.Refund): Promise<void> {
  const standings = await selectStandings(trx, payment.id);
  const ours = standings.find(({ id, stripeId }) => stripeId === made.id || id === made.metadata?.['refundId']);
  const outcome = outcomeOf(made);
  if (ours) return await applyOutcome(deps, trx, payment, ours, outcome);
  if (outcome.status === 'failed') return;
  const reason = 'Paid back in the dashboard of the payment service.';
  const found = await recordFound(deps, trx, payment, standings, {
    origin: 'dashboard',
    reason,
    stripeId: made.id,
    amount: made.amount,
    isOfAll: false,
  });
  if (found && outcome.status === 'succeeded') await completeRefund(deps, trx, payment, found);
}

async function followLostDispute(
  deps: FollowDeps,
  trx: Db,
  payment: LockedPayment,
  dispute: Stripe.Dispute,
): Promise<void> {
  const standings = await selectStandings(trx, payment.id);
  if (dispute.status !== 'lost' || standings.some(({ stripeId }) => stripeId === dispute.id)) return;
  const found = await recordFound(deps, trx, payment, standings, {
    origin: 'dispute',
    reason: 'The bank took the money back.',
    stripeId: dispute.id,
    amount: dispute.amount,
    isOfAll: true,
  });
  if (found) await completeRefund(deps, trx, payment, found);
}

/**
 * Writes down money that went back without us, up to what is left of the payment. For what is beyond it a person is
 * called.
 */
async function recordFound(
  deps: FollowDeps,
  trx: Db,
  payment: LockedPayment,
  standings: RefundStanding[],
  found: { origin: 'dashboard' | 'dispute'; reason: string; stripeId: string; amount: number; isOfAll: boolean },
): Promise<{ id: string; stripeId: string } | undefined> {
  const { isOfAll, ...refund } = found;
  const left = leftAmong(payment, standings, TAKEN);
  // One of ours that began meanwhile holds money the gateway may have given to this one.
  const isUncertain = standings.some(({ status, stripeId }) => status === 'pending' && stripeId === null);
  if (refund.amount > left && isUncertain) throw new Error(`a refund of payment ${payment.id} is under way`);
  if (refund.amount > left) await noteBeyond(deps, trx, payment, refund, left);
  if (left === 0) return undefined;
  const amount = Math.min(refund.amount, left);
  const gone = filmsOf(standings, TAKEN);
  const films = (await selectOrderLines(trx, payment.orderId)).map(({ movieId }) => movieId);
  const takesFilms = payment.isFulfilling && (isOfAll || amount === left);
  const id = await insertRefund(trx, {
    ...refund,
    paymentId: payment.id,
    status: 'pending',
    amount,
    createdAt: deps.clock.now(),
    movieIds: takesFilms ? films.filter((movieId) => !gone.has(movieId)) : [],
  });
  return { id, stripeId: refund.stripeId };
}

// A bank that disputes what was paid back before, in part or whole, takes that twice. What is written nowhere is told
// of once only, as long as nobody has dealt with it.
async function noteBeyond(
  deps: FollowDeps,
  trx: Db,
  payment: LockedPayment,
  { stripeId, amount }: { stripeId: string; amount: number },
  left: number,
): Promise<void> {
  const { reviewReason } = payment;
  if (left === 0 && reviewReason === 'refunded_beyond') return;
  // That it was disputed is over, or about to be.
  if (reviewReason === null || reviewReason === 'disputed') await review(trx, payment, 'refunded_beyond');
  const details = { paymentId: payment.id, reviewReason: 'refunded_beyond', stripeId, amount, beyond: amount - left };
  raiseAlert(deps, 'needs_review', details, 'more went back than was paid');
}

async function followOpenDisputes(
  deps: FollowDeps,
  trx: Db,
  payment: LockedPayment,
  disputes: Stripe.Dispute[],
): Promise<void> {
  const open = disputes.find(({ status }) => !CLOSED.includes(status));
  if (open && payment.reviewReason === null) {
    await review(trx, payment, 'disputed');
    const details = { paymentId: payment.id, orderId: payment.orderId, reviewReason: 'disputed', disputeId: open.id };
    raiseAlert(deps, 'needs_review', details, 'a payment is disputed');
  } else if (!open && payment.reviewReason === 'disputed') await updatePayment(trx, payment.id, { reviewReason: null });
}

const CLOSED: readonly Stripe.Dispute.Status[] = ['lost', 'won', 'warning_closed', 'prevented'];

async function review(trx: Db, payment: LockedPayment, reviewReason: string): Promise<void> {
  await updatePayment(trx, payment.id, { reviewReason });
  payment.reviewReason = reviewReason;
}

async function toArray<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of list) items.push(item);
  return items;
}
