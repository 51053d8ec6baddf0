import type { Db } from '@online-cinema/db/open';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { defineJob } from '../job.ts';
import { isUuid } from '../lib/uuid.ts';
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
    if (await insertStripeEvent(trx, event)) await queue.enqueue(trx, stripeEventJob, { eventId: event.id });
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

// The little of them that is read: whom they are about.
const StripeEvent = z.object({
  data: z.object({
    object: z.object({
      id: z.string(),
      object: z.enum(['checkout.session', 'payment_intent', 'charge']),
      payment_intent: z.string().nullish(),
      metadata: z.record(z.string(), z.string()).nullish(),
    }),
  }),
});

async function findAttempt(
  db: Db,
  { data: { object } }: z.infer<typeof StripeEvent>,
): Promise<{ paymentId: string; sessionId: string }> {
  const named = object.metadata?.['paymentId'];
  const isSession = object.object === 'checkout.session';
  const intentId = object.object === 'payment_intent' ? object.id : object.payment_intent;
  const paymentId =
    (named !== undefined && isUuid(named) ? named : undefined) ??
    (isSession ? await selectAttemptIdByStripe(db, { sessionId: object.id }) : undefined) ??
    (intentId ? await selectAttemptIdByStripe(db, { paymentIntentId: intentId }) : undefined);
  const attempt = paymentId === undefined ? undefined : await selectAttempt(db, paymentId);
  if (!attempt) throw new Error(`${object.object} ${object.id} belongs to no payment here`);
  const sessionId = isSession ? object.id : attempt.stripeSessionId;
  // The session's id is written a moment after Stripe made it; an event can be faster. The retry finds it.
  if (sessionId === null) throw new Error(`payment ${attempt.id} has no Stripe session yet`);
  return { paymentId: attempt.id, sessionId };
}
