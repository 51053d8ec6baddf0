import type { Db } from '@online-cinema/db/open';

/**
 * Takes the next number of a series without gaps. Whoever needs one too waits until the transaction ends: call it last.
 */
export async function takeNumber(trx: Db, series: 'receipts' | 'credit_notes'): Promise<number> {
  const row = await trx
    .updateTable('documentNumbers')
    .set((eb) => ({ lastNumber: eb('lastNumber', '+', 1) }))
    .where('series', '=', series)
    .returning('lastNumber')
    .executeTakeFirstOrThrow();
  return row.lastNumber;
}
