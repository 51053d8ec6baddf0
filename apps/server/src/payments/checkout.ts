import type { Checkout } from '@online-cinema/contract/orders';
import { inTransaction } from '@online-cinema/db/transaction';
import Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import type { Keep } from '../idempotency.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { SHOP_ACTS } from '../orders/limits.ts';
import { checkoutOf, openSession, type PageContents } from './open-session.ts';
import { assertForSale, assertSamePrices } from './order-prices.ts';
import {
  type Attempt,
  extendOrder,
  hasSuccessfulAttempt,
  insertAttempt,
  lockOrder,
  lockPayer,
  selectActiveAttempt,
  selectAttempt,
  selectOrderLines,
  updatePayment,
} from './queries.ts';
import { completePayment, settleAttempt } from './settle.ts';
import { shareCalls } from './shared-calls.ts';

type CheckoutDeps = Pick<Deps, 'db' | 'stripe' | 'config' | 'clock' | 'queue' | 'log' | 'limits' | 'metrics'>;

// Stripe lets a session live for 30 minutes at least; the minute is for clocks that differ.
const SHORTEST_SESSION_SECONDS = 31 * 60;

/** How often the page may turn out to be closed, and another be opened. */
const MOST_TRIES = 3;

/**
 * Opens the gateway's page for a pending order, or gives the one that is open already: Stripe is asked whether it is, for
 * its word of the end may be late or lost. An order worth nothing is paid at once, without the gateway.
 *
 * The attempt is a row before the gateway hears of it, and no transaction is open while the gateway thinks.
 *
 * @throws AppError `not_found`, `order_not_pending`, `checkout_completing` (the bank of the buyer is deciding),
 * `not_for_sale` (with `excluded`: the order has to be canceled, which gives the others back to the cart),
 * `price_changed`, `gateway_unavailable` (the order is kept), `too_many_requests`.
 */
export async function openCheckout(
  deps: CheckoutDeps,
  userId: string,
  orderId: string,
  keep: Keep<Checkout>,
): Promise<Checkout> {
  await deps.limits.take('checkout.user', userId, SHOP_ACTS);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const { attempt, contents } = await prepareAttempt(deps, userId, orderId, keep);
    const { stripeSessionId, checkoutUrl } = attempt;
    if (attempt.closedAt !== null) return checkoutOf(deps, attempt);
    if (checkoutUrl === null || stripeSessionId === null) return await openSession(deps, attempt, contents, keep);
    if (await isStillOpen(deps, attempt.id, stripeSessionId)) {
      const open = checkoutOf(deps, attempt);
      await keep(deps.db, open);
      return open;
    }
  }
  throw new AppError('unavailable');
}

const shared = shareCalls<Stripe.Checkout.Session.Status | null>();

/**
 * Asks Stripe whether an attempt can be paid still, and brings it to where Stripe is.
 *
 * @throws AppError `checkout_completing`, `gateway_unavailable`.
 */
async function isStillOpen(deps: CheckoutDeps, paymentId: string, sessionId: string): Promise<boolean> {
  const { db, stripe, log } = deps;
  try {
    const status = await shared(stripe, sessionId, () => settleAttempt(deps, paymentId, sessionId));
    if (status === 'open') return true;
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    log.warn({ err: error, paymentId }, 'Stripe did not say how a checkout stands');
    throw new AppError('gateway_unavailable', { cause: error, retryAfterSeconds: 5 });
  }
  const settled = await selectAttempt(db, paymentId);
  if (settled?.closedAt === null) throw new AppError('checkout_completing');
  return false;
}

type Prepared = { attempt: Attempt; contents: PageContents };

async function prepareAttempt(
  { db, clock, queue, config }: CheckoutDeps,
  userId: string,
  orderId: string,
  keep: Keep<Checkout>,
): Promise<Prepared> {
  return await inTransaction(db, async (trx) => {
    const now = clock.now();
    // The account before the order, as its deletion does it: an account deleted in this moment gets no attempt.
    const email = await lockPayer(trx, userId);
    if (email === undefined) throw new AppError('not_found');
    const order = await lockOrder(trx, orderId);
    if (!order || order.userId !== userId) throw new AppError('not_found');
    if (order.status !== 'pending' || order.expiresAt <= now) throw new AppError('order_not_pending');
    // Its payment waits for a person to look at it: the buyer must not pay again.
    if (await hasSuccessfulAttempt(trx, orderId)) throw new AppError('order_not_pending');
    const lines = await selectOrderLines(trx, orderId);
    assertForSale(lines, order);
    await assertSamePrices(trx, lines, order, now);
    const contents = { lines, email };

    const active = await selectActiveAttempt(trx, orderId);
    const shortest = addSeconds(now, SHORTEST_SESSION_SECONDS);
    if (
      active &&
      (active.checkoutUrl !== null ? active.expiresAt > now : active.expiresAt >= addSeconds(shortest, -60))
    ) {
      return { attempt: active, contents };
    }
    // It ran out, or never reached the gateway and is now too late to: nobody was given its page.
    if (active) await updatePayment(trx, active.id, { status: 'canceled', closedAt: now });

    const expiresAt = order.expiresAt > shortest ? order.expiresAt : shortest;
    await extendOrder(trx, orderId, expiresAt);
    const attempt = await insertAttempt(trx, {
      orderId,
      userId,
      gateway: order.totalAmount === 0 ? 'none' : 'stripe',
      amount: order.totalAmount,
      currency: order.currency,
      createdAt: now,
      expiresAt,
    });
    if (order.totalAmount > 0) return { attempt, contents };
    await completePayment({ db: trx, queue, config }, order, attempt, { now });
    const paid = { ...attempt, closedAt: now };
    await keep(trx, checkoutOf({ config }, paid));
    return { attempt: paid, contents };
  });
}
