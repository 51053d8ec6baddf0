import type { RouterInputs, RouterOutputs } from '@online-cinema/client';
import { sql } from 'kysely';
import type Stripe from 'stripe';
import { expect, vi } from 'vitest';
import type { RestAnswer, TestApp, Viewer } from './app.ts';
import { createMovie, type TestMovie } from './factories.ts';

type Order = RouterOutputs['orders']['get'];

/** An order whose payment page is open. */
export type OpenOrder = { order: Order; film: TestMovie; sessionId: string; paymentId: string };

/** Makes a promotion, as an admin does. */
export async function createPromo(
  { client }: Viewer,
  promo: RouterInputs['promos']['create'],
): Promise<RouterOutputs['promos']['create']> {
  return await client.promos.create.mutate(promo);
}

/** Orders these films, and nothing else. */
export async function placeOrder({ client }: Viewer, films: TestMovie[]): Promise<Order> {
  for (const { id } of films) await client.cart.add.mutate({ movieId: id });
  const { order } = await client.orders.create.mutate({ movieIds: films.map(({ id }) => id) });
  return order;
}

/** Orders a new film and opens its payment page. */
export async function openOrder(app: TestApp, viewer: Viewer, priceAmount = 999): Promise<OpenOrder> {
  const film = await createMovie(app.db, { priceAmount });
  const { id: orderId } = await placeOrder(viewer, [film]);
  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId });
  const order = await viewer.client.orders.get.query({ orderId });
  if (order.payment === null) throw new Error('the checkout left no payment');
  return { order, film, sessionId: sessionIdOf(checkoutUrl), paymentId: order.payment.id };
}

/**
 * Makes a page at Stripe by hand, as in its dashboard: it says it is for a payment of ours, but asks for what it likes.
 * Gives its session.
 */
export async function openByHand(
  { deps: { stripe } }: TestApp,
  { order, paymentId }: Pick<OpenOrder, 'order' | 'paymentId'>,
  { amount, currency }: { amount: number; currency: string },
): Promise<string> {
  const metadata = { orderId: order.id, paymentId };
  const price_data = { currency, unit_amount: amount, product_data: { name: 'By hand' } };
  const { id } = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data }],
    client_reference_id: order.id,
    metadata,
    payment_intent_data: { metadata },
    success_url: 'http://cinema.test/',
  });
  return id;
}

/** The session whose page this is. */
export function sessionIdOf(checkoutUrl: string): string {
  return checkoutUrl.slice(checkoutUrl.lastIndexOf('/') + 1);
}

/** Waits until Stripe has delivered every event, and the worker has done what there is to do. */
export async function untilQuiet(app: TestApp): Promise<void> {
  const look = async () => {
    // A busy server says 503, and Stripe comes again.
    const refused = (await app.stripe.flushWebhooks()).filter(({ outcome }) => outcome !== 'delivered');
    // Some may be on their way: neither held back nor answered.
    const { data: underWay } = await app.deps.stripe.events.list({ delivery_success: false });
    const jobs = await countJobs(app, ['created', 'active', 'retry']);
    expect([refused.length, underWay.length, jobs]).toEqual([0, 0, 0]);
  };
  await vi.waitFor(look, { timeout: 20_000, interval: 25 });
}

/** Counts the jobs in these states, in every queue or in one; not those that are put off. */
export async function countJobs(
  { db }: Pick<TestApp, 'db'>,
  states: ('created' | 'active' | 'retry' | 'completed' | 'failed')[],
  queue: string | null = null,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from boss.job
    where state::text = any(${states}) and (${queue}::text is null or name = ${queue}) and name not like '\_\_pgboss%'
      and (state <> 'created' or start_after <= now())
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** Counts the receipts a viewer got for an order. */
export function receiptsOf(app: TestApp, viewer: Viewer, { number }: Pick<Order, 'number'>): number {
  return app.inbox
    .messages()
    .filter(({ envelope, subject }) => envelope.to.includes(viewer.email) && subject === `Receipt for order ${number}`)
    .length;
}

/** The events of one payment at Stripe, oldest first, that the cinema can do something about. */
export async function eventsOf(app: TestApp, paymentId: string): Promise<Stripe.Event[]> {
  const { data } = await app.deps.stripe.events.list({ limit: 100 });
  return data
    .filter(({ type, data: { object } }) => {
      const metadata = 'metadata' in object ? (object.metadata as Stripe.Metadata | null) : null;
      return metadata?.['paymentId'] === paymentId && type !== 'payment_intent.created';
    })
    .reverse();
}

/** How to sign an event, and what to change on its way. */
export type Posting = { secret?: string; signedAt?: Date; signature?: string | null; url?: string };

/** Posts a body to the webhook as Stripe does, signed now with the simulator's secret unless told otherwise. */
export async function postWebhook(app: TestApp, body: string, posting: Posting = {}): Promise<Response> {
  const { secret = app.stripe.webhookSecret, signedAt = app.clock.now(), url = app.url } = posting;
  const timestamp = Math.floor(signedAt.getTime() / 1000);
  const signed = app.deps.stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
  const signature = posting.signature === undefined ? signed : posting.signature;
  return await fetch(`${url}/webhooks/stripe`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(signature !== null && { 'stripe-signature': signature }) },
    body,
  });
}

/** An order as the tables hold it: its row, its payments, what it put in the library, and its items. */
export async function rowsOf({ db }: TestApp, orderId: string) {
  const [order, payments, library, lines] = await Promise.all([
    db.selectFrom('orders').where('id', '=', orderId).selectAll().executeTakeFirstOrThrow(),
    db.selectFrom('payments').where('orderId', '=', orderId).orderBy('createdAt').selectAll().execute(),
    db.selectFrom('libraryMovies').where('orderId', '=', orderId).orderBy('movieId').selectAll().execute(),
    db.selectFrom('orderItems').where('orderId', '=', orderId).orderBy('position').selectAll().execute(),
  ]);
  return { order, payments, library, lines };
}

/** How often each thing was answered: `{ 201: 1, cart_empty: 49 }`. */
export function tally(answers: RestAnswer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of answers) {
    const key = String(body?.reason ?? status);
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
