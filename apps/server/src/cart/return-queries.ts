import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/**
 * Puts the films of an order back in its buyer's cart, those that can be bought still, and its promotion when the cart
 * has no other. Call it under the shopper's lock. The cart of an account that is deleted stays empty.
 */
export async function returnToCart(trx: Db, orderId: string, currency: string): Promise<void> {
  // Locked, so that none leaves the catalogue between this and the commit, and stays in a cart.
  await sql`
    insert into cart_items (user_id, movie_id, added_at)
    select orders.user_id, film.id, now() + item.position * interval '1 microsecond'
    from orders
    join users on users.id = orders.user_id and users.deleted_at is null
    join order_items item on item.order_id = orders.id
    join lateral (
      select id from movies
      where id = item.movie_id and withdrawn_at is null and price_currency = ${currency}
      for key share
    ) film on true
    where orders.id = ${orderId} and not exists (
      select from library_movies owned where owned.user_id = orders.user_id and owned.movie_id = item.movie_id
    )
    on conflict do nothing`.execute(trx);
  await sql`
    insert into cart_promos (user_id, code)
    select orders.user_id, promos.code
    from orders
    join users on users.id = orders.user_id and users.deleted_at is null
    join promos on promos.id = orders.promo_id
    where orders.id = ${orderId}
    on conflict do nothing`.execute(trx);
}
