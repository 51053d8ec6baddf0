import type { Db } from '@online-cinema/db/open';
import { namedList } from '../catalogue/cards.ts';
import type { PricedFilm } from '../promos/discount.ts';

/** The code of the promotion an order has, in upper case; nothing when it has none. */
export async function selectOrderPromo(db: Db, orderId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('orders')
    .innerJoin('promos', 'promos.id', 'orders.promoId')
    .where('orders.id', '=', orderId)
    .select('promos.code')
    .executeTakeFirst();
  return row?.code;
}

/** The films of an order that have a price, at that of today, in its order. */
export async function selectFilmsOfToday(db: Db, orderId: string): Promise<PricedFilm[]> {
  return await db
    .selectFrom('orderItems')
    .innerJoin('movies', 'movies.id', 'orderItems.movieId')
    .where('orderItems.orderId', '=', orderId)
    .where('movies.priceAmount', 'is not', null)
    .select(['movies.id', 'movies.priceAmount', namedList('genre').as('genres')])
    .orderBy('orderItems.position')
    .$narrowType<{ priceAmount: number }>()
    .execute();
}
