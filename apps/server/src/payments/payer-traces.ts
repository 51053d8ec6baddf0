import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';

/** Takes out of payments, and of what Stripe has told of them, what leads to who paid: they stay for the books. */
export async function removePayerTraces(trx: Db, userId: string): Promise<void> {
  // Both are pages of Stripe that show who paid.
  await trx.updateTable('payments').set({ checkoutUrl: null, receiptUrl: null }).where('userId', '=', userId).execute();
  // The buyer's own words; the staff's may name him.
  await trx
    .updateTable('refunds')
    .set({ reason: '', note: null })
    .where('paymentId', 'in', (eb) => eb.selectFrom('payments').where('userId', '=', userId).select('id'))
    .execute();
  const payments = sql`from payments where user_id = ${userId}`;
  await stripEvents(
    trx,
    sql`payload #>> '{data,object,metadata,orderId}' in (select id::text from orders where user_id = ${userId})
      or payload #>> '{data,object,id}' in (select stripe_session_id ${payments})
      or payload #>> '{data,object,id}' in (select stripe_payment_intent_id ${payments})
      or payload #>> '{data,object,payment_intent}' in (select stripe_payment_intent_id ${payments})`,
  );
}

/** Strips an event about a payment whose buyer's account is deleted; any other stays as Stripe sent it. */
export async function stripLateEvent(
  trx: Db,
  { eventId, paymentId }: { eventId: string; paymentId: string },
): Promise<void> {
  await stripEvents(trx, sql`id = ${eventId} and ${isOfNobody(paymentId)}`);
}

/** Forgets the receipt of a payment that succeeded after its buyer's account was deleted. */
export async function dropLateReceipt(trx: Db, paymentId: string): Promise<void> {
  await trx
    .updateTable('payments')
    .set({ checkoutUrl: null, receiptUrl: null })
    .where('id', '=', paymentId)
    .where(isOfNobody(paymentId))
    .execute();
}

function isOfNobody(paymentId: string): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select from payments as paid join users on users.id = paid.user_id
    where paid.id = ${paymentId} and users.deleted_at is not null
  )`;
}

// Of what Stripe has told, who paid goes; what was paid, and for what, stays.
const KEPT_OF_EVENTS = [
  'id',
  'object',
  'amount',
  'amount_total',
  'created',
  'currency',
  'metadata',
  'payment_intent',
  'payment_status',
  'status',
];

async function stripEvents(trx: Db, condition: RawBuilder<unknown>): Promise<void> {
  await sql`
    update stripe_events set payload = jsonb_set(payload, '{data}', jsonb_build_object('object', (
      select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(payload #> '{data,object}')
      where key = any(${KEPT_OF_EVENTS})
    )))
    where ${condition}
  `.execute(trx);
}
