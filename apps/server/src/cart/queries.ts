import type { Named } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { namedList, type PosterRow } from '../catalogue/cards.ts';
import { isMovie } from '../catalogue/queries.ts';
import { compileOnce, type Placeholders } from '../lib/compiled.ts';

/**
 * Makes every other call that fills this user's cart, or orders from it, wait until the transaction ends: a film can't
 * slip into the cart while the cart becomes an order, or while a payment gives it.
 */
export async function lockShopper(db: Db, userId: string): Promise<void> {
  await db.selectFrom('users').where('id', '=', userId).select('id').forNoKeyUpdate().execute();
}

/** Puts a film in a cart; `false` when it was already there. */
export async function insertCartItem(db: Db, userId: string, movieId: string): Promise<boolean> {
  const row = await db
    .insertInto('cartItems')
    .values({ userId, movieId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('movieId')
    .executeTakeFirst();
  return row !== undefined;
}

/** Takes a film out of a cart; `false` when it was not there. */
export async function deleteCartItem(db: Db, userId: string, ref: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('cartItems')
    .where('userId', '=', userId)
    .where('movieId', 'in', (eb) => eb.selectFrom('movies').where(isMovie(ref)).select('id'))
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Takes films out of a cart, by id; those not in it are passed over. The list must not be empty. */
export async function deleteCartItems(db: Db, userId: string, movieIds: string[]): Promise<void> {
  await db.deleteFrom('cartItems').where('userId', '=', userId).where('movieId', 'in', movieIds).execute();
}

/** Takes every film out of a cart. */
export async function deleteAllCartItems(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('cartItems').where('userId', '=', userId).execute();
}

/** Tells whether a film is in an order of this user that waits for its payment. */
export async function isInPendingOrder(db: Db, userId: string, movieId: string): Promise<boolean> {
  const row = await db
    .selectFrom('orderItems')
    .innerJoin('orders', 'orders.id', 'orderItems.orderId')
    .where('orderItems.movieId', '=', movieId)
    .where('orders.userId', '=', userId)
    .where('orders.status', '=', 'pending')
    .select('orders.id')
    .executeTakeFirst();
  return row !== undefined;
}

/** A line of a cart with all that decides whether it can be bought now. */
export type CartLine = PosterRow & {
  slug: string;
  name: string;
  year: number;
  genres: Named[];
  addedAt: Date;
  priceAmount: number | null;
  priceCurrency: string | null;
  isWithdrawn: boolean;
  isOwned: boolean;
  isInPendingOrder: boolean;
};

/** The lines of a cart, oldest first. */
export async function selectCartLines(db: Db, userId: string): Promise<CartLine[]> {
  return (await db.executeQuery(cartLinesStatement(db, { userId }))).rows;
}

const cartLinesStatement = compileOnce((db, { userId }: Placeholders<{ userId: string }>) =>
  db
    .selectFrom('cartItems')
    .innerJoin('movies', 'movies.id', 'cartItems.movieId')
    .where('cartItems.userId', '=', userId)
    .select([
      'movies.id',
      'movies.slug',
      'movies.name',
      'movies.year',
      'movies.posterKey',
      'movies.posterVersion',
      'movies.priceAmount',
      'movies.priceCurrency',
      'cartItems.addedAt',
      namedList('genre').as('genres'),
      sql<boolean>`movies.withdrawn_at is not null`.as('isWithdrawn'),
    ])
    .select((eb) => [
      eb
        .exists(
          eb
            .selectFrom('libraryMovies')
            .whereRef('libraryMovies.movieId', '=', 'movies.id')
            .where('libraryMovies.userId', '=', userId),
        )
        .$castTo<boolean>()
        .as('isOwned'),
      eb
        .exists(
          eb
            .selectFrom('orderItems')
            .innerJoin('orders', 'orders.id', 'orderItems.orderId')
            .whereRef('orderItems.movieId', '=', 'movies.id')
            .where('orders.userId', '=', userId)
            .where('orders.status', '=', 'pending'),
        )
        .$castTo<boolean>()
        .as('isInPendingOrder'),
    ])
    .orderBy('cartItems.addedAt')
    .orderBy('movies.id'),
);

/** Keeps the films of a cart from leaving the catalogue until the transaction ends. */
export async function lockCartMovies(trx: Db, userId: string): Promise<void> {
  await trx
    .selectFrom('cartItems')
    .innerJoin('movies', 'movies.id', 'cartItems.movieId')
    .where('cartItems.userId', '=', userId)
    .select('movies.id')
    .orderBy('movies.id')
    .forKeyShare('movies')
    .execute();
}

/** The price of a film, which stays in the catalogue until the transaction ends; nothing when it is not there. */
export async function selectPricedMovie(
  db: Db,
  ref: string,
): Promise<{ id: string; priceAmount: number | null; priceCurrency: string | null } | undefined> {
  return await db
    .selectFrom('movies')
    .where(isMovie(ref))
    .where('withdrawnAt', 'is', null)
    .select(['id', 'priceAmount', 'priceCurrency'])
    .forKeyShare()
    .executeTakeFirst();
}
