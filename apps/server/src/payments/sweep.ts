import type Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { addSeconds, toEpochSeconds } from '../lib/clock.ts';
import { isUuid } from '../lib/uuid.ts';
import { raiseAlert } from './alerts.ts';
import { orNothing } from './gateway-errors.ts';
import { followGateway } from './follow-gateway.ts';
import { selectAttemptIdByStripe } from './queries.ts';
import {
  knowsMoneyBack,
  selectForComparison,
  selectPaidSince,
  selectRefundedSince,
  setReview,
} from './reconcile-queries.ts';
import { settleAttempt } from './settle.ts';

/** How far back both sides are compared. */
const WINDOW_SECONDS = 72 * 3_600;

/** Ours may be a moment ahead of what the gateway lists. */
const SLACK_SECONDS = 600;

type SweepDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log' | 'config' | 'metrics'>;
type Work = { signal: AbortSignal; failures: unknown[] };

/**
 * Compares the last 72 hours of the gateway with ours, both ways. Money it took or paid back that we did not hear of is
 * settled; what nobody here knows, or only we know, calls a person.
 *
 * @throws AggregateError when some could not be compared, after all others are.
 */
export async function sweepPayments(deps: SweepDeps, signal: AbortSignal): Promise<void> {
  const since = addSeconds(deps.clock.now(), -WINDOW_SECONDS);
  const window = { created: { gte: toEpochSeconds(since) }, limit: 100 };
  const work: Work = { signal, failures: [] };
  await each(deps.stripe.checkout.sessions.list(window), work, (session) => compareSession(deps, session));
  await each(deps.stripe.charges.list(window), work, (charge) => compareCharge(deps, charge));
  await each(deps.stripe.refunds.list(window), work, (refund) => compareMoneyBack(deps, refund));
  await each(deps.stripe.disputes.list(window), work, (dispute) => compareMoneyBack(deps, dispute));
  await compareOurs(deps, since, work);
  const { failures } = work;
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} payments could not be compared`);
}

async function compareSession(deps: SweepDeps, session: Stripe.Checkout.Session): Promise<void> {
  if (session.payment_status !== 'paid') return;
  // By its own id first: a second session may name the same payment, and is one of its own.
  const paymentId = (await selectAttemptIdByStripe(deps.db, { sessionId: session.id })) ?? idIn(session.metadata);
  const payment = paymentId === undefined ? undefined : await selectForComparison(deps.db, paymentId);
  if (payment?.settledAt && payment.stripeSessionId === session.id) return;
  if (payment) await settleAttempt(deps, payment.id, session.id);
  else alertUnknown(deps, { sessionId: session.id, amount: session.amount_total, currency: session.currency });
}

async function compareCharge(deps: SweepDeps, charge: Stripe.Charge): Promise<void> {
  if (!charge.paid) return;
  const intentId = idOf(charge.payment_intent);
  const paymentId = (await paymentOfIntent(deps, intentId)) ?? idIn(charge.metadata);
  const payment = paymentId === undefined ? undefined : await selectForComparison(deps.db, paymentId);
  if (payment?.settledAt && payment.stripePaymentIntentId === intentId) return;
  if (payment && payment.settledAt === null && payment.stripeSessionId !== null) {
    await settleAttempt(deps, payment.id, payment.stripeSessionId);
    return;
  }
  alertUnknown(deps, { chargeId: charge.id, amount: charge.amount, currency: charge.currency });
}

async function compareMoneyBack(deps: SweepDeps, back: Stripe.Refund | Stripe.Dispute): Promise<void> {
  if (await knowsMoneyBack(deps.db, back.id)) return;
  const paymentId = await paymentOfIntent(deps, idOf(back.payment_intent));
  // The charge it is of was alerted about, or is older than the window and of something else.
  if (paymentId !== undefined) await followGateway(deps, paymentId);
}

// What we take for done, the gateway must know.
async function compareOurs(deps: SweepDeps, since: Date, work: Work): Promise<void> {
  const from = addSeconds(since, SLACK_SECONDS);
  await each(await selectPaidSince(deps.db, from), work, async ({ id, sessionId }) => {
    const session = sessionId === null ? null : await orNothing(deps.stripe.checkout.sessions.retrieve(sessionId));
    if (session?.payment_status === 'paid') return;
    await setReview(deps.db, id, 'unknown_to_gateway');
    raiseAlert(deps, 'needs_review', { paymentId: id, sessionId }, 'the gateway does not know of this payment');
  });
  await each(await selectRefundedSince(deps.db, from), work, async ({ id, paymentId, stripeId }) => {
    const refund = stripeId === null ? null : await orNothing(deps.stripe.refunds.retrieve(stripeId));
    if (refund?.status === 'succeeded') return;
    if (refund) return await followGateway(deps, paymentId);
    await setReview(deps.db, paymentId, 'refund_unknown_to_gateway');
    raiseAlert(deps, 'needs_review', { paymentId, refundId: id }, 'the gateway does not know of this refund');
  });
}

async function each<Item>(
  items: AsyncIterable<Item> | Item[],
  { signal, failures }: Work,
  compare: (item: Item) => Promise<void>,
): Promise<void> {
  for await (const item of items) {
    if (signal.aborted) return;
    await compare(item).catch((error: unknown) => failures.push(error));
  }
}

async function paymentOfIntent({ db, stripe }: SweepDeps, intentId: string | null): Promise<string | undefined> {
  if (intentId === null) return undefined;
  const known = await selectAttemptIdByStripe(db, { paymentIntentId: intentId });
  return known ?? idIn((await orNothing(stripe.paymentIntents.retrieve(intentId)))?.metadata);
}

function alertUnknown(deps: SweepDeps, money: Record<string, string | number | null>): void {
  raiseAlert(deps, 'unknown_money', money, 'the gateway took money that no payment here knows of');
}

function idIn(metadata: Stripe.Metadata | null | undefined): string | undefined {
  const named = metadata?.['paymentId'];
  return named !== undefined && isUuid(named) ? named : undefined;
}

function idOf(reference: string | { id: string } | null): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
