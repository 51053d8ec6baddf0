import { sql } from 'kysely';
import { expect } from 'vitest';
import type { TestApp } from './app.ts';

/** An order as the tables tell of it: `kept` is what was paid for it and did not go back, in the minor unit. */
type Account = { id: string; status: string; total: number; kept: number; currency: string };

/**
 * Compares the cinema with Stripe, order by order: what Stripe took and did not give back is what the tables say; it buys
 * something exactly where an order is paid; and every viewer has the films of that, and no other.
 */
export async function expectBooksToAgree(app: TestApp): Promise<Account[]> {
  const { rows: orders } = await sql<Account>`
    select id, status, total_amount::int as total, currency,
      (select coalesce(sum(payments.amount - (
          select coalesce(sum(refunds.amount), 0) from refunds
          where refunds.payment_id = payments.id and refunds.status = 'succeeded'
        )), 0)::int
        from payments
        where payments.order_id = orders.id and payments.status in ('successful', 'partially_refunded', 'refunded')
      ) as kept
    from orders order by id`.execute(app.db);
  const theirs = new Map<string, number>();
  for (const { type, amount, orderId, currency } of app.stripe.ledger()) {
    const key = `${orderId} ${currency.toUpperCase()}`;
    const sum = (theirs.get(key) ?? 0) + (type === 'refund' ? -amount : amount);
    if (sum === 0) theirs.delete(key);
    else theirs.set(key, sum);
  }
  const ours = orders.filter(({ kept }) => kept !== 0);
  expect(theirs).toEqual(new Map(ours.map(({ id, currency, kept }) => [`${id} ${currency}`, kept])));
  for (const { status, kept, total, ...order } of orders) {
    const isRight = status === 'paid' ? kept >= 0 && kept <= total : kept === 0;
    expect({ ...order, status, kept, total, isRight }).toMatchObject({ isRight: true });
  }

  const { rows: astray } = await sql`
    with owed as (
      select orders.user_id, order_items.movie_id, orders.id as order_id
      from orders join order_items on order_items.order_id = orders.id
      where orders.status = 'paid' and not exists (
        select from refund_items join refunds on refunds.id = refund_items.refund_id
          join payments on payments.id = refunds.payment_id
        where refunds.status = 'succeeded' and payments.order_id = orders.id
          and refund_items.movie_id = order_items.movie_id
      )
    ), owned as (select user_id, movie_id, order_id from library_movies)
    (table owed except table owned) union all (table owned except table owed)`.execute(app.db);
  expect(astray).toEqual([]);
  return orders;
}
