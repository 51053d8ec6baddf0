import type { Checkout } from '@online-cinema/contract/orders';
import Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { addSeconds, toEpochSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import {
  type Attempt,
  closeUnopenedAttempt,
  extendOrder,
  hasSuccessfulAttempt,
  insertAttempt,
  lockOrder,
  lockPayer,
  selectActiveAttempt,
  selectAttempt,
  selectOrderLines,
  setCheckout,
  updatePayment,
} from './queries.ts';
import { completePayment } from './settle.ts';

type CheckoutDeps = Pick<Deps, 'db' | 'stripe' | 'config' | 'clock' | 'queue' | 'log'>;

// Stripe lets a session live for 30 minutes at least; the minute is for clocks that differ.
const SHORTEST_SESSION_SECONDS = 31 * 60;

type Line = Awaited<ReturnType<typeof selectOrderLines>>[number];

/**
 * Opens the gateway's page for a pending order, or gives the one that is open already. An order worth nothing is paid
 * at once, without the gateway.
 *
 * The attempt is a row before the gateway hears of it, and no transaction is open while the gateway thinks.
 *
 * @throws AppError `not_found`, `order_not_pending`, `price_changed`, `gateway_unavailable` (the order is kept).
 */
export async function openCheckout(deps: CheckoutDeps, userId: string, orderId: string): Promise<Checkout> {
  const prepared = await prepareAttempt(deps, userId, orderId);
  const { attempt } = prepared;
  if (attempt.checkoutUrl !== null) return { checkoutUrl: attempt.checkoutUrl, expiresAt: attempt.expiresAt };
  if (attempt.closedAt !== null) return { checkoutUrl: orderPage(deps, orderId), expiresAt: attempt.expiresAt };

  const checkoutUrl = await askGateway(deps, attempt, prepared.lines, prepared.email);
  return { checkoutUrl, expiresAt: attempt.expiresAt };
}

async function prepareAttempt(
  { db, clock, queue }: CheckoutDeps,
  userId: string,
  orderId: string,
): Promise<{ attempt: Attempt; lines: Line[]; email: string }> {
  return await db.transaction().execute(async (trx) => {
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
    assertSamePrices(lines, order.currency);

    const active = await selectActiveAttempt(trx, orderId);
    const shortest = addSeconds(now, SHORTEST_SESSION_SECONDS);
    if (
      active &&
      (active.checkoutUrl !== null ? active.expiresAt > now : active.expiresAt >= addSeconds(shortest, -60))
    ) {
      return { attempt: active, lines, email };
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
    if (order.totalAmount > 0) return { attempt, lines, email };
    await completePayment({ db: trx, queue }, order, attempt, { now });
    return { attempt: { ...attempt, closedAt: now }, lines, email };
  });
}

/** Asks Stripe for the attempt's session. The attempt's id is the key, so that asking again gives the same session. */
async function askGateway(
  { db, stripe, config, clock, log }: CheckoutDeps,
  attempt: Attempt,
  lines: Line[],
  email: string,
): Promise<string> {
  try {
    const session = await stripe.checkout.sessions.create(sessionOf(config, attempt, lines, email), {
      idempotencyKey: attempt.id,
    });
    if (session.url === null) throw new Error(`Stripe gave no page for session ${session.id}`);
    const isOpen = await setCheckout(db, attempt.id, { stripeSessionId: session.id, checkoutUrl: session.url });
    if (!isOpen) throw new Error(`payment ${attempt.id} was closed before session ${session.id} was its own`);
    return session.url;
  } catch (error) {
    // Somebody else may have asked at the same moment and got the answer.
    const other = await selectAttempt(db, attempt.id);
    if (other?.checkoutUrl) return other.checkoutUrl;
    // What we asked for under this key was something else, such as another address of the buyer: the answer was lost,
    // and can't be had any more. Nobody was given that page, so that the next try may open another.
    if (error instanceof Stripe.errors.StripeIdempotencyError) {
      await closeUnopenedAttempt(db, attempt.id, clock.now());
    }
    log.warn({ err: error, paymentId: attempt.id }, 'Stripe did not open a checkout');
    throw new AppError('gateway_unavailable', { cause: error, retryAfterSeconds: 5 });
  }
}

function sessionOf(
  config: Deps['config'],
  attempt: Attempt,
  lines: Line[],
  email: string,
): Stripe.Checkout.SessionCreateParams {
  const metadata = { orderId: attempt.orderId, paymentId: attempt.id };
  return {
    mode: 'payment',
    line_items: lineItemsOf(attempt, lines),
    customer_email: email,
    client_reference_id: attempt.orderId,
    metadata,
    payment_intent_data: { metadata },
    success_url: `${orderPage({ config }, attempt.orderId)}?checkout=success`,
    cancel_url: `${orderPage({ config }, attempt.orderId)}?checkout=canceled`,
    expires_at: toEpochSeconds(attempt.expiresAt),
  };
}

// Stripe shows a hundred lines at most; an order with more is one line there.
const MOST_LINE_ITEMS = 100;

function lineItemsOf(attempt: Attempt, lines: Line[]): Stripe.Checkout.SessionCreateParams.LineItem[] {
  const item = (name: string, unit_amount: number) => ({
    quantity: 1,
    price_data: { currency: attempt.currency.toLowerCase(), unit_amount, product_data: { name } },
  });
  const priced = lines.filter((line) => line.priceAmount > 0);
  if (priced.length > MOST_LINE_ITEMS) return [item(`${priced.length} films`, attempt.amount)];
  return priced.map((line) => item(`${line.name} (${line.year})`, line.priceAmount));
}

function orderPage({ config }: { config: Deps['config'] }, orderId: string): string {
  return `${config.publicUrl}/orders/${orderId}`;
}

// What the buyer saw when he ordered is what is charged; when the shop has changed its mind, he is asked again.
function assertSamePrices(lines: Line[], currency: string): void {
  const isSame = (line: Line) => line.currentAmount === line.priceAmount && line.currentCurrency === currency;
  if (lines.every(isSame)) return;
  const sum = (amounts: (number | null)[]) => amounts.reduce<number>((total, amount) => total + (amount ?? 0), 0);
  throw new AppError('price_changed', {
    details: {
      oldTotal: { amount: sum(lines.map((line) => line.priceAmount)), currency },
      newTotal: { amount: sum(lines.map((line) => line.currentAmount)), currency },
    },
  });
}
