import type { FastifyInstance } from 'fastify';
import { declinedCard } from './cards.ts';
import { closeDispute, disputeCharge } from './disputes.ts';
import { errorEnvelope, invalidRequest, resourceMissing, StripeApiError } from './errors.ts';
import type { Faults, FaultSettings } from './faults.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import { isHash, type Params } from './params.ts';
import { paySession } from './payments.ts';
import { createRefund, finishRefund } from './refunds.ts';
import { expireSession } from './sessions.ts';
import {
  clearStore,
  newId,
  type CheckoutSession,
  type Dispute,
  type LedgerEntry,
  type Refund,
  type World,
} from './store.ts';
import type { Delivery, Dispatcher, WebhookSettings } from './webhooks.ts';

/** What a test can do that a shop cannot: play the customer, the bank and a bad network. */
export interface Control {
  /** Pays an open session with a good card. */
  pay(sessionId: string): CheckoutSession;
  /** Tries to pay with a card that is refused; the session stays open. */
  decline(sessionId: string, reason?: string): CheckoutSession;
  /** Expires an open session, as if its time were over. */
  expire(sessionId: string): CheckoutSession;
  /** Refunds a charge as somebody in Stripe's dashboard would; all that is left when no amount is given. */
  refundCharge(chargeId: string, amount?: number): Refund;
  /** How refunds begin from now on: `pending`, as of cards whose bank takes its time; `null` for at once. */
  beginRefunds(status: 'pending' | null): void;
  /** Lets the bank end a pending refund, or send back the money of one that has succeeded. */
  finishRefund(refundId: string, outcome: 'succeeded' | 'failed'): Refund;
  disputeCharge(chargeId: string, reason?: string): Dispute;
  closeDispute(disputeId: string, outcome: 'won' | 'lost'): Dispute;
  /** Changes how webhooks misbehave; `null` switches one thing off, what is not named stays. */
  configureWebhooks(changes: Partial<WebhookSettings>): WebhookSettings;
  /** Sends every event that is held back or waits for a retry, and waits for the answers. */
  flushWebhooks(): Promise<Delivery[]>;
  /** Sends one event again, whatever the settings, and waits for the answer. */
  resendEvent(eventId: string): Promise<Delivery>;
  /** Every try to deliver an event, oldest first. */
  deliveries(): Delivery[];
  /** Changes how the API misbehaves; `null` switches one thing off, what is not named stays. */
  setFaults(changes: Partial<FaultSettings>): FaultSettings;
  /** Every movement of money, oldest first. */
  ledger(): LedgerEntry[];
  /** Forgets everything and calms webhooks and faults; the webhook address stays. */
  reset(): void;
}

/** Makes the control over a simulated world. */
export function createControl(world: World, dispatcher: Dispatcher, faults: Faults, keys: IdempotencyKeys): Control {
  return {
    pay: (sessionId) => structuredClone(paySession(world, sessionId).session),
    decline(sessionId, reason) {
      const card = declinedCard(reason);
      if (!card) throw invalidRequest(`No test card is declined with \`${reason}\`.`, { param: 'reason' });
      return structuredClone(paySession(world, sessionId, card).session);
    },
    expire: (sessionId) => structuredClone(expireSession(world, sessionId)),
    refundCharge(chargeId, amount) {
      if (!world.store.charges.has(chargeId)) throw resourceMissing('charge', chargeId);
      const params = { charge: chargeId, ...(amount !== undefined && { amount: String(amount) }) };
      return structuredClone(createRefund(world, params));
    },
    beginRefunds(status) {
      world.refundsBegin = status ?? 'succeeded';
    },
    finishRefund: (refundId, outcome) => structuredClone(finishRefund(world, refundId, outcome)),
    disputeCharge: (chargeId, reason) => structuredClone(disputeCharge(world, chargeId, reason)),
    closeDispute: (disputeId, outcome) => structuredClone(closeDispute(world, disputeId, outcome)),
    configureWebhooks: (changes) => ({ ...dispatcher.configure(changes) }),
    flushWebhooks: () => dispatcher.flush(),
    async resendEvent(eventId) {
      const event = world.store.events.get(eventId);
      if (!event) throw resourceMissing('event', eventId);
      return await dispatcher.resend(event);
    },
    deliveries: () => dispatcher.deliveries(),
    setFaults: (changes) => ({ ...faults.configure(changes) }),
    ledger: () => structuredClone(world.store.ledger),
    reset() {
      dispatcher.reset();
      faults.reset();
      keys.clear();
      clearStore(world.store);
      world.refundsBegin = 'succeeded';
    },
  };
}

type ById = { Params: { id: string } };

/** Serves the same control over HTTP, with JSON bodies, under `/_control`. */
export function registerControl(app: FastifyInstance, control: Control): void {
  // A call without anything to say may still announce JSON, as many clients do.
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(String(body)));
    } catch {
      done(invalidRequest('The body is not JSON.'));
    }
  });
  app.setErrorHandler(async (error, _request, reply) => {
    if (!(error instanceof StripeApiError)) throw error;
    return await reply.code(error.status).send(errorEnvelope(error, newId('req')));
  });
  app.post<ById>('/sessions/:id/pay', async ({ params }) => control.pay(params.id));
  app.post<ById>('/sessions/:id/decline', async ({ params, body }) => {
    return control.decline(params.id, read(body, 'reason', isString));
  });
  app.post<ById>('/sessions/:id/expire', async ({ params }) => control.expire(params.id));
  app.post<ById>('/charges/:id/refund', async ({ params, body }) => {
    return control.refundCharge(params.id, read(body, 'amount', isCount));
  });
  app.put('/refunds', async ({ body }, reply) => {
    control.beginRefunds(read(body, 'begin', isPending) ?? null);
    return await reply.code(204).send();
  });
  app.post<ById>('/refunds/:id/finish', async ({ params, body }) => {
    return control.finishRefund(params.id, read(body, 'outcome', isRefundOutcome) ?? 'succeeded');
  });
  app.post<ById>('/charges/:id/dispute', async ({ params, body }) => {
    return control.disputeCharge(params.id, read(body, 'reason', isString));
  });
  app.post<ById>('/disputes/:id/close', async ({ params, body }) => {
    return control.closeDispute(params.id, read(body, 'outcome', isOutcome) ?? 'lost');
  });
  app.put('/webhooks', async ({ body }) => control.configureWebhooks(readWebhooks(body)));
  app.post('/webhooks/flush', async () => ({ deliveries: await control.flushWebhooks() }));
  app.post<ById>('/events/:id/resend', async ({ params }) => await control.resendEvent(params.id));
  app.get('/deliveries', async () => ({ deliveries: control.deliveries() }));
  app.put('/faults', async ({ body }) => control.setFaults(readFaults(body)));
  app.get('/ledger', async () => ({ entries: control.ledger() }));
  app.delete('/', async (_request, reply) => {
    control.reset();
    return await reply.code(204).send();
  });
}

function readWebhooks(body: unknown): Partial<WebhookSettings> {
  return readSettings(body, {
    url: isString,
    delayMs: isCount,
    drop: isSwitchOrCount,
    duplicate: isSwitchOrCount,
    shuffle: isSwitch,
    retryMs: isCount,
  });
}

function readFaults(body: unknown): Partial<FaultSettings> {
  return readSettings(body, {
    latencyMs: isCount,
    status: isErrorStatus,
    keepStatus: isSwitch,
    dropConnection: isSwitchOrCount,
    dropResponse: isSwitchOrCount,
    match: isString,
  });
}

type Guard<Value> = (value: unknown) => value is Value;

/** Reads those settings that were sent; `null` fits every one. */
function readSettings<Settings extends object>(
  body: unknown,
  guards: { [Key in keyof Settings]: Guard<NonNullable<Settings[Key]>> },
): Partial<Settings> {
  const sent = toHash(body);
  const unknown = Object.keys(sent).find((key) => !Object.hasOwn(guards, key));
  if (unknown !== undefined) {
    throw invalidRequest(`Unknown setting: ${unknown}. There are ${Object.keys(guards).join(', ')}.`, {
      param: unknown,
    });
  }
  const settings: Partial<Settings> = {};
  for (const key in guards) {
    const value = sent[key];
    if (value === undefined) continue;
    if (value !== null && !guards[key](value)) throw invalidRequest(`Invalid value for ${key}`, { param: key });
    Object.assign(settings, { [key]: value });
  }
  return settings;
}

function read<Value>(body: unknown, key: string, guard: Guard<Value>): Value | undefined {
  const value = toHash(body)[key];
  if (value === undefined || value === null) return undefined;
  if (!guard(value)) throw invalidRequest(`Invalid value for ${key}`, { param: key });
  return value;
}

function toHash(body: unknown): Params {
  return isHash(body) ? body : {};
}

function isString(value: unknown): value is string {
  return typeof value === 'string';
}

function isSwitch(value: unknown): value is boolean {
  return typeof value === 'boolean';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isSwitchOrCount(value: unknown): value is boolean | number {
  return isSwitch(value) || isCount(value);
}

function isErrorStatus(value: unknown): value is number {
  return isCount(value) && value >= 400 && value <= 599;
}

function isPending(value: unknown): value is 'pending' {
  return value === 'pending';
}

function isRefundOutcome(value: unknown): value is 'succeeded' | 'failed' {
  return value === 'succeeded' || value === 'failed';
}

function isOutcome(value: unknown): value is 'won' | 'lost' {
  return value === 'won' || value === 'lost';
}
