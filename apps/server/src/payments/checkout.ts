import type { Checkout, Excluded } from '@online-cinema/contract/orders';
import { inTransaction } from '@online-cinema/db/transaction';
import Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import type { Keep } from '../idempotency.ts';
import { addSeconds, toEpochSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { chargeableStep } from '../lib/money.ts';
import { SHOP_ACTS } from '../orders/limits.ts';
import { selectOrderStanding } from './cancel-queries.ts';
import { closeSession } from './close-session.ts';
import { isKeptFailure } from './gateway-errors.ts';
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

type CheckoutDeps = Pick<Deps, 'db' | 'stripe' | 'config' | 'clock' | 'queue' | 'log' | 'limits'>;

// Stripe lets a session live for 30 minutes at least; the minute is for clocks that differ.
const SHORTEST_SESSION_SECONDS = 31 * 60;

type Line = Awaited<ReturnType<typeof selectOrderLines>>[number];

/**
 * Opens the gateway's page for a pending order, or gives the one that is open already. An order worth nothing is paid
 * at once, without the gateway.
 *
 * The attempt is a row before the gateway hears of it, and no transaction is open while the gateway thinks.
 *
 * @throws AppError `not_found`, `order_not_pending`, `not_for_sale` (with `excluded`: the order has to be canceled, which
 * gives the others back to the cart), `price_changed`, `gateway_unavailable` (the order is kept), `too_many_requests`.
 */
export async function openCheckout(
  deps: CheckoutDeps,
  userId: string,
  orderId: string,
  keep: Keep<Checkout>,
): Promise<Checkout> {
  await deps.limits.take('checkout.user', userId, SHOP_ACTS);
  const prepared = await prepareAttempt(deps, userId, orderId, keep);
  const { attempt } = prepared;
  if (attempt.checkoutUrl !== null || attempt.closedAt !== null) return checkoutOf(deps, attempt);
  return await askGateway(deps, attempt, prepared, keep);
}

type Prepared = { attempt: Attempt; lines: Line[]; email: string };

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
    assertSamePrices(lines, order);

    const active = await selectActiveAttempt(trx, orderId);
    const shortest = addSeconds(now, SHORTEST_SESSION_SECONDS);
    if (
      active &&
      (active.checkoutUrl !== null ? active.expiresAt > now : active.expiresAt >= addSeconds(shortest, -60))
    ) {
      if (active.checkoutUrl !== null) await keep(trx, checkoutOf({ config }, active));
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
    await completePayment({ db: trx, queue, config }, order, attempt, { now });
    const paid = { ...attempt, closedAt: now };
    await keep(trx, checkoutOf({ config }, paid));
    return { attempt: paid, lines, email };
  });
}

/** Asks Stripe for the attempt's session. The attempt's id is the key, so that asking again gives the same session. */
async function askGateway(
  deps: CheckoutDeps,
  attempt: Attempt,
  { lines, email }: Prepared,
  keep: Keep<Checkout>,
): Promise<Checkout> {
  const { db, stripe, config, clock, log } = deps;
  try {
    const session = await stripe.checkout.sessions.create(sessionOf(config, attempt, lines, email), {
      idempotencyKey: attempt.id,
    });
    if (session.url === null) throw new Error(`Stripe gave no page for session ${session.id}`);
    const opened = await keepSession(deps, attempt, { id: session.id, url: session.url }, keep);
    if (opened) return opened;
    // The order was canceled meanwhile, or another attempt begun: what was closed here must not stay payable there.
    await closeSession(deps, session.id);
  } catch (error) {
    // Somebody else may have asked at the same moment and got the answer.
    const other = await selectAttempt(db, attempt.id);
    if (other && other.checkoutUrl !== null && other.closedAt === null) {
      const opened = checkoutOf(deps, other);
      await keep(db, opened);
      return opened;
    }
    // What we asked for under this key was something else, such as another address of the buyer: the answer was lost,
    // and can't be had any more. Nobody was given that page, so that the next try may open another.
    if (error instanceof Stripe.errors.StripeIdempotencyError || isKeptFailure(error)) {
      await closeUnopenedAttempt(db, attempt.id, clock.now());
    }
    log.warn({ err: error, paymentId: attempt.id }, 'Stripe did not open a checkout');
    throw new AppError('gateway_unavailable', { cause: error, retryAfterSeconds: 5 });
  }
  const order = await selectOrderStanding(db, attempt.orderId);
  throw new AppError(order?.status === 'pending' ? 'gateway_unavailable' : 'order_not_pending');
}

/** Keeps the attempt's page; nothing when the attempt was closed meanwhile. */
async function keepSession(
  deps: CheckoutDeps,
  attempt: Attempt,
  session: { id: string; url: string },
  keep: Keep<Checkout>,
): Promise<Checkout | undefined> {
  return await inTransaction(deps.db, async (trx) => {
    const isOpen = await setCheckout(trx, attempt.id, { stripeSessionId: session.id, checkoutUrl: session.url });
    if (!isOpen) return undefined;
    const opened = checkoutOf(deps, { ...attempt, checkoutUrl: session.url });
    await keep(trx, opened);
    return opened;
  });
}

/** What the buyer is told of an attempt. One without a page is paid: its order's own page is told instead. */
function checkoutOf(deps: { config: Deps['config'] }, { checkoutUrl, orderId, expiresAt }: Attempt): Checkout {
  return { checkoutUrl: checkoutUrl ?? orderPage(deps, orderId), expiresAt };
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

// Stripe shows a hundred lines at most, each of an amount that cards settle; any other order is one line there.
const MOST_LINE_ITEMS = 100;

function lineItemsOf(attempt: Attempt, lines: Line[]): Stripe.Checkout.SessionCreateParams.LineItem[] {
  const item = (name: string, unit_amount: number) => ({
    quantity: 1,
    price_data: { currency: attempt.currency.toLowerCase(), unit_amount, product_data: { name } },
  });
  const priced = lines.filter((line) => line.priceAmount > line.discountAmount);
  const step = chargeableStep(attempt.currency);
  const isListable = priced.every((line) => (line.priceAmount - line.discountAmount) % step === 0);
  if (priced.length > MOST_LINE_ITEMS || !isListable) return [item(`${priced.length} films`, attempt.amount)];
  return priced.map((line) => item(`${line.name} (${line.year})`, line.priceAmount - line.discountAmount));
}

function orderPage({ config }: { config: Deps['config'] }, orderId: string): string {
  return `${config.publicUrl}/orders/${orderId}`;
}

// Nobody pays for what the shop would not sell any more. Who has the page of an order open already may pay it.
function assertForSale(lines: Line[], { currency }: { currency: string }): void {
  const gone = lines.filter(
    (line) => line.isWithdrawn || line.currentAmount === null || line.currentCurrency !== currency,
  );
  if (gone.length === 0) return;
  const excluded: Excluded[] = gone.map(({ movieId }) => ({ movieId, reason: 'not_for_sale' }));
  throw new AppError('not_for_sale', { details: { excluded } });
}

// What the buyer saw when he ordered is what is charged; when the shop has changed its mind, he is asked again.
function assertSamePrices(lines: Line[], { totalAmount, currency }: { totalAmount: number; currency: string }): void {
  if (lines.every((line) => line.currentAmount === line.priceAmount)) return;
  const priceOf = (line: Line) => Math.max(0, (line.currentAmount ?? 0) - line.discountAmount);
  const newAmount = lines.reduce((sum, line) => sum + priceOf(line), 0);
  throw new AppError('price_changed', {
    details: {
      oldTotal: { amount: totalAmount, currency },
      newTotal: { amount: newAmount, currency },
    },
  });
}
