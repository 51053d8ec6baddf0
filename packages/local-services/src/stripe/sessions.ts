import { refuseTotal } from './currency.ts';
import { forbiddenByState, invalidRequest, resourceMissing } from './errors.ts';
import { readLineItems } from './line-items.ts';
import {
  missing,
  readHash,
  readInteger,
  readMetadata,
  readText,
  readUrl,
  readWord,
  refuseUnknown,
  type Params,
} from './params.ts';
import { emit, newId, seconds, type Cause, type CheckoutSession, type StoredSession, type World } from './store.ts';

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

// What Stripe takes and what changes nothing about a card payment of fixed lines, so that it may be sent and is ignored.
// prettier-ignore
const IGNORED = [
  'adaptive_pricing', 'allow_promotion_codes', 'automatic_tax', 'billing_address_collection', 'branding_settings',
  'consent_collection', 'custom_fields', 'custom_text', 'customer_creation', 'discounts', 'expand', 'invoice_creation',
  'payment_method_configuration', 'payment_method_options', 'payment_method_types', 'phone_number_collection',
  'tax_id_collection', 'wallet_options',
];
// prettier-ignore
const KNOWN = [
  'cancel_url', 'client_reference_id', 'currency', 'customer_email', 'expires_at', 'line_items', 'locale', 'metadata',
  'mode', 'payment_intent_data', 'submit_type', 'success_url', 'ui_mode', ...IGNORED,
];

/** Makes a checkout session from the parameters of `POST /v1/checkout/sessions`. */
export function createSession(world: World, params: Params, baseUrl: string): CheckoutSession {
  refuseUnknown(params, KNOWN);
  const mode = readWord(params, 'mode', ['payment', 'setup', 'subscription']);
  if (mode === undefined) throw missing('mode');
  if (mode !== 'payment')
    throw invalidRequest(`This simulator knows no Checkout in \`${mode}\` mode.`, { param: 'mode' });
  const uiMode = readWord(params, 'ui_mode', ['hosted_page']) ?? 'hosted_page';
  const successUrl = readUrl(params, 'success_url');
  if (successUrl === undefined) throw missing('success_url');

  const lineItems = readLineItems(params, seconds(world));
  const currency = lineItems[0]?.currency;
  if (currency === undefined) throw missing('line_items');
  const total = lineItems.reduce((sum, line) => sum + line.amount_total, 0);
  refuseTotal(total, currency);

  const created = seconds(world);
  const intentData = readHash(params, 'payment_intent_data') ?? {};
  const id = newId('cs');
  const session = buildSession({
    id,
    mode,
    ui_mode: uiMode,
    url: `${baseUrl}/c/pay/${id}`,
    success_url: successUrl,
    cancel_url: readUrl(params, 'cancel_url') ?? null,
    client_reference_id: readText(params, 'client_reference_id', { max: 200 }) ?? null,
    customer_email: readEmail(params),
    created,
    expires_at: readExpiry(params, created),
    currency,
    amount_subtotal: total,
    amount_total: total,
    payment_status: total === 0 ? 'no_payment_required' : 'unpaid',
    metadata: readMetadata(params),
    locale: readText(params, 'locale') ?? null,
    submit_type: readWord(params, 'submit_type', ['auto', 'book', 'donate', 'pay']) ?? null,
  });
  world.store.sessions.set(id, {
    session,
    lineItems,
    baseUrl,
    intent: {
      description: readText(intentData, 'description') ?? null,
      metadata: readMetadata(intentData, 'payment_intent_data'),
      receiptEmail: readText(intentData, 'receipt_email') ?? null,
    },
  });
  return session;
}

/** Finds a session, or throws Stripe's 404. */
export function findSession(world: World, id: string): StoredSession {
  const stored = lookUpSession(world, id);
  if (!stored) throw resourceMissing('checkout.session', id, 'session');
  return stored;
}

/** Finds a session as it is at this moment: one whose time is over is expired, seen or not. */
export function lookUpSession(world: World, id: string): StoredSession | undefined {
  const stored = world.store.sessions.get(id);
  if (stored) closeWhenDue(world, stored);
  return stored;
}

/** Expires an open session and cancels the payment the customer may have begun. */
export function expireSession(world: World, id: string, cause?: Cause): CheckoutSession {
  const { session } = findSession(world, id);
  if (session.status !== 'open') {
    throw forbiddenByState(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`,
    );
  }
  close(world, session, cause);
  return session;
}

/** Expires every open session whose time has come. */
export function expireDueSessions(world: World): void {
  for (const stored of world.store.sessions.values()) closeWhenDue(world, stored);
}

function closeWhenDue(world: World, { session }: StoredSession): void {
  if (session.status === 'open' && session.expires_at <= seconds(world)) close(world, session);
}

function close(world: World, session: CheckoutSession, cause?: Cause): void {
  session.status = 'expired';
  session.url = null;
  const intent = session.payment_intent === null ? undefined : world.store.paymentIntents.get(session.payment_intent);
  if (intent) {
    intent.status = 'canceled';
    intent.canceled_at = seconds(world);
    intent.cancellation_reason = 'expired';
    emit(world, 'payment_intent.canceled', intent, { cause });
  }
  emit(world, 'checkout.session.expired', session, { cause });
}

function readExpiry(params: Params, created: number): number {
  const expiresAt = readInteger(params, 'expires_at') ?? created + DAY;
  const refuse = (rest: string) => {
    const message = `The \`expires_at\` timestamp must be ${rest} from Checkout Session creation.`;
    return invalidRequest(message, { param: 'expires_at' });
  };
  if (expiresAt < created + 30 * MINUTE) throw refuse('at least 30 minutes');
  if (expiresAt > created + DAY) throw refuse('less than 24 hours');
  return expiresAt;
}

function readEmail(params: Params): string | null {
  const email = readText(params, 'customer_email', { max: 800 });
  if (email === undefined) return null;
  if (/^[^\s@]+@[^\s@]+$/.test(email)) return email;
  throw invalidRequest(`Invalid email address: ${email}`, { code: 'email_invalid', param: 'customer_email' });
}

/** The parts of a session that differ between two of ours; the rest is what Stripe sends for features not in use. */
function buildSession(
  own: Pick<
    CheckoutSession,
    | 'id'
    | 'mode'
    | 'ui_mode'
    | 'url'
    | 'success_url'
    | 'cancel_url'
    | 'client_reference_id'
    | 'customer_email'
    | 'created'
    | 'expires_at'
    | 'currency'
    | 'amount_subtotal'
    | 'amount_total'
    | 'payment_status'
    | 'metadata'
    | 'locale'
    | 'submit_type'
  >,
): CheckoutSession {
  return {
    object: 'checkout.session',
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: null,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: null,
    customer_account: null,
    customer_creation: 'if_required',
    customer_details: null,
    discounts: [],
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    managed_payments: null,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: 'if_required',
    payment_method_configuration_details: null,
    payment_method_options: { card: { request_three_d_secure: 'automatic' } },
    payment_method_types: ['card'],
    permissions: null,
    phone_number_collection: { enabled: false },
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: 'open',
    subscription: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    wallet_options: null,
    ...own,
  };
}
