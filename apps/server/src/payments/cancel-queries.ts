import type { Db } from '@online-cinema/db/open';

/** Whose order it is and how it stands; nothing when there is none. */
export async function selectOrderStanding(db: Db, orderId: string) {
  return await db.selectFrom('orders').where('id', '=', orderId).select(['id', 'userId', 'status']).executeTakeFirst();
}

/** The attempt of an order that can still be paid, locked: nobody gets its page until the transaction ends. */
export async function lockActiveAttempt(trx: Db, orderId: string) {
  return await trx
    .selectFrom('payments')
    .where('orderId', '=', orderId)
    .where('closedAt', 'is', null)
    .select(['id', 'stripeSessionId'])
    .forUpdate()
    .executeTakeFirst();
}

/** Marks an order as canceled, whatever its state. Call it under its lock. */
export async function setOrderCanceled(trx: Db, orderId: string, canceledAt: Date): Promise<void> {
  await trx.updateTable('orders').set({ status: 'canceled', canceledAt }).where('id', '=', orderId).execute();
}

/**
 * Some orders whose time to be paid is over, but those given: first those the gateway need not be asked about. An order
 * whose payment is under review is not among them.
 */
export async function selectExpiredOrders(
  db: Db,
  { now, except, limit }: { now: Date; except: string[]; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('orders')
    .leftJoin('payments as open', (join) =>
      join
        .onRef('open.orderId', '=', 'orders.id')
        .on('open.closedAt', 'is', null)
        .on('open.stripeSessionId', 'is not', null),
    )
    .where('orders.status', '=', 'pending')
    .where('orders.expiresAt', '<=', now)
    .$if(except.length > 0, (query) => query.where('orders.id', 'not in', except))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('payments')
            .whereRef('payments.orderId', '=', 'orders.id')
            .where('payments.status', 'in', ['successful', 'partially_refunded']),
        ),
      ),
    )
    .select('orders.id')
    .orderBy((eb) => eb('open.id', 'is not', null))
    .orderBy('orders.expiresAt')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
