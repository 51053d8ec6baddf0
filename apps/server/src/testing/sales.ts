import type { Db } from '@online-cinema/db/open';

/** What became of an order, to be written down as the shop would have. Amounts are in the minor unit. */
export type TestSale = {
  createdAt: Date;
  /** Null: it waits for its payment still, or was given up. */
  paidAt: Date | null;
  status?: 'pending' | 'canceled';
  currency: string;
  items: { movieId: string; price: number; discount?: number }[];
  /** What went back of it; without films, money only. */
  refunds?: { at: Date; amount: number; movieIds?: string[] }[];
  /** Why a person must look at its payment. */
  reviewReason?: string;
};

let documents = 0;

/** Writes an order with all that belongs to it, as if it had happened at another time. */
export async function recordSale(
  db: Db,
  userId: string,
  sale: TestSale,
): Promise<{ orderId: string; paymentId: string; number: number }> {
  const { createdAt, paidAt, currency, items, refunds = [], reviewReason } = sale;
  const discountAmount = items.reduce((sum, { discount = 0 }) => sum + discount, 0);
  const totalAmount = items.reduce((sum, { price }) => sum + price, 0) - discountAmount;
  const refunded = refunds.reduce((sum, { amount }) => sum + amount, 0);
  return await db.transaction().execute(async (trx) => {
    const promoId = discountAmount === 0 ? null : await findPromo(trx);
    const { id: orderId, number } = await trx
      .insertInto('orders')
      .values({
        userId,
        promoId,
        status: sale.status ?? (paidAt === null ? 'pending' : refunded === totalAmount ? 'refunded' : 'paid'),
        totalAmount,
        discountAmount,
        currency,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + 3_600_000),
        paidAt,
        canceledAt: sale.status === 'canceled' ? createdAt : null,
      })
      .returning(['id', 'number'])
      .executeTakeFirstOrThrow();
    const rows = items.map(({ movieId, price, discount = 0 }, position) => ({
      orderId,
      movieId,
      position,
      name: `As ordered ${position}`,
      year: 2000,
      priceAmount: price,
      discountAmount: discount,
    }));
    await trx.insertInto('orderItems').values(rows).execute();
    const isPaid = paidAt !== null;
    const { id: paymentId } = await trx
      .insertInto('payments')
      .values({
        orderId,
        userId,
        gateway: totalAmount === 0 ? 'none' : 'stripe',
        status: !isPaid ? 'pending' : refunds.length === 0 ? 'successful' : statusAfter(refunded, totalAmount),
        amount: totalAmount,
        currency,
        createdAt,
        expiresAt: new Date(createdAt.getTime() + 3_600_000),
        closedAt: paidAt,
        settledAt: paidAt,
        reviewReason: reviewReason ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    if (!isPaid) return { orderId, paymentId, number };
    const seller = { sellerName: 'Kino', sellerAddress: '', sellerTaxId: '', taxRatePercent: 0 };
    await trx
      .insertInto('receipts')
      .values({ paymentId, orderId, number: (documents += 1), issuedAt: paidAt, ...seller })
      .execute();
    for (const refund of refunds) await recordRefund(trx, paymentId, refund);
    return { orderId, paymentId, number };
  });
}

/** Writes a refund that has reached the buyer. */
export async function recordRefund(
  db: Db,
  paymentId: string,
  { at, amount, movieIds = [] }: { at: Date; amount: number; movieIds?: string[] },
): Promise<void> {
  const { id: refundId } = await db
    .insertInto('refunds')
    .values({
      paymentId,
      origin: 'staff',
      status: 'succeeded',
      amount,
      reason: 'For a test.',
      number: (documents += 1),
      createdAt: at,
      finishedAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (movieIds.length === 0) return;
  await db
    .insertInto('refundItems')
    .values(movieIds.map((movieId) => ({ refundId, movieId })))
    .execute();
}

function statusAfter(refunded: number, total: number): 'refunded' | 'partially_refunded' {
  return refunded === total ? 'refunded' : 'partially_refunded';
}

async function findPromo(db: Db): Promise<string> {
  const { id } = await db
    .insertInto('promos')
    .values({ code: 'RECORDED', percent: 10 })
    .onConflict((conflict) => conflict.column('code').doUpdateSet({ percent: 10 }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}
