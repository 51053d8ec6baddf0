import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** The address of who pays, and an account that is not deleted until the transaction ends; nothing when it was. */
export async function lockPayer(trx: Db, userId: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .select('email')
    .forKeyShare()
    .executeTakeFirst();
  return row?.email;
}

/** An order while its payment is decided: nobody else may change it until the transaction ends. */
export async function lockOrder(db: Db, orderId: string) {
  return await db
    .selectFrom('orders')
    .where('id', '=', orderId)
    .select(['id', 'number', 'userId', 'status', 'totalAmount', 'currency', 'expiresAt', 'paidAt'])
    .forUpdate()
    .executeTakeFirst();
}

/** The items of an order at their price, with today's price beside it, and whether they have left the catalogue. */
export async function selectOrderLines(db: Db, orderId: string) {
  return await db
    .selectFrom('orderItems')
    .innerJoin('movies', 'movies.id', 'orderItems.movieId')
    .where('orderItems.orderId', '=', orderId)
    .select([
      'orderItems.movieId',
      'orderItems.name',
      'orderItems.year',
      'orderItems.priceAmount',
      'orderItems.discountAmount',
      'movies.priceAmount as currentAmount',
      'movies.priceCurrency as currentCurrency',
      sql<boolean>`movies.withdrawn_at is not null`.as('isWithdrawn'),
    ])
    .orderBy('orderItems.position')
    .execute();
}

const ATTEMPT_COLUMNS = [
  'id',
  'orderId',
  'userId',
  'status',
  'amount',
  'currency',
  'stripeSessionId',
  'checkoutUrl',
  'expiresAt',
  'closedAt',
] as const;

/** The one attempt of an order that can still be paid. */
export async function selectActiveAttempt(db: Db, orderId: string) {
  return await db
    .selectFrom('payments')
    .where('orderId', '=', orderId)
    .where('closedAt', 'is', null)
    .select(ATTEMPT_COLUMNS)
    .executeTakeFirst();
}

/** Tells whether a payment of an order succeeded. The order may be pending still: its payment is under review then. */
export async function hasSuccessfulAttempt(db: Db, orderId: string): Promise<boolean> {
  const row = await db
    .selectFrom('payments')
    .where('orderId', '=', orderId)
    .where('status', 'in', ['successful', 'partially_refunded'])
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * One attempt to pay. Until `closedAt` it is the only one of its order; `checkoutUrl` is null before the gateway
 * answers.
 */
export type Attempt = NonNullable<Awaited<ReturnType<typeof selectActiveAttempt>>>;

/** Reads an attempt, open or closed. It may have changed by the time it is used, unless its order is locked. */
export async function selectAttempt(db: Db, paymentId: string): Promise<Attempt | undefined> {
  return await db.selectFrom('payments').where('id', '=', paymentId).select(ATTEMPT_COLUMNS).executeTakeFirst();
}

/** The id of the attempt a Stripe session or payment intent belongs to. */
export async function selectAttemptIdByStripe(
  db: Db,
  stripe: { sessionId: string } | { paymentIntentId: string },
): Promise<string | undefined> {
  const row = await db
    .selectFrom('payments')
    .$if('sessionId' in stripe, (query) =>
      query.where('stripeSessionId', '=', 'sessionId' in stripe ? stripe.sessionId : ''),
    )
    .$if('paymentIntentId' in stripe, (query) =>
      query.where('stripePaymentIntentId', '=', 'paymentIntentId' in stripe ? stripe.paymentIntentId : ''),
    )
    .select('id')
    .executeTakeFirst();
  return row?.id;
}

/** Writes an attempt, open unless it is said to be closed. A unique index refuses a second open one of its order. */
export async function insertAttempt(
  db: Db,
  attempt: {
    orderId: string;
    userId: string;
    gateway: 'stripe' | 'none';
    amount: number;
    currency: string;
    createdAt: Date;
    expiresAt: Date;
    status?: 'canceled';
    closedAt?: Date;
  },
): Promise<Attempt> {
  return await db.insertInto('payments').values(attempt).returning(ATTEMPT_COLUMNS).executeTakeFirstOrThrow();
}

/**
 * Keeps what Stripe made for an attempt; every caller who asked at once writes the same. `false` when the attempt is
 * closed: its page must not be given to anybody.
 */
export async function setCheckout(
  db: Db,
  paymentId: string,
  checkout: { stripeSessionId: string; checkoutUrl: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('payments')
    .set(checkout)
    .where('id', '=', paymentId)
    .where('closedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Closes an attempt whose page nobody was given. */
export async function closeUnopenedAttempt(db: Db, paymentId: string, closedAt: Date): Promise<void> {
  await db
    .updateTable('payments')
    .set({ status: 'canceled', closedAt })
    .where('id', '=', paymentId)
    .where('checkoutUrl', 'is', null)
    .where('closedAt', 'is', null)
    .execute();
}

/** Changes what is given of a payment, whatever its state. Call it under the lock of its order. */
export async function updatePayment(
  db: Db,
  paymentId: string,
  changes: {
    status?: 'successful' | 'declined' | 'canceled';
    closedAt?: Date;
    stripeSessionId?: string;
    stripePaymentIntentId?: string | null;
    receiptUrl?: string | null;
    declineCode?: string | null;
    reviewReason?: string | null;
    takenAmount?: number;
    takenCurrency?: string;
  },
): Promise<void> {
  await db.updateTable('payments').set(changes).where('id', '=', paymentId).execute();
}

/** Keeps an order open at least until a moment: as long as its checkout can be paid. */
export async function extendOrder(db: Db, orderId: string, until: Date): Promise<void> {
  await db
    .updateTable('orders')
    .set({ expiresAt: until })
    .where('id', '=', orderId)
    .where('expiresAt', '<', until)
    .execute();
}

/** Marks an order as paid, whatever its state. Call it under its lock. */
export async function setOrderPaid(db: Db, orderId: string, paidAt: Date): Promise<void> {
  await db.updateTable('orders').set({ status: 'paid', paidAt, canceledAt: null }).where('id', '=', orderId).execute();
}

/**
 * Tells whether a canceled order can still be fulfilled: its buyer's account is there, and he neither owns one of its
 * films nor is about to pay for one elsewhere. Call it under the locks of shopper and order.
 */
export async function canFulfilLate(trx: Db, orderId: string): Promise<boolean> {
  const { rows } = await sql`
    select from orders join users on users.id = orders.user_id and users.deleted_at is null
    where orders.id = ${orderId} and not exists (
      select from order_items item where item.order_id = orders.id and (
        exists (
          select from library_movies owned where owned.user_id = orders.user_id and owned.movie_id = item.movie_id
        ) or exists (
          select from order_items elsewhere join orders waiting on waiting.id = elsewhere.order_id
          where elsewhere.movie_id = item.movie_id
            and waiting.user_id = orders.user_id and waiting.status = 'pending'
        )
      )
    )`.execute(trx);
  return rows.length > 0;
}

/** Notes that the gateway was asked about an attempt, and whether its word was final. */
export async function setSettled(
  db: Db,
  paymentId: string,
  { askedAt, isFinal }: { askedAt: Date; isFinal: boolean },
): Promise<void> {
  await db
    .updateTable('payments')
    .set({ askedAt, ...(isFinal && { settledAt: askedAt }) })
    .where('id', '=', paymentId)
    .where('settledAt', 'is', null)
    .execute();
}

/** What the receipt mail says; nothing when the order is not paid, or no longer. */
export async function selectReceipt(db: Db, orderId: string) {
  const order = await db
    .selectFrom('orders')
    .innerJoin('users', 'users.id', 'orders.userId')
    .where('orders.id', '=', orderId)
    .where('orders.status', '=', 'paid')
    .where('users.deletedAt', 'is', null)
    .select(['orders.id', 'orders.number', 'orders.totalAmount', 'orders.currency', 'orders.paidAt', 'users.email'])
    .executeTakeFirst();
  if (!order) return undefined;
  return { ...order, items: await selectOrderLines(db, orderId) };
}

/** What {@link selectReceipt} finds: a paid order, its items and its buyer's address. */
export type Receipt = NonNullable<Awaited<ReturnType<typeof selectReceipt>>>;
