import type { Db } from '@online-cinema/db/open';

/** Gives a user a film that he did not buy; `false` when he owns it already. */
export async function insertGrantedMovie(
  trx: Db,
  grant: { userId: string; movieId: string; addedAt: Date },
): Promise<boolean> {
  const row = await trx
    .insertInto('libraryMovies')
    .values(grant)
    .onConflict((conflict) => conflict.doNothing())
    .returning('movieId')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a film out of a user's library; `false` when he did not get it without buying. */
export async function deleteGrantedMovie(trx: Db, userId: string, movieId: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('libraryMovies')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .where('orderId', 'is', null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
