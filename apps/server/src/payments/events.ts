import type { Db } from '@online-cinema/db/open';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { defineJob } from '../job.ts';
import { isUuid } from '../lib/uuid.ts';
import { stripLateEvent } from './payer-traces.ts';
import {
  insertStripeEvent,
  selectAttempt,
  selectAttemptIdByStripe,
  selectStripeEvent,
  setEventProcessed,
} from './queries.ts';
import { settleAttempt } from './settle.ts';

/** Works on an event of Stripe that the webhook has kept. */
export const stripeEventJob = defineJob({
  name: 'payments.stripe-event',
  data: z.object({ eventId: z.string() }),
  // Stripe may take 15 s, three times.
  deadlineSeconds: 60,
  retryLimit: 10,
  run: (deps, { eventId }) => processStripeEvent(deps, eventId),
});

/** Keeps an event and queues the work on it, in one transaction. An event that is here already changes nothing. */
export async function receiveStripeEvent(
  { db, queue }: Pick<Deps, 'db' | 'queue'>,
  event: { id: string; type: string; payload: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await insertStripeEvent(trx, event))) return;
    await queue.enqueue(trx, stripeEventJob, { eventId: event.id });
    const about = StripeEvent.safeParse(JSON.parse(event.payload));
    const paymentId = about.success ? await findPaymentId(trx, about.data) : undefined;
    if (paymentId !== undefined) await stripLateEvent(trx, { paymentId, eventId: event.id });
  });
}

/**
 * Does what an event gives cause for.
 *
 * @throws when it speaks of a payment nobody here knows, or not as Stripe does: the job is retried, and then kept as
 * a dead letter.
 */
async function processStripeEvent(
  deps: Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log'>,
  eventId: string,
): Promise<void> {
  const payload = await selectStripeEvent(deps.db, eventId);
  if (AboutPayment.safeParse(payload).success) {
    const { paymentId, sessionId } = await findAttempt(deps.db, StripeEvent.parse(payload));
    await settleAttempt(deps, paymentId, sessionId);
  }
  await setEventProcessed(deps.db, eventId, deps.clock.now());
}

// The events that can change a payment.
const AboutPayment = z.object({
  type: z.enum([
    'checkout.session.completed',
    'checkout.session.expired',
    'checkout.session.async_payment_succeeded',
    'checkout.session.async_payment_failed',
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
    'charge.succeeded',
    'charge.failed',
  ]),
});

// The little of an event that is read: whom it is about.
const StripeEvent = z.object({
  data: z.object({
    object: z.object({
      id: z.string(),
      object: z.string(),
      payment_intent: z.string().nullish(),
      metadata: z.record(z.string(), z.string()).nullish(),
    }),
  }),
});

async function findAttempt(
  db: Db,
  event: z.infer<typeof StripeEvent>,
): Promise<{ paymentId: string; sessionId: string }> {
  const { object } = event.data;
  const paymentId = await findPaymentId(db, event);
  const attempt = paymentId === undefined ? undefined : await selectAttempt(db, paymentId);
  if (!attempt) throw new Error(`${object.object} ${object.id} belongs to no payment here`);
  const sessionId = object.object === 'checkout.session' ? object.id : attempt.stripeSessionId;
  // The session's id is written a moment after Stripe made it; an event can be faster. The retry finds it.
  if (sessionId === null) throw new Error(`payment ${attempt.id} has no Stripe session yet`);
  return { paymentId: attempt.id, sessionId };
}

async function findPaymentId(db: Db, { data: { object } }: z.infer<typeof StripeEvent>): Promise<string | undefined> {
  const named = object.metadata?.['paymentId'];
  const intentId = object.object === 'payment_intent' ? object.id : object.payment_intent;
  return (
    (named !== undefined && isUuid(named) ? named : undefined) ??
    (object.object === 'checkout.session' ? await selectAttemptIdByStripe(db, { sessionId: object.id }) : undefined) ??
    (intentId ? await selectAttemptIdByStripe(db, { paymentIntentId: intentId }) : undefined)
  );
}
