import type { Db } from '@online-cinema/db/open';
import type Stripe from 'stripe';
import { deleteCartItems } from '../cart/queries.ts';
import type { Deps } from '../deps.ts';
import { insertLibraryMovies } from '../library/queries.ts';
import { orderPaidMail } from './jobs.ts';
import { dropLateReceipt } from './payer-traces.ts';
import { type Attempt, lockOrder, selectAttempt, selectOrderLines, setOrderPaid, updatePayment } from './queries.ts';

type SettleDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log'>;
type Order = NonNullable<Awaited<ReturnType<typeof lockOrder>>>;

/**
 * Brings an attempt to where Stripe says it is. What is asked is Stripe's session as it is now, not the event that
 * gave the cause; so events may come twice, late, in any order or all at once, and the rows end the same.
 */
export async function settleAttempt(deps: SettleDeps, paymentId: string, sessionId: string): Promise<void> {
  const session = await deps.stripe.checkout.sessions.retrieve(sessionId, { expand: ['payment_intent.latest_charge'] });
  await deps.db.transaction().execute(async (trx) => {
    const orderId = (await selectAttempt(trx, paymentId))?.orderId;
    const order = orderId && (await lockOrder(trx, orderId));
    // Read again under the order's lock: only now it can't change.
    const attempt = order && (await selectAttempt(trx, paymentId));
    if (!attempt || !isUndecided(attempt)) return;
    const now = deps.clock.now();

    if (session.payment_status === 'paid') {
      const mismatch = mismatchOf(session, attempt);
      const reviewReason = mismatch ?? (order.status === 'pending' ? null : 'order_not_pending');
      if (reviewReason !== null) await putUnderReview({ ...deps, db: trx }, attempt, { now, session, reviewReason });
      else await completePayment({ ...deps, db: trx }, order, attempt, { now, session });
      await dropLateReceipt(trx, attempt.id);
    } else if (attempt.closedAt !== null) {
      // Nothing but money changes an attempt that is closed. What Stripe said may be older than the lock.
    } else if (session.status === 'expired') {
      await updatePayment(trx, attempt.id, { status: 'canceled', closedAt: now, stripeSessionId: session.id });
    } else {
      const decline = intentOf(session)?.last_payment_error;
      // The session stays open: the buyer may try another card.
      if (decline) {
        const declineCode = decline.decline_code ?? decline.code ?? 'declined';
        await updatePayment(trx, attempt.id, { status: 'declined', declineCode, stripeSessionId: session.id });
      }
    }
  });
}

/** Fulfils an order inside the transaction that holds its lock: payment, order, library, cart and mail, or nothing. */
export async function completePayment(
  { db, queue }: { db: Db; queue: Deps['queue'] },
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

function isUndecided(attempt: Attempt): boolean {
  return attempt.status === 'pending' || attempt.status === 'declined' || attempt.status === 'canceled';
}

/** Names what Stripe's session and our attempt disagree about; `null` when they agree. */
function mismatchOf(session: Stripe.Checkout.Session, attempt: Attempt): string | null {
  if (session.client_reference_id !== attempt.orderId) return 'order_mismatch';
  if (session.metadata?.['paymentId'] !== attempt.id) return 'payment_mismatch';
  if (session.currency?.toUpperCase() !== attempt.currency) return 'currency_mismatch';
  if (session.amount_total !== attempt.amount) return 'amount_mismatch';
  return null;
}

async function putUnderReview(
  { db, log }: { db: Db; log: Deps['log'] },
  attempt: Attempt,
  { now, session, reviewReason }: { now: Date; session: Stripe.Checkout.Session; reviewReason: string },
): Promise<void> {
  await updatePayment(db, attempt.id, { ...successOf(now, session), reviewReason });
  log.error(
    { alert: 'needs_review', paymentId: attempt.id, orderId: attempt.orderId, reviewReason },
    'payment needs review',
  );
}

function intentOf(session: Stripe.Checkout.Session): Stripe.PaymentIntent | null {
  return typeof session.payment_intent === 'object' ? session.payment_intent : null;
}
