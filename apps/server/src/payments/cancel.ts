import type { Order } from '@online-cinema/contract/orders';
import { inTransaction } from '@online-cinema/db/transaction';
import type Stripe from 'stripe';
import { lockShopper } from '../cart/queries.ts';
import { returnToCart } from '../cart/return-queries.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { SHOP_ACTS } from '../orders/limits.ts';
import { getOrder } from '../orders/service.ts';
import { lockActiveAttempt, selectExpiredOrders, selectOrderStanding, setOrderCanceled } from './cancel-queries.ts';
import { closeSession } from './close-session.ts';
import { hasSuccessfulAttempt, lockOrder, selectActiveAttempt, updatePayment } from './queries.ts';
import { settleAttempt } from './settle.ts';

type CancelDeps = Pick<Deps, 'db' | 'config' | 'stripe' | 'clock' | 'queue' | 'log' | 'metrics'>;

/** How often another checkout may be opened while one is being closed. */
const MOST_TRIES = 5;

/** How many expired orders are canceled at a time: most of the time is spent waiting for the gateway. */
const BATCH_SIZE = 5;

// A job has time: who does not answer now is asked again in a minute, and does not hold up the others.
const IMPATIENT: Stripe.RequestOptions = { timeout: 5_000, maxNetworkRetries: 0 };

/**
 * Cancels an order of a user that is not paid: what can be paid of it is closed at the gateway first, then its films go
 * back to the cart.
 *
 * @throws AppError `not_found`, `order_paid`, `order_canceled`, `order_not_pending` (its payment is under review, or it was
 * paid back), `checkout_completing`,
 * `gateway_unavailable` (the order stays as it was), `too_many_requests`.
 */
export async function cancelOrder(
  deps: CancelDeps & Pick<Deps, 'limits'>,
  userId: string,
  orderId: string,
): Promise<Order> {
  await deps.limits.take('cancel.user', userId, SHOP_ACTS);
  const order = await selectOrderStanding(deps.db, orderId);
  if (!order || order.userId !== userId) throw new AppError('not_found');
  const outcome = await giveUp(deps, orderId);
  if (outcome.done === 'completing') throw new AppError('checkout_completing');
  return await getOrder(deps, userId, orderId);
}

/**
 * Cancels the orders whose time to be paid is over. One that can't be canceled now holds up no other.
 *
 * @throws AggregateError when some failed for no known reason, after all others are done.
 */
export async function cancelExpiredOrders(deps: CancelDeps, signal: AbortSignal): Promise<void> {
  const now = deps.clock.now();
  const left: string[] = [];
  const failures: unknown[] = [];
  while (!signal.aborted) {
    const orderIds = await selectExpiredOrders(deps.db, { now, except: left, limit: BATCH_SIZE });
    if (orderIds.length === 0) break;
    await Promise.all(
      orderIds.map(async (orderId) => {
        try {
          const outcome = await giveUp(deps, orderId, IMPATIENT);
          if (outcome.done === 'canceled') return;
          left.push(orderId);
          // Paid in the last moment, and the word of it is lost or on its way.
          if (outcome.done === 'completing') await settleAttempt(deps, outcome.paymentId, outcome.sessionId);
        } catch (error) {
          left.push(orderId);
          // Refused: it was paid or canceled meanwhile, or waits for the gateway. The next run looks again.
          if (!(error instanceof AppError)) failures.push(error);
        }
      }),
    );
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} orders could not be canceled`);
}

type Outcome = { done: 'canceled' } | { done: 'completing'; paymentId: string; sessionId: string };

// The gateway is asked with no transaction open; what it closed is looked at again under the order's lock.
async function giveUp(deps: CancelDeps, orderId: string, calls?: Stripe.RequestOptions): Promise<Outcome> {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const attempt = await selectActiveAttempt(deps.db, orderId);
    const sessionId = attempt?.stripeSessionId ?? null;
    if (attempt && sessionId !== null) {
      const standing = await closeSession(deps, sessionId, calls);
      if (standing === 'complete') return { done: 'completing', paymentId: attempt.id, sessionId };
      // Stripe may be another one than it was then: until its time is over, the page may be payable there.
      if (standing === 'unknown' && attempt.expiresAt > deps.clock.now()) throw new AppError('gateway_unavailable');
    }
    if (await cancelUnlessOpen(deps, orderId, sessionId)) return { done: 'canceled' };
  }
  throw new AppError('unavailable');
}

/** Cancels an order whose page was closed, if there was one; `false` when another was opened meanwhile. */
async function cancelUnlessOpen(
  { db, config, clock }: CancelDeps,
  orderId: string,
  closedSessionId: string | null,
): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const standing = await selectOrderStanding(trx, orderId);
    if (!standing) throw new AppError('not_found');
    await lockShopper(trx, standing.userId);
    const order = await lockOrder(trx, orderId);
    if (order?.status === 'canceled') throw new AppError('order_canceled');
    if (order?.status === 'paid') throw new AppError('order_paid');
    // Its payment may wait for a person to look at it: the money is there, and the staff pays it back.
    if (order?.status !== 'pending' || (await hasSuccessfulAttempt(trx, orderId))) {
      throw new AppError('order_not_pending');
    }
    // One without a session is being opened at this moment, or its answer was lost: once it is closed, nobody is given
    // its page, and who gets the answer closes the session.
    const attempt = await lockActiveAttempt(trx, orderId);
    if (attempt && attempt.stripeSessionId !== null && attempt.stripeSessionId !== closedSessionId) return false;

    const now = clock.now();
    if (attempt) await updatePayment(trx, attempt.id, { status: 'canceled', closedAt: now });
    await setOrderCanceled(trx, orderId, now);
    await returnToCart(trx, orderId, config.currency);
    return true;
  });
}
