import { setTimeout } from 'node:timers/promises';
import type { Checkout } from '@online-cinema/contract/orders';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Db } from '@online-cinema/db/open';
import Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import type { Keep } from '../idempotency.ts';
import { toEpochSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { chargeableStep } from '../lib/money.ts';
import { selectOrderStanding } from './cancel-queries.ts';
import { closeSession } from './close-session.ts';
import { isKeptFailure, isKeyInUse } from './gateway-errors.ts';
import { type Attempt, closeUnopenedAttempt, selectAttempt, type selectOrderLines, setCheckout } from './queries.ts';
import { shareCalls } from './shared-calls.ts';

type OpenDeps = Pick<Deps, 'db' | 'stripe' | 'config' | 'clock' | 'log'>;

/** What the page shows, and to whom. */
export type PageContents = { lines: Line[]; email: string };
type Line = Awaited<ReturnType<typeof selectOrderLines>>[number];

/**
 * Opens Stripe's page for an attempt that has none yet. However many ask at once, in however many processes, Stripe makes
 * one, and all get it: the attempt's id is the key. Call it with no transaction open.
 *
 * @throws AppError `gateway_unavailable` (the order is kept), `order_not_pending` (it was canceled meanwhile).
 */
export async function openSession(
  deps: OpenDeps,
  attempt: Attempt,
  contents: PageContents,
  keep: Keep<Checkout>,
): Promise<Checkout> {
  const opened = await shared(deps.stripe, attempt.id, () => askGateway(deps, attempt, contents, keep));
  if (opened) {
    // For who waited with others; who asked has kept it with the page.
    await keep(deps.db, opened);
    return opened;
  }
  const order = await selectOrderStanding(deps.db, attempt.orderId);
  throw new AppError(order?.status === 'pending' ? 'gateway_unavailable' : 'order_not_pending');
}

/** What the buyer is told of an attempt. One without a page is paid: its order's own page is told instead. */
export function checkoutOf(deps: Pick<Deps, 'config'>, { checkoutUrl, orderId, expiresAt }: Attempt): Checkout {
  return { checkoutUrl: checkoutUrl ?? orderPage(deps, orderId), expiresAt };
}

const shared = shareCalls<Checkout | undefined>();

/** How often the attempt is looked at, and how long each time, before Stripe is asked again: for about a second. */
const LOOKS_BETWEEN = 5;
const PAUSE_MS = 250;

/** Gives the attempt's page; nothing when the attempt was closed meanwhile. */
async function askGateway(
  deps: OpenDeps,
  attempt: Attempt,
  contents: PageContents,
  keep: Keep<Checkout>,
): Promise<Checkout | undefined> {
  const { db, stripe, config, clock, log } = deps;
  // Who waits for somebody else waits no longer than for one answer of Stripe.
  const patientUntil = performance.now() + stripe.getApiField('timeout');
  for (;;) {
    try {
      const params = sessionOf(config, attempt, contents);
      const session = await stripe.checkout.sessions.create(params, { idempotencyKey: attempt.id });
      if (session.url === null) throw new Error(`Stripe gave no page for session ${session.id}`);
      const opened = await keepSession(deps, attempt, { id: session.id, url: session.url }, keep);
      // The order was canceled meanwhile, or another attempt begun: what was closed here must not stay payable there.
      if (!opened) await closeSession(deps, session.id);
      return opened;
    } catch (error) {
      // Another process asks at this moment, or had the answer before us. Should it die, we get the answer.
      const isUnderWay = isKeyInUse(error);
      const now = isUnderWay ? await waitForPage(db, attempt.id) : await selectAttempt(db, attempt.id);
      if (now && now.closedAt === null) {
        if (now.checkoutUrl !== null) return checkoutOf(deps, now);
        if (isUnderWay && performance.now() < patientUntil) continue;
      } else if (isUnderWay) return undefined;
      // What we asked for under this key was something else, such as another address of the buyer: the answer was lost,
      // and can't be had any more. Nobody was given that page, so that the next try may open another.
      if (error instanceof Stripe.errors.StripeIdempotencyError || isKeptFailure(error)) {
        await closeUnopenedAttempt(db, attempt.id, clock.now());
      }
      log.warn({ err: error, paymentId: attempt.id }, 'Stripe did not open a checkout');
      throw new AppError('gateway_unavailable', { cause: error, retryAfterSeconds: 5 });
    }
  }
}

/** Looks at an attempt until it has its page or is closed, or for about a second. */
async function waitForPage(db: Db, paymentId: string): Promise<Attempt | undefined> {
  for (let looks = 1; ; looks += 1) {
    const attempt = await selectAttempt(db, paymentId);
    const isWaiting = attempt && attempt.checkoutUrl === null && attempt.closedAt === null;
    if (!isWaiting || looks === LOOKS_BETWEEN) return attempt;
    await setTimeout(PAUSE_MS);
  }
}

/** Keeps the attempt's page; nothing when the attempt was closed meanwhile. */
async function keepSession(
  deps: OpenDeps,
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

function sessionOf(
  config: Deps['config'],
  attempt: Attempt,
  { lines, email }: PageContents,
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

function orderPage({ config }: Pick<Deps, 'config'>, orderId: string): string {
  return `${config.publicUrl}/orders/${orderId}`;
}
