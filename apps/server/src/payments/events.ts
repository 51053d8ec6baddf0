import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { z } from 'zod';
import type { Deps } from '../deps.ts';
import { defineJob, HopelessError } from '../job.ts';
import { isUuid } from '../lib/uuid.ts';
import { raiseAlert } from './alerts.ts';
import { insertStripeEvent, isEventOlder, selectStripeEvent, setEventProcessed } from './event-queries.ts';
import { followGateway } from './follow-gateway.ts';
import { orNothing } from './gateway-errors.ts';
import { stripLateEvent } from './payer-traces.ts';
import { type Attempt, selectAttempt, selectAttemptIdByStripe } from './queries.ts';
import { settleAttempt } from './settle.ts';

/** Works on an event of Stripe that the webhook has kept. */
export const stripeEventJob = defineJob({
  name: 'payments.stripe-event',
  data: z.object({ eventId: z.string() }),
  // Stripe may take 15 s, three times, for each of some calls.
  deadlineSeconds: 240,
  retryLimit: 10,
  run: (deps, { eventId }) => processStripeEvent(deps, eventId),
});

/** Keeps an event and queues the work on it, in one transaction. An event that is here already changes nothing. */
export async function receiveStripeEvent(
  { db, queue }: Pick<Deps, 'db' | 'queue'>,
  event: { id: string; type: string; payload: string },
): Promise<void> {
  await inTransaction(db, async (trx) => {
    if (!(await insertStripeEvent(trx, event))) return;
    await queue.enqueue(trx, stripeEventJob, { eventId: event.id });
    const about = StripeEvent.safeParse(JSON.parse(event.payload));
    const paymentId = about.success ? await findPaymentId(trx, about.data) : undefined;
    if (paymentId !== undefined) await stripLateEvent(trx, { paymentId, eventId: event.id });
  });
}

type EventDeps = Pick<Deps, 'db' | 'stripe' | 'queue' | 'clock' | 'log' | 'config' | 'metrics'>;

/**
 * Does what an event gives cause for. While Stripe is away it is tried again for long; an event about a payment nobody
 * here knows for two minutes at most, and one that can't be read not at all: then a person is called.
 *
 * @throws when it has to be tried again; HopelessError when it is kept as a dead letter.
 */
async function processStripeEvent(deps: EventDeps, eventId: string): Promise<void> {
  const payload = await selectStripeEvent(deps.db, eventId);
  const isAboutPayment = AboutPayment.safeParse(payload).success;
  if (isAboutPayment || AboutMoneyBack.safeParse(payload).success) {
    const event = StripeEvent.safeParse(payload);
    if (!event.success) throw giveUp(deps, eventId, 'an event of Stripe can not be read');
    const found = await findAttempt(deps, event.data);
    if (!found) throw await notFound(deps, eventId, event.data);
    const { attempt, sessionId } = found;
    if (!isAboutPayment) await followGateway(deps, attempt.id);
    // The session's id is written a moment after Stripe made it; an event can be faster. The retry finds it.
    else if (sessionId === null) throw new Error(`payment ${attempt.id} has no Stripe session yet`);
    else await settleAttempt(deps, attempt.id, sessionId);
  }
  await setEventProcessed(deps.db, eventId, deps.clock.now());
}

/** For so long the payment an event is about may come into sight. The pauses double: the last try is within two minutes. */
const PATIENCE_SECONDS = 60;

async function notFound(deps: EventDeps, eventId: string, { data }: z.infer<typeof StripeEvent>): Promise<Error> {
  const message = `${data.object.object} ${data.object.id} belongs to no payment here`;
  return (await isEventOlder(deps.db, eventId, PATIENCE_SECONDS)) ? giveUp(deps, eventId, message) : new Error(message);
}

function giveUp(deps: EventDeps, eventId: string, message: string): HopelessError {
  raiseAlert(deps, 'unknown_event', { eventId }, message);
  return new HopelessError(message);
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

// The events that can change what went back of a payment.
const AboutMoneyBack = z.object({
  type: z.enum([
    'charge.refunded',
    'refund.created',
    'refund.updated',
    'refund.failed',
    'charge.dispute.created',
    'charge.dispute.updated',
    'charge.dispute.closed',
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
  { db, stripe }: Pick<Deps, 'db' | 'stripe'>,
  event: z.infer<typeof StripeEvent>,
): Promise<{ attempt: Attempt; sessionId: string | null } | undefined> {
  const { object } = event.data;
  const paymentId = (await findPaymentId(db, event)) ?? (await askForPaymentId({ stripe }, event));
  const attempt = paymentId === undefined ? undefined : await selectAttempt(db, paymentId);
  if (!attempt) return undefined;
  return { attempt, sessionId: object.object === 'checkout.session' ? object.id : attempt.stripeSessionId };
}

// What is made in the dashboard names no payment of ours, but the payment intent it is about does. We know that only when
// the event that tells of the money came before.
async function askForPaymentId(
  { stripe }: Pick<Deps, 'stripe'>,
  { data: { object } }: z.infer<typeof StripeEvent>,
): Promise<string | undefined> {
  if (!object.payment_intent) return undefined;
  const intent = await orNothing(stripe.paymentIntents.retrieve(object.payment_intent));
  const named = intent?.metadata['paymentId'];
  return named !== undefined && isUuid(named) ? named : undefined;
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
