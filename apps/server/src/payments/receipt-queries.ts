import type { Db } from '@online-cinema/db/open';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { Config } from '../config.ts';
import { takeNumber } from './numbers.ts';

/** Gives the payment that fulfils an order its receipt, inside the transaction that does so. Call it last. */
export async function insertReceipt(
  trx: Db,
  { seller, taxRatePercent }: Pick<Config, 'seller' | 'taxRatePercent'>,
  receipt: { paymentId: string; orderId: string; issuedAt: Date },
): Promise<void> {
  const number = await takeNumber(trx, 'receipts');
  await trx
    .insertInto('receipts')
    .values({
      ...receipt,
      number,
      sellerName: seller.name,
      sellerAddress: seller.address,
      sellerTaxId: seller.taxId,
      taxRatePercent,
    })
    .execute();
}

/** A receipt with all it says; nothing when the payment has none, or is somebody else's. */
export async function selectReceiptFacts(db: Db, userId: string, paymentId: string) {
  return await db
    .selectFrom('receipts')
    .innerJoin('payments', 'payments.id', 'receipts.paymentId')
    .innerJoin('orders', 'orders.id', 'receipts.orderId')
    .innerJoin('users', 'users.id', 'payments.userId')
    .leftJoin('profiles', 'profiles.userId', 'users.id')
    .where('receipts.paymentId', '=', paymentId)
    .where('payments.userId', '=', userId)
    .select([
      'receipts.number',
      'receipts.issuedAt',
      'receipts.sellerName',
      'receipts.sellerAddress',
      'receipts.sellerTaxId',
      'receipts.taxRatePercent',
      'payments.amount',
      'payments.currency',
      'orders.number as orderNumber',
      'orders.discountAmount',
      'users.email',
      'profiles.firstName',
      'profiles.lastName',
    ])
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('orderItems')
          .whereRef('orderItems.orderId', '=', 'receipts.orderId')
          .select(['orderItems.name', 'orderItems.year', 'orderItems.priceAmount', 'orderItems.discountAmount'])
          .orderBy('orderItems.position'),
      ).as('lines'),
      jsonArrayFrom(
        eb
          .selectFrom('refunds')
          .whereRef('refunds.paymentId', '=', 'receipts.paymentId')
          .where('refunds.status', '=', 'succeeded')
          .select(['refunds.number', 'refunds.finishedAt', 'refunds.amount'])
          .orderBy('refunds.number'),
      ).as('refunds'),
    ])
    .executeTakeFirst();
}
