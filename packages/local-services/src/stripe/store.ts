import { randomInt } from 'node:crypto';
import type Stripe from 'stripe';

// Stripe's own types describe what we store, except that references are always ids here: they are expanded on the way out.
export type CheckoutSession = Stripe.Checkout.Session & { payment_intent: string | null };
export type PaymentIntent = Stripe.PaymentIntent & { latest_charge: string | null };
export type Charge = Stripe.Charge & { payment_intent: string | null };
export type Refund = Stripe.Refund & { charge: string | null; payment_intent: string | null };
export type Dispute = Stripe.Dispute & { charge: string; payment_intent: string | null };
/** A price as JSON carries it: the SDK turns the decimal into an object of its own. */
export type LineItem = Omit<Stripe.LineItem, 'price'> & {
  price: Omit<Stripe.Price, 'unit_amount_decimal' | 'product'> & { unit_amount_decimal: string; product: string };
};

type EventType =
  | `charge.${'succeeded' | 'failed' | 'refunded'}`
  | `charge.dispute.${'created' | 'funds_withdrawn' | 'funds_reinstated' | 'closed'}`
  | `checkout.session.${'completed' | 'expired'}`
  | `payment_intent.${'created' | 'succeeded' | 'payment_failed' | 'canceled'}`
  | `refund.${'created' | 'updated' | 'failed'}`;

export interface StripeEvent {
  id: string;
  object: 'event';
  api_version: string;
  created: number;
  data: { object: object; previous_attributes?: object };
  livemode: false;
  pending_webhooks: number;
  request: Cause;
  type: EventType;
}

/** The API call an event comes from; both `null` when a customer or the dashboard caused it. */
export interface Cause {
  id: string | null;
  idempotency_key: string | null;
}

/** A checkout session with what Stripe knows about it but does not show. */
export interface StoredSession {
  session: CheckoutSession;
  lineItems: LineItem[];
  /** What the payment intent inherits when the customer pays. */
  intent: { description: string | null; metadata: Record<string, string>; receiptEmail: string | null };
  /** Where the hosted pages are reached, as the caller that made the session sees it. */
  baseUrl: string;
}

/** One movement of money, for a test to count. */
export interface LedgerEntry {
  type: 'charge' | 'refund' | 'refund_failure';
  /** Minor units. */
  amount: number;
  currency: string;
  /** `metadata.orderId` of the session or payment, else the session's `client_reference_id`. */
  orderId: string | null;
  /** ISO 8601. */
  at: string;
}

/** Everything the simulator remembers. Maps keep the order of creation. */
export interface Store {
  sessions: Map<string, StoredSession>;
  paymentIntents: Map<string, PaymentIntent>;
  charges: Map<string, Charge>;
  refunds: Map<string, Refund>;
  disputes: Map<string, Dispute>;
  events: Map<string, StripeEvent>;
  ledger: LedgerEntry[];
}

/** What the rules may reach: the memory, the clock, and the way out for events. */
export interface World {
  store: Store;
  /** How a new refund begins: `pending` as those do that the bank takes its time for. */
  refundsBegin: 'succeeded' | 'pending';
  /** Milliseconds. */
  now: () => number;
  /** Takes a fresh event to its receiver. */
  dispatch: (event: StripeEvent) => void;
}

/** The API version whose shapes are simulated, as the installed SDK pins it. */
export const API_VERSION = '2026-10-28.endive';

/** The cause of what customers and the dashboard do. */
const NO_REQUEST: Cause = { id: null, idempotency_key: null };

export function createStore(): Store {
  return {
    sessions: new Map(),
    paymentIntents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    events: new Map(),
    ledger: [],
  };
}

/** Forgets everything. */
export function clearStore(store: Store): void {
  for (const part of Object.values(store)) {
    if (part instanceof Map) part.clear();
    else part.length = 0;
  }
}

/** Reads the clock as Stripe writes it: whole seconds. */
export function seconds(world: Pick<World, 'now'>): number {
  return Math.floor(world.now() / 1000);
}

/** Makes an id in Stripe's form: `newId('ch')` is `ch_3S…`. */
export function newId(prefix: string): string {
  if (prefix === 'cs') return `cs_test_a1${randomText(56)}`;
  if (prefix === 'req') return `req_${randomText(14)}`;
  return `${prefix}_${prefix === 'evt' ? '1' : '3'}S${randomText(22)}`;
}

/** Makes random letters and digits. */
export function randomText(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

/** Records that something happened, as a snapshot of the object, and sends it on its way. */
export function emit(
  world: World,
  type: EventType,
  object: object,
  { cause = NO_REQUEST, previous }: { cause?: Cause; previous?: object } = {},
): void {
  const event: StripeEvent = {
    id: newId('evt'),
    object: 'event',
    api_version: API_VERSION,
    created: seconds(world),
    data: { object: structuredClone(object), ...(previous && { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: 0,
    request: cause,
    type,
  };
  world.store.events.set(event.id, event);
  world.dispatch(event);
}

/** Finds the order a payment intent pays for. */
export function orderIdOf(store: Store, paymentIntentId: string | null): string | null {
  if (paymentIntentId === null) return null;
  const { metadata } = store.paymentIntents.get(paymentIntentId) ?? {};
  for (const { session } of store.sessions.values()) {
    if (session.payment_intent !== paymentIntentId) continue;
    return session.metadata?.['orderId'] ?? metadata?.['orderId'] ?? session.client_reference_id;
  }
  return metadata?.['orderId'] ?? null;
}
