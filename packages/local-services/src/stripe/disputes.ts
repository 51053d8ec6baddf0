import { forbiddenByState, resourceMissing } from './errors.ts';
import { emit, newId, seconds, type Dispute, type World } from './store.ts';

const RESPONSE_TIME = 7 * 24 * 60 * 60;

/** Lets the card's owner dispute a charge: the money is withdrawn until the dispute is closed. */
export function disputeCharge(world: World, chargeId: string, reason = 'fraudulent'): Dispute {
  const charge = world.store.charges.get(chargeId);
  if (!charge) throw resourceMissing('charge', chargeId);
  if (charge.status !== 'succeeded') throw forbiddenByState(`Charge ${chargeId} did not succeed: nobody disputes it.`);
  if (charge.disputed) throw forbiddenByState(`Charge ${chargeId} is disputed already.`);
  const now = seconds(world);
  const dispute: Dispute = {
    id: newId('du'),
    object: 'dispute',
    amount: charge.amount,
    balance_transactions: [],
    charge: charge.id,
    created: now,
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: now + RESPONSE_TIME,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    network_reason_code: '10.4',
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  };
  world.store.disputes.set(dispute.id, dispute);
  charge.disputed = true;
  emit(world, 'charge.dispute.created', dispute);
  emit(world, 'charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

/** Ends a dispute; when it is won, the money comes back. */
export function closeDispute(world: World, disputeId: string, outcome: 'won' | 'lost'): Dispute {
  const dispute = findDispute(world, disputeId);
  if (dispute.status === 'won' || dispute.status === 'lost') {
    throw forbiddenByState(`The dispute ${disputeId} is closed already: it was ${dispute.status}.`);
  }
  const previous = { status: dispute.status };
  dispute.status = outcome;
  emit(world, 'charge.dispute.closed', dispute, { previous });
  if (outcome === 'won') emit(world, 'charge.dispute.funds_reinstated', dispute);
  return dispute;
}

/** Finds a dispute, or throws Stripe's 404. */
export function findDispute(world: Pick<World, 'store'>, id: string): Dispute {
  const found = world.store.disputes.get(id);
  if (!found) throw resourceMissing('dispute', id);
  return found;
}

function noEvidence(): Dispute['evidence'] {
  return {
    access_activity_log: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null,
  };
}
