import { inTransaction } from '@online-cinema/db/transaction';
import Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { applyOutcome, lockForRefund, outcomeOf, type RefundOutcome } from './apply-refund.ts';
import { type RefundToMake, selectRefundToMake, selectStandings } from './refund-queries.ts';

/** What it takes to make a refund. */
export type RefundDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log' | 'metrics'>;

/**
 * Makes a refund at the gateway, or looks what became of it, and brings its row there. Safe to do twice, at once too: the
 * refund's id is the idempotency key. One that is not pending is left as it is.
 *
 * @throws when the gateway gave no answer: the refund stays pending, and this has to be done again.
 */
export async function finishRefund(
  deps: RefundDeps,
  refundId: string,
  options: Stripe.RequestOptions = {},
): Promise<void> {
  const refund = await selectRefundToMake(deps.db, refundId);
  if (!refund) return;
  const outcome = await askGateway(deps, refund, options);
  await inTransaction(deps.db, async (trx) => {
    const payment = await lockForRefund(trx, refund);
    const standing = (await selectStandings(trx, payment.id)).find(({ id }) => id === refundId);
    if (standing?.status === 'pending') await applyOutcome(deps, trx, payment, standing, outcome);
  });
}

async function askGateway(
  { stripe }: RefundDeps,
  refund: RefundToMake,
  options: Stripe.RequestOptions,
): Promise<RefundOutcome> {
  // A film that cost nothing.
  if (refund.amount === 0) return { status: 'succeeded', stripeId: null, failureCode: null };
  if (refund.stripeId !== null) return outcomeOf(await stripe.refunds.retrieve(refund.stripeId, {}, options));
  if (refund.intentId === null) throw new Error(`payment ${refund.paymentId} has no payment intent`);
  // Stripe forgets keys after a day. A refund whose answer was lost before that is found by its name.
  const made = await findMade({ stripe }, refund.intentId, refund.id, options);
  if (made) return outcomeOf(made);
  try {
    const created = await stripe.refunds.create(
      {
        payment_intent: refund.intentId,
        amount: refund.amount,
        reason: 'requested_by_customer',
        metadata: { orderId: refund.orderId, paymentId: refund.paymentId, refundId: refund.id },
      },
      { ...options, idempotencyKey: refund.id },
    );
    return outcomeOf(created);
  } catch (error) {
    // A refusal is Stripe's last word under this key: it was paid back or disputed there meanwhile. A conflict (409) only
    // says that somebody else asks at this moment.
    if (!(error instanceof Stripe.errors.StripeInvalidRequestError) || error.statusCode !== 400) throw error;
    return { status: 'failed', stripeId: null, failureCode: error.code ?? 'refused' };
  }
}

async function findMade(
  { stripe }: Pick<Deps, 'stripe'>,
  payment_intent: string,
  refundId: string,
  options: Stripe.RequestOptions,
): Promise<Stripe.Refund | undefined> {
  for await (const refund of stripe.refunds.list({ payment_intent, limit: 100 }, options)) {
    if (refund.metadata?.['refundId'] === refundId) return refund;
  }
  return undefined;
}
