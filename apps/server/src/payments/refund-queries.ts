import type { Refund } from '@online-cinema/contract/refunds';
import type { Db } from '@online-cinema/db/open';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { sql } from 'kysely';
import { refundRows, toRefund } from '../orders/payment-view.ts';
import { WATCHED_SHARE } from '../playback/served.ts';

/** Where a refund belongs, so that order and payment can be locked before it. */
export async function selectRefundPlace(
  db: Db,
  refundId: string,
): Promise<{ orderId: string; paymentId: string } | undefined> {
  return await db
    .selectFrom('refunds')
    .innerJoin('payments', 'payments.id', 'refunds.paymentId')
    .where('refunds.id', '=', refundId)
    .select(['payments.orderId', 'payments.id as paymentId'])
    .executeTakeFirst();
}

/**
 * A payment whose refunds are decided: nobody else may change it, or them, until the transaction ends. `isFulfilling`
 * says whether it is the one that gave the films. `amount` and `currency` are of what the gateway took, which is all that
 * can go back.
 */
export async function lockPayment(trx: Db, paymentId: string) {
  return await trx
    .selectFrom('payments')
    .where('id', '=', paymentId)
    .select([
      'id',
      'orderId',
      'userId',
      'status',
      'reviewReason',
      (eb) => eb.fn.coalesce('takenAmount', 'amount').as('amount'),
      (eb) => eb.fn.coalesce('takenCurrency', 'currency').as('currency'),
      sql<boolean>`exists (select from receipts where receipts.payment_id = payments.id)`.as('isFulfilling'),
    ])
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/** A payment under {@link lockPayment}. */
export type LockedPayment = NonNullable<Awaited<ReturnType<typeof lockPayment>>>;

/** What of a payment leads to its refunds at the gateway. */
export async function selectGatewayIds(db: Db, paymentId: string) {
  return await db
    .selectFrom('payments')
    .where('id', '=', paymentId)
    .select(['orderId', 'status', 'stripeSessionId as sessionId', 'stripePaymentIntentId as intentId'])
    .executeTakeFirst();
}

/** The payment that fulfilled an order. */
export async function selectFulfilling(db: Db, orderId: string): Promise<string | undefined> {
  const row = await db.selectFrom('receipts').where('orderId', '=', orderId).select('paymentId').executeTakeFirst();
  return row?.paymentId;
}

/** The refunds of a payment as they stand, oldest first, each with its films. Call it under the payment's lock. */
export async function selectStandings(db: Db, paymentId: string) {
  return await db
    .selectFrom('refunds')
    .where('paymentId', '=', paymentId)
    .select(['id', 'status', 'amount', 'stripeId', 'failureCode'])
    .select((eb) =>
      jsonArrayFrom(
        eb.selectFrom('refundItems').whereRef('refundItems.refundId', '=', 'refunds.id').select('refundItems.movieId'),
      ).as('items'),
    )
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

/** How a refund stands. */
export type RefundStanding = Awaited<ReturnType<typeof selectStandings>>[number];

/** A film of an order, with what was paid for it. */
export type RefundableLine = { movieId: string; slug: string; paid: number; isWatched: boolean };

/** The films of an order, in its order, and whether its buyer has begun to watch them: as he says, or as we have sent. */
export async function selectRefundableLines(db: Db, orderId: string): Promise<RefundableLine[]> {
  return await db
    .selectFrom('orderItems')
    .innerJoin('orders', 'orders.id', 'orderItems.orderId')
    .innerJoin('movies', 'movies.id', 'orderItems.movieId')
    .where('orderItems.orderId', '=', orderId)
    .select((eb) => [
      'orderItems.movieId',
      'movies.slug',
      eb('orderItems.priceAmount', '-', eb.ref('orderItems.discountAmount')).as('paid'),
      sql<boolean>`exists (
        select from watch_progress
        where watch_progress.user_id = orders.user_id and watch_progress.movie_id = order_items.movie_id
      ) or exists (
        select from playback_served served
        where served.user_id = orders.user_id and served.movie_id = order_items.movie_id
          and served.share >= ${sql.lit(WATCHED_SHARE)}
      )`.as('isWatched'),
    ])
    .orderBy('orderItems.position')
    .execute();
}

/** Writes a refund and the films it takes back; gives its id. */
export async function insertRefund(
  trx: Db,
  {
    movieIds,
    ...refund
  }: {
    paymentId: string;
    origin: 'buyer' | 'staff' | 'system' | 'dashboard' | 'dispute';
    status: 'requested' | 'pending';
    amount: number;
    reason: string;
    stripeId?: string;
    createdAt: Date;
    movieIds: string[];
  },
): Promise<string> {
  const { id } = await trx.insertInto('refunds').values(refund).returning('id').executeTakeFirstOrThrow();
  if (movieIds.length > 0) {
    await trx
      .insertInto('refundItems')
      .values(movieIds.map((movieId) => ({ refundId: id, movieId })))
      .execute();
  }
  return id;
}

/** Changes what is given of a refund, whatever its state. Call it under the lock of its payment. */
export async function updateRefund(
  trx: Db,
  refundId: string,
  changes: {
    status?: 'pending' | 'succeeded' | 'failed' | 'rejected';
    amount?: number;
    note?: string | null;
    stripeId?: string | null;
    failureCode?: string;
    number?: number;
    decidedAt?: Date;
    finishedAt?: Date;
  },
): Promise<void> {
  await trx.updateTable('refunds').set(changes).where('id', '=', refundId).execute();
}

/** Closes what somebody asked for of a payment that is paid back altogether. */
export async function closeRequests(trx: Db, paymentId: string, now: Date): Promise<void> {
  await trx
    .updateTable('refunds')
    .set({ status: 'rejected', note: 'All of it was paid back otherwise.', decidedAt: now, finishedAt: now })
    .where('paymentId', '=', paymentId)
    .where('status', '=', 'requested')
    .execute();
}

/** Says how much of a payment went back. Call it under the locks of order and payment. */
export async function setRefundedStatus(
  trx: Db,
  paymentId: string,
  status: 'refunded' | 'partially_refunded',
): Promise<void> {
  await trx.updateTable('payments').set({ status }).where('id', '=', paymentId).execute();
}

/** Marks an order as paid back. Call it under its lock. */
export async function setOrderRefunded(trx: Db, orderId: string): Promise<void> {
  await trx.updateTable('orders').set({ status: 'refunded' }).where('id', '=', orderId).execute();
}

/** A refund the gateway is to make, or is making; nothing when it is in another state. */
export async function selectRefundToMake(db: Db, refundId: string) {
  return await db
    .selectFrom('refunds')
    .innerJoin('payments', 'payments.id', 'refunds.paymentId')
    .where('refunds.id', '=', refundId)
    .where('refunds.status', '=', 'pending')
    .select([
      'refunds.id',
      'refunds.amount',
      'refunds.stripeId',
      'payments.id as paymentId',
      'payments.orderId',
      'payments.stripePaymentIntentId as intentId',
    ])
    .executeTakeFirst();
}

/** What {@link selectRefundToMake} finds. */
export type RefundToMake = NonNullable<Awaited<ReturnType<typeof selectRefundToMake>>>;

/** Refunds the gateway has not given its final word on, the oldest first. */
export async function selectPendingRefunds(
  db: Db,
  pick: { paymentId: string } | { createdBefore: Date },
): Promise<{ id: string; createdAt: Date }[]> {
  return await db
    .selectFrom('refunds')
    .where('status', '=', 'pending')
    .$if('paymentId' in pick, (query) => query.where('paymentId', '=', 'paymentId' in pick ? pick.paymentId : ''))
    .$if('createdBefore' in pick, (query) =>
      query.where('createdAt', '<', 'createdBefore' in pick ? pick.createdBefore : new Date(0)),
    )
    .select(['id', 'createdAt'])
    .orderBy('createdAt')
    .limit(500)
    .execute();
}

/** One refund, as its buyer sees it. */
export async function selectRefund(db: Db, refundId: string): Promise<Refund> {
  return toRefund(await refundRows(db).where('refunds.id', '=', refundId).executeTakeFirstOrThrow());
}

/** The refunds of a payment, oldest first. */
export async function selectRefundsOf(db: Db, paymentId: string): Promise<Refund[]> {
  const rows = await refundRows(db)
    .where('refunds.paymentId', '=', paymentId)
    .orderBy('refunds.createdAt')
    .orderBy('refunds.id')
    .execute();
  return rows.map(toRefund);
}

/** What the mail about a refund says; nothing when the buyer's account is gone. */
export async function selectRefundMail(db: Db, refundId: string) {
  return await db
    .selectFrom('refunds')
    .innerJoin('payments', 'payments.id', 'refunds.paymentId')
    .innerJoin('orders', 'orders.id', 'payments.orderId')
    .innerJoin('users', 'users.id', 'payments.userId')
    .where('refunds.id', '=', refundId)
    .where('users.deletedAt', 'is', null)
    .select([
      'refunds.id',
      'refunds.status',
      'refunds.origin',
      'refunds.amount',
      'refunds.note',
      'refunds.number',
      (eb) => eb.fn.coalesce('payments.takenCurrency', 'payments.currency').as('currency'),
      'orders.id as orderId',
      'orders.number as orderNumber',
      'users.email',
    ])
    .select((eb) =>
      jsonArrayFrom(
        eb
          .selectFrom('refundItems')
          .innerJoin('orderItems', (join) =>
            join
              .onRef('orderItems.movieId', '=', 'refundItems.movieId')
              .onRef('orderItems.orderId', '=', 'payments.orderId'),
          )
          .whereRef('refundItems.refundId', '=', 'refunds.id')
          .select(['orderItems.name', 'orderItems.year'])
          .orderBy('orderItems.position'),
      ).as('films'),
    )
    .executeTakeFirst();
}

/** What {@link selectRefundMail} finds. */
export type RefundMail = NonNullable<Awaited<ReturnType<typeof selectRefundMail>>>;
