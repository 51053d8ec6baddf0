import { payingCard, type Card } from './cards.ts';
import { buildCharge, type Payer } from './charges.ts';
import { disputeCharge } from './disputes.ts';
import { docUrl, forbiddenByState } from './errors.ts';
import { findSession } from './sessions.ts';
import {
  emit,
  newId,
  orderIdOf,
  randomText,
  seconds,
  type CheckoutSession,
  type PaymentIntent,
  type StoredSession,
  type World,
} from './store.ts';

/** How a try to pay ended; `message` is what the customer is told. */
type PaymentResult =
  | { paid: true; session: CheckoutSession }
  | { paid: false; session: CheckoutSession; message: string };

/** Tries to pay an open session with a card. A refused card leaves the session open for another try. */
export function paySession(world: World, id: string, card: Card = payingCard(), payer?: Payer): PaymentResult {
  const stored = findSession(world, id);
  const { session } = stored;
  if (session.status !== 'open') {
    throw forbiddenByState(`This Checkout Session has a status of \`${session.status}\`: it can no longer be paid.`);
  }
  const customer = payer ?? { email: session.customer_email ?? 'customer@example.com', name: null };
  // Nothing to pay makes no payment intent: https://docs.stripe.com/payments/checkout/no-cost-orders
  if (session.amount_total === 0) return { paid: true, session: complete(world, session, customer) };

  const intent = paymentIntentOf(world, stored);
  const charge = buildCharge(world, stored, intent, card, customer);
  if (!card.refusal?.early) {
    world.store.charges.set(charge.id, charge);
    intent.latest_charge = charge.id;
  }
  if (card.refusal) {
    intent.status = 'requires_payment_method';
    intent.last_payment_error = {
      ...(!card.refusal.early && { charge: charge.id }),
      code: card.refusal.code,
      ...(card.refusal.declineCode && { decline_code: card.refusal.declineCode }),
      doc_url: docUrl(card.refusal.code),
      message: card.refusal.message,
      payment_method_type: 'card',
      type: 'card_error',
    };
    if (!card.refusal.early) emit(world, 'charge.failed', charge);
    emit(world, 'payment_intent.payment_failed', intent);
    return { paid: false, session, message: card.refusal.message };
  }
  intent.status = 'succeeded';
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.payment_method = charge.payment_method;
  session.payment_status = 'paid';
  world.store.ledger.push({
    type: 'charge',
    amount: charge.amount,
    currency: charge.currency,
    orderId: orderIdOf(world.store, intent.id),
    at: new Date(world.now()).toISOString(),
  });
  emit(world, 'charge.succeeded', charge);
  emit(world, 'payment_intent.succeeded', intent);
  complete(world, session, customer);
  if (card.disputes) disputeCharge(world, charge.id);
  return { paid: true, session };
}

function complete(world: World, session: CheckoutSession, customer: Payer): CheckoutSession {
  session.status = 'complete';
  session.url = null;
  session.customer_details = {
    address: { city: null, country: 'US', line1: null, line2: null, postal_code: null, state: null },
    business_name: null,
    email: customer.email,
    individual_name: null,
    name: customer.name,
    phone: null,
    tax_exempt: 'none',
    tax_ids: [],
  };
  emit(world, 'checkout.session.completed', session);
  return session;
}

/** Since 2022-08-01 the payment intent is made when the customer first submits the form, not with the session. */
function paymentIntentOf(world: World, { session, intent }: StoredSession): PaymentIntent {
  const existing = session.payment_intent === null ? undefined : world.store.paymentIntents.get(session.payment_intent);
  if (existing) return existing;
  const id = newId('pi');
  const created: PaymentIntent = {
    id,
    object: 'payment_intent',
    allowed_payment_method_types: null,
    amount: session.amount_total ?? 0,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic_async',
    client_secret: `${id}_secret_${randomText(25)}`,
    confirmation_method: 'automatic',
    created: seconds(world),
    currency: session.currency ?? 'usd',
    customer: null,
    customer_account: null,
    description: intent.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: { ...intent.metadata },
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: { installments: null, mandate_options: null, network: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    payment_record: null,
    processing: null,
    receipt_email: intent.receiptEmail,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'requires_payment_method',
    transfer_data: null,
    transfer_group: null,
  };
  world.store.paymentIntents.set(id, created);
  session.payment_intent = id;
  emit(world, 'payment_intent.created', created);
  return created;
}
