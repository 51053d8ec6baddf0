import { formatAmount, refuseFraction } from './currency.ts';
import { forbiddenByState, invalidRequest, resourceMissing } from './errors.ts';
import { readInteger, readMetadata, readText, readWord, refuseUnknown, type Params } from './params.ts';
import { emit, newId, orderIdOf, seconds, type Cause, type Charge, type Refund, type World } from './store.ts';

const KNOWN = ['amount', 'charge', 'expand', 'metadata', 'payment_intent', 'reason'];

/**
 * Refunds a charge from the parameters of `POST /v1/refunds`: all that is left of it, or `amount`.
 *
 * @throws StripeApiError `charge_already_refunded`, `charge_disputed`, or a sum above what is left
 */
export function createRefund(world: World, params: Params, cause?: Cause): Refund {
  refuseUnknown(params, KNOWN);
  const charge = findRefundable(world, params);
  const left = charge.amount - charge.amount_refunded;
  const reason = readWord(params, 'reason', ['duplicate', 'fraudulent', 'requested_by_customer']) ?? null;
  const metadata = readMetadata(params);
  const wanted = readInteger(params, 'amount', { min: 1 });
  if (isChargedBack(world, charge)) {
    throw forbiddenByState(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    });
  }
  if (left === 0) {
    throw forbiddenByState(`Charge ${charge.id} has already been refunded.`, { code: 'charge_already_refunded' });
  }
  const amount = wanted ?? left;
  if (amount > left) {
    const limit = charge.amount_refunded === 0 ? 'charge amount' : 'unrefunded amount on charge';
    const [asked, available] = [amount, left].map((value) => formatAmount(value, charge.currency));
    throw forbiddenByState(`Refund amount (${asked}) is greater than ${limit} (${available})`, { param: 'amount' });
  }
  refuseFraction(amount, charge.currency);
  return refund(world, charge, { amount, reason, metadata }, cause);
}

/**
 * Lets the bank end a refund: one that is pending succeeds or fails; one that has succeeded may come back, and fails then.
 * The money of one that fails is the shop's again.
 */
export function finishRefund(world: World, id: string, outcome: 'succeeded' | 'failed'): Refund {
  const made = findRefund(world, id);
  const charge = findCharge(world, made.charge ?? '');
  if (made.status !== 'pending' && (made.status !== 'succeeded' || outcome === 'succeeded')) {
    throw forbiddenByState(`Refund ${id} has the status ${made.status}: it cannot become ${outcome}.`);
  }
  const previous = { status: made.status };
  made.status = outcome;
  if (outcome === 'failed') {
    made.failure_reason = 'expired_or_canceled_card';
    made.failure_balance_transaction = newId('txn');
    charge.amount_refunded -= made.amount;
    charge.refunded = false;
    note(world, 'refund_failure', made);
  }
  emit(world, 'refund.updated', made, { previous });
  if (outcome === 'failed') emit(world, 'refund.failed', made, { previous });
  return made;
}

/** Finds a refund, or throws Stripe's 404. */
export function findRefund(world: Pick<World, 'store'>, id: string): Refund {
  const found = world.store.refunds.get(id);
  if (!found) throw resourceMissing('refund', id);
  return found;
}

/** Finds a charge, or throws Stripe's 404. */
export function findCharge(world: Pick<World, 'store'>, id: string): Charge {
  const found = world.store.charges.get(id);
  if (!found) throw resourceMissing('charge', id);
  return found;
}

function refund(
  world: World,
  charge: Charge,
  { amount, reason, metadata }: Pick<Refund, 'amount' | 'reason' | 'metadata'>,
  cause?: Cause,
): Refund {
  const previous = { amount_refunded: charge.amount_refunded, receipt_url: charge.receipt_url, refunded: false };
  const made: Refund = {
    id: newId('re'),
    object: 'refund',
    amount,
    balance_transaction: newId('txn'),
    charge: charge.id,
    created: seconds(world),
    currency: charge.currency,
    customer: null,
    customer_account: null,
    destination_details: {
      card: { reference_status: 'pending', reference_type: 'acquirer_reference_number', type: 'refund' },
      type: 'card',
    },
    metadata,
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: world.refundsBegin,
    transfer_reversal: null,
  };
  world.store.refunds.set(made.id, made);
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  note(world, 'refund', made);
  emit(world, 'refund.created', made, { cause });
  emit(world, 'charge.refunded', charge, { cause, previous });
  if (made.status === 'pending') return made;
  // The card network's reference arrives a moment later, which is all that changes about a card refund.
  const pending = made.destination_details;
  made.destination_details = {
    card: {
      reference: '4242420000000000',
      reference_status: 'available',
      reference_type: 'acquirer_reference_number',
      type: 'refund',
    },
    type: 'card',
  };
  emit(world, 'refund.updated', made, { previous: { destination_details: pending } });
  return made;
}

function note(world: World, type: 'refund' | 'refund_failure', { amount, currency, payment_intent }: Refund): void {
  const orderId = orderIdOf(world.store, payment_intent);
  world.store.ledger.push({ type, amount, currency, orderId, at: new Date(world.now()).toISOString() });
}

/** A dispute takes the money away, unless it was won. */
function isChargedBack({ store }: World, charge: Charge): boolean {
  return (
    charge.disputed &&
    [...store.disputes.values()].some(({ charge: id, status }) => id === charge.id && status !== 'won')
  );
}

function findRefundable(world: World, params: Params): Charge {
  const chargeId = readText(params, 'charge');
  const intentId = readText(params, 'payment_intent');
  if (chargeId === undefined && intentId === undefined) {
    throw invalidRequest('One of the following params should be provided for this request: payment_intent or charge.');
  }
  const charge = chargeId === undefined ? chargeOfIntent(world, intentId) : world.store.charges.get(chargeId);
  if (!charge) throw resourceMissing('charge', chargeId ?? '', 'charge', 400);
  if (charge.status === 'succeeded') return charge;
  throw forbiddenByState(`Charge ${charge.id} cannot be refunded: it did not succeed.`, { param: 'charge' });
}

function chargeOfIntent(world: World, intentId = ''): Charge {
  const intent = world.store.paymentIntents.get(intentId);
  if (!intent) throw resourceMissing('payment_intent', intentId, 'payment_intent', 400);
  const charge = intent.latest_charge === null ? undefined : world.store.charges.get(intent.latest_charge);
  if (charge?.status === 'succeeded') return charge;
  throw forbiddenByState(`This PaymentIntent (${intentId}) does not have a successful charge to refund.`, {
    param: 'payment_intent',
  });
}
