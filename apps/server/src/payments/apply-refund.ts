import type { Db } from '@online-cinema/db/open';
import type Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { deleteLibraryMovies } from '../library/queries.ts';
import { raiseAlert } from './alerts.ts';
import { takeNumber } from './numbers.ts';
import { lockOrder, selectOrderLines, updatePayment } from './queries.ts';
import { refundMail } from './refund-mail.ts';
import {
  closeRequests,
  type LockedPayment,
  lockPayment,
  type RefundStanding,
  selectStandings,
  setOrderRefunded,
  setRefundedStatus,
  updateRefund,
} from './refund-queries.ts';

type ApplyDeps = Pick<Deps, 'queue' | 'clock' | 'log' | 'metrics'>;

/** What became of a refund at the gateway. Without an id the gateway was not asked, or refused. */
export type RefundOutcome = {
  status: 'pending' | 'succeeded' | 'failed';
  stripeId: string | null;
  failureCode: string | null;
};

/** What the gateway's own refund says became of it. */
export function outcomeOf(refund: Stripe.Refund): RefundOutcome {
  const isOver = refund.status === 'failed' || refund.status === 'canceled';
  return {
    status: refund.status === 'succeeded' ? 'succeeded' : isOver ? 'failed' : 'pending',
    stripeId: refund.id,
    failureCode: isOver ? (refund.failure_reason ?? refund.status) : null,
  };
}

/**
 * Brings a refund to where the gateway says it is, inside the transaction that holds the locks of its order and payment.
 * It may be called again with the same, or with something older: a refund that has succeeded stays so.
 */
export async function applyOutcome(
  deps: ApplyDeps,
  trx: Db,
  payment: LockedPayment,
  refund: RefundStanding,
  outcome: RefundOutcome,
): Promise<void> {
  const { status, stripeId, failureCode } = outcome;
  if (refund.status === 'succeeded') {
    if (status === 'failed' && refund.failureCode === null) await noteLateFailure(deps, trx, payment, refund, outcome);
    return;
  }
  if (refund.status === 'rejected') return;
  if (status === 'succeeded') {
    await completeRefund(deps, trx, payment, { ...refund, stripeId });
  } else if (status === 'pending') {
    if (refund.stripeId !== stripeId) await updateRefund(trx, refund.id, { status: 'pending', stripeId });
  } else if (refund.status !== 'failed') {
    const failed = { stripeId: stripeId ?? refund.stripeId, failureCode: failureCode ?? 'failed' };
    await updateRefund(trx, refund.id, { status: 'failed', ...failed, finishedAt: deps.clock.now() });
    const details = { refundId: refund.id, paymentId: payment.id, failureCode };
    raiseAlert(deps, 'refund_failed', details, 'a refund could not be made');
  }
}

/**
 * Ends a refund that has reached the buyer: its films leave his library, payment and order say so, and he gets a mail,
 * all inside the transaction that holds the locks of order and payment.
 */
export async function completeRefund(
  { queue, clock }: ApplyDeps,
  trx: Db,
  payment: LockedPayment,
  refund: Pick<RefundStanding, 'id' | 'stripeId'>,
): Promise<void> {
  const now = clock.now();
  const number = await takeNumber(trx, 'credit_notes');
  await updateRefund(trx, refund.id, { status: 'succeeded', stripeId: refund.stripeId, number, finishedAt: now });
  const succeeded = (await selectStandings(trx, payment.id)).filter(({ status }) => status === 'succeeded');
  const refunded = succeeded.reduce((sum, { amount }) => sum + amount, 0);
  const gone = new Set(succeeded.flatMap(({ items }) => items.map(({ movieId }) => movieId)));
  const ordered = (await selectOrderLines(trx, payment.orderId)).map(({ movieId }) => movieId);
  const isAllMoney = refunded === payment.amount;
  // Of an order that cost nothing the films decide, of any other the money too: who has it all back keeps nothing.
  const isAll = (isAllMoney && payment.amount > 0) || ordered.every((movieId) => gone.has(movieId));

  await setRefundedStatus(trx, payment.id, isAllMoney && isAll ? 'refunded' : 'partially_refunded');
  // Money that fitted no order is gone: nobody has to look at it any more.
  if (isAllMoney && payment.reviewReason?.endsWith('_mismatch')) {
    await updatePayment(trx, payment.id, { reviewReason: null });
  }
  if (isAll) await closeRequests(trx, payment.id, now);
  if (payment.isFulfilling) {
    await deleteLibraryMovies(trx, payment.orderId, isAll ? ordered : [...gone]);
    if (isAll) await setOrderRefunded(trx, payment.orderId);
  }
  await queue.enqueue(trx, refundMail, { refundId: refund.id });
}

/** Locks what a refund changes, in the order everybody does. */
export async function lockForRefund(
  trx: Db,
  { orderId, paymentId }: { orderId: string; paymentId: string },
): Promise<LockedPayment> {
  await lockOrder(trx, orderId);
  const payment = await lockPayment(trx, paymentId);
  if (!payment) throw new Error(`payment ${paymentId} is gone`);
  return payment;
}

// A bank may send money back that was on its way: it is with us again, and owed to the buyer by another way.
async function noteLateFailure(
  deps: ApplyDeps,
  trx: Db,
  payment: LockedPayment,
  refund: RefundStanding,
  { failureCode }: RefundOutcome,
): Promise<void> {
  await updateRefund(trx, refund.id, { failureCode: failureCode ?? 'failed' });
  if (payment.reviewReason === null) await updatePayment(trx, payment.id, { reviewReason: 'refund_failed' });
  const details = { refundId: refund.id, paymentId: payment.id, failureCode };
  raiseAlert(deps, 'refund_failed', details, 'a refund came back: the buyer has to be paid another way');
}
