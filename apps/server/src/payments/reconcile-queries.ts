import type { Db } from '@online-cinema/db/open';

/**
 * Attempts the gateway has not given its final word on, made before a moment: those first that were never asked about,
 * then those whose last asking is longest ago.
 */
export async function selectUnsettled(
  db: Db,
  { createdBefore, askedBefore, limit }: { createdBefore: Date; askedBefore: Date; limit: number },
): Promise<{ id: string; sessionId: string | null }[]> {
  return await db
    .selectFrom('payments')
    .where('gateway', '=', 'stripe')
    .where('settledAt', 'is', null)
    .where('createdAt', '<', createdBefore)
    .where((eb) => eb.or([eb('askedAt', 'is', null), eb('askedAt', '<', askedBefore)]))
    .select(['id', 'stripeSessionId as sessionId'])
    .orderBy('askedAt', (order) => order.asc().nullsFirst())
    .orderBy('createdAt')
    .limit(limit)
    .execute();
}

/** What of a payment is compared with the gateway. */
export async function selectForComparison(db: Db, paymentId: string) {
  return await db
    .selectFrom('payments')
    .where('id', '=', paymentId)
    .select(['id', 'status', 'settledAt', 'stripeSessionId', 'stripePaymentIntentId'])
    .executeTakeFirst();
}

/** The payments whose money came since a moment, by their sessions. */
export async function selectPaidSince(db: Db, since: Date): Promise<{ id: string; sessionId: string | null }[]> {
  return await db
    .selectFrom('payments')
    .where('gateway', '=', 'stripe')
    .where('settledAt', '>=', since)
    .where('status', 'in', ['successful', 'partially_refunded', 'refunded'])
    .select(['id', 'stripeSessionId as sessionId'])
    .execute();
}

/** The refunds that reached the buyer since a moment, by their ids at the gateway. Disputes are none of its refunds. */
export async function selectRefundedSince(
  db: Db,
  since: Date,
): Promise<{ id: string; paymentId: string; stripeId: string | null }[]> {
  return await db
    .selectFrom('refunds')
    .where('status', '=', 'succeeded')
    .where('finishedAt', '>=', since)
    .where('amount', '>', 0)
    .where('origin', '<>', 'dispute')
    .select(['id', 'paymentId', 'stripeId'])
    .execute();
}

/** Tells whether we know what became of a refund, or a lost dispute, of the gateway. */
export async function knowsMoneyBack(db: Db, stripeId: string): Promise<boolean> {
  const row = await db
    .selectFrom('refunds')
    .where('stripeId', '=', stripeId)
    .where('status', '<>', 'pending')
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Closes an attempt that nobody can pay. */
export async function closeLostAttempt(db: Db, paymentId: string, closedAt: Date): Promise<void> {
  await db
    .updateTable('payments')
    .set({ status: 'canceled', closedAt })
    .where('id', '=', paymentId)
    .where('closedAt', 'is', null)
    .execute();
}

/** Puts a payment under review, unless it is already. */
export async function setReview(db: Db, paymentId: string, reviewReason: string): Promise<void> {
  await db
    .updateTable('payments')
    .set({ reviewReason })
    .where('id', '=', paymentId)
    .where('reviewReason', 'is', null)
    .execute();
}
