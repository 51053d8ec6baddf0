import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type Stripe from 'stripe';
import { deleteCartItems, lockShopper } from '../cart/queries.ts';
import type { Deps } from '../deps.ts';
import { insertLibraryMovies } from '../library/queries.ts';
import { raiseAlert } from './alerts.ts';
import { closeSession } from './close-session.ts';
import { orderPaidMail } from './jobs.ts';
import { dropLateReceipt } from './payer-traces.ts';
import {
  type Attempt,
  canFulfilLate,
  insertAttempt,
  lockOrder,
  selectAttempt,
  selectAttemptIdByStripe,
  selectOrderLines,
  setOrderPaid,
  setSettled,
  updatePayment,
} from './queries.ts';
import { insertReceipt } from './receipt-queries.ts';
import { refundJob } from './refund-jobs.ts';
import { insertRefund } from './refund-queries.ts';

type SettleDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log' | 'config' | 'metrics'>;
type Order = NonNullable<Awaited<ReturnType<typeof lockOrder>>>;

/**
 * Brings an attempt to where Stripe says it is. What is asked is Stripe's session as it is now, not the event that
 * gave the cause; so events may come twice, late, in any order or all at once, and the rows end the same.
 *
 * Money for an order that was canceled meanwhile buys its films if they still can be bought, and else goes back once; so
 * does money for an order that is paid already. A session that names the attempt, but was not made for it, ends the
 * attempt's own: nobody is to pay twice.
 *
 * @returns how the session stands at Stripe.
 */
export async function settleAttempt(
  deps: SettleDeps,
  paymentId: string,
  sessionId: string,
  options: Stripe.RequestOptions = {},
): Promise<Stripe.Checkout.Session.Status | null> {
  const params = { expand: ['payment_intent.latest_charge'] };
  const session = await deps.stripe.checkout.sessions.retrieve(sessionId, params, options);
  const isPaid = session.payment_status === 'paid';
  if (isPaid) await closeOther(deps, paymentId, sessionId, options);
  await inTransaction(deps.db, async (trx) => {
    const known = await selectAttempt(trx, paymentId);
    if (!known) return;
    // The buyer before the order: a film must not come to him twice, in a cart or another order, while this one gives it.
    if (isPaid) await lockShopper(trx, known.userId);
    const order = await lockOrder(trx, known.orderId);
    // Read again under the order's lock: only now it can't change.
    const attempt = order && (await selectAttempt(trx, paymentId));
    if (!attempt) return;
    // Of a session that is not the attempt's own, nothing but money counts.
    if (!isPaid && attempt.stripeSessionId !== null && attempt.stripeSessionId !== session.id) return;
    const now = deps.clock.now();
    if (isUndecided(attempt)) await settle({ ...deps, db: trx }, order, attempt, { now, session });
    else if (isPaid) await giveBackSecond({ ...deps, db: trx }, order, attempt, { now, session });
    const isFinal = isPaid || session.status === 'expired' || hasFailed(session);
    await setSettled(trx, attempt.id, { askedAt: now, isFinal });
  });
  return session.status;
}

async function settle(
  deps: Omit<SettleDeps, 'db'> & { db: Db },
  order: Order,
  attempt: Attempt,
  { now, session }: { now: Date; session: Stripe.Checkout.Session },
): Promise<void> {
  const { db } = deps;
  if (session.payment_status === 'paid') {
    const reviewReason = mismatchOf(session, attempt);
    if (reviewReason !== null) await putUnderReview(deps, attempt, { now, session, reviewReason });
    else if (order.status === 'pending' || (order.status === 'canceled' && (await canFulfilLate(db, order.id)))) {
      await completePayment(deps, order, attempt, { now, session });
    } else await giveBack(deps, order, attempt, { now, session });
    await dropLateReceipt(db, attempt.id);
  } else if (attempt.closedAt !== null) {
    // Nothing but money changes an attempt that is closed. What Stripe said may be older than the lock.
  } else if (session.status === 'expired') {
    await updatePayment(db, attempt.id, { status: 'canceled', closedAt: now, stripeSessionId: session.id });
  } else {
    const decline = intentOf(session)?.last_payment_error;
    const isOver = hasFailed(session);
    // A session that is open stays so: the buyer may try another card.
    if (decline || isOver) {
      const declineCode = decline?.decline_code ?? decline?.code ?? 'declined';
      const declined = { status: 'declined', declineCode, stripeSessionId: session.id } as const;
      await updatePayment(db, attempt.id, { ...declined, ...(isOver && { closedAt: now }) });
    }
  }
}

/**
 * Fulfils an order inside the transaction that holds its lock: payment, order, library, cart, receipt and mail, or
 * nothing.
 */
export async function completePayment(
  { db, queue, config }: { db: Db; queue: Deps['queue']; config: Deps['config'] },
  order: Order,
  attempt: Attempt,
  { now, session }: { now: Date; session?: Stripe.Checkout.Session },
): Promise<void> {
  const movieIds = (await selectOrderLines(db, order.id)).map((line) => line.movieId);
  await updatePayment(db, attempt.id, successOf(now, session));
  await setOrderPaid(db, order.id, now);
  await insertLibraryMovies(db, { userId: order.userId, orderId: order.id, movieIds, addedAt: now });
  await deleteCartItems(db, order.userId, movieIds);
  await queue.enqueue(db, orderPaidMail, { orderId: order.id });
  await insertReceipt(db, config, { paymentId: attempt.id, orderId: order.id, issuedAt: now });
}

// An attempt has one session; a second one was made by hand, and would stay payable. Before the transaction: what is not
// closed now is closed when this is done again.
async function closeOther(
  deps: SettleDeps,
  paymentId: string,
  sessionId: string,
  options: Stripe.RequestOptions,
): Promise<void> {
  const attempt = await selectAttempt(deps.db, paymentId);
  const own = attempt?.stripeSessionId ?? null;
  if (attempt && attempt.closedAt === null && own !== null && own !== sessionId) {
    await closeSession(deps, own, options);
  }
}

// What is paid on another session, when the attempt is decided already, is a payment of its own, and goes back.
async function giveBackSecond(
  deps: Omit<SettleDeps, 'db'> & { db: Db },
  order: Order,
  attempt: Attempt,
  { now, session }: { now: Date; session: Stripe.Checkout.Session },
): Promise<void> {
  const { db } = deps;
  if (await selectAttemptIdByStripe(db, { sessionId: session.id })) return;
  const { takenAmount: amount, takenCurrency: currency } = takenBy(session, attempt);
  const { orderId, userId } = attempt;
  const row = { orderId, userId, gateway: 'stripe', amount, currency, createdAt: now, expiresAt: now } as const;
  const second = await insertAttempt(db, { ...row, status: 'canceled', closedAt: now });
  await giveBack(deps, order, second, { now, session });
  await dropLateReceipt(db, second.id);
  await setSettled(db, second.id, { askedAt: now, isFinal: true });
}

// Money that can buy nothing any more. The payment has succeeded, and its refund is on its way from here on.
async function giveBack(
  { db, queue }: { db: Db; queue: Deps['queue'] },
  order: Order,
  attempt: Attempt,
  { now, session }: { now: Date; session: Stripe.Checkout.Session },
): Promise<void> {
  await updatePayment(db, attempt.id, successOf(now, session));
  const refundId = await insertRefund(db, {
    paymentId: attempt.id,
    origin: 'system',
    status: 'pending',
    amount: attempt.amount,
    reason: order.status === 'canceled' ? 'The order was canceled before it was paid.' : 'The order was paid twice.',
    createdAt: now,
    movieIds: [],
  });
  await queue.enqueue(db, refundJob, { refundId });
}

// What is kept of a payment that succeeded; a decline before it is forgotten, so that the rows end the same.
function successOf(now: Date, session: Stripe.Checkout.Session | undefined) {
  const intent = session && intentOf(session);
  const charge = intent && typeof intent.latest_charge === 'object' ? intent.latest_charge : null;
  return {
    status: 'successful' as const,
    closedAt: now,
    declineCode: null,
    ...(session && {
      stripeSessionId: session.id,
      stripePaymentIntentId: intent?.id ?? null,
      receiptUrl: charge?.receipt_url ?? null,
    }),
  };
}

// Some ways to pay take days. When the bank refuses in the end, the session is complete, and can't be paid any more.
// https://docs.stripe.com/payments/checkout/fulfill-orders#delayed-notification
function hasFailed(session: Stripe.Checkout.Session): boolean {
  const status = intentOf(session)?.status;
  const isRefused = status === 'requires_payment_method' || status === 'canceled';
  return session.status === 'complete' && session.payment_status === 'unpaid' && isRefused;
}

function isUndecided(attempt: Attempt): boolean {
  return attempt.status === 'pending' || attempt.status === 'declined' || attempt.status === 'canceled';
}

/** Names what Stripe's session and our attempt disagree about; `null` when they agree. */
function mismatchOf(session: Stripe.Checkout.Session, attempt: Attempt): `${string}_mismatch` | null {
  if (session.client_reference_id !== attempt.orderId) return 'order_mismatch';
  if (session.metadata?.['paymentId'] !== attempt.id) return 'payment_mismatch';
  if (session.currency?.toUpperCase() !== attempt.currency) return 'currency_mismatch';
  if (session.amount_total !== attempt.amount) return 'amount_mismatch';
  return null;
}

async function putUnderReview(
  deps: Pick<SettleDeps, 'log' | 'metrics'> & { db: Db },
  attempt: Attempt,
  { now, session, reviewReason }: { now: Date; session: Stripe.Checkout.Session; reviewReason: string },
): Promise<void> {
  const taken = takenBy(session, attempt);
  await updatePayment(deps.db, attempt.id, { ...successOf(now, session), ...taken, reviewReason });
  const details = { paymentId: attempt.id, orderId: attempt.orderId, reviewReason };
  raiseAlert(deps, 'needs_review', details, 'payment needs review');
}

/** What Stripe took, in our words: so much can go back. */
function takenBy(session: Stripe.Checkout.Session, attempt: Attempt): { takenAmount: number; takenCurrency: string } {
  const intent = intentOf(session);
  return {
    takenAmount: (intent?.amount_received || session.amount_total) ?? attempt.amount,
    takenCurrency: (intent?.currency ?? session.currency ?? attempt.currency).toUpperCase(),
  };
}

function intentOf(session: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  return typeof session.payment_intent === 'object' ? session.payment_intent : null;
}
