import type { TestApp, Viewer } from './app.ts';
import { createMovie, type TestMovie } from './factories.ts';
import { placeOrder, sessionIdOf, untilQuiet } from './shop.ts';

/** An order that is paid: its films, and what leads to it at Stripe. */
export type Purchase = { orderId: string; paymentId: string; sessionId: string; chargeId: string; films: TestMovie[] };

/** Buys films of these prices, all in one order. */
export async function buy(app: TestApp, viewer: Viewer, ...prices: number[]): Promise<Purchase> {
  const films: TestMovie[] = [];
  for (const priceAmount of prices) films.push(await createMovie(app.db, { priceAmount }));
  const { id: orderId } = await placeOrder(viewer, films);
  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId });
  const sessionId = sessionIdOf(checkoutUrl);
  if (prices.some((price) => price > 0)) app.stripe.pay(sessionId);
  await untilQuiet(app);
  const { payment } = await viewer.client.orders.get.query({ orderId });
  return { orderId, paymentId: payment?.id ?? '', sessionId, chargeId: await chargeOf(app, orderId), films };
}

/** The charge of an order at Stripe; empty when nothing was charged. */
export async function chargeOf(app: TestApp, orderId: string): Promise<string> {
  const { data } = await app.deps.stripe.charges.list({ limit: 100 });
  return data.find(({ metadata, paid }) => paid && metadata['orderId'] === orderId)?.id ?? '';
}

/** The films a viewer owns, sorted by id. */
export async function libraryOf({ client }: Viewer): Promise<string[]> {
  return (await client.library.list.query({ limit: 100 })).items.map(({ movie }) => movie.id).sort();
}

/** What went back of an order, as the simulator counts it. */
export function refundedOf(app: TestApp, orderId: string): number[] {
  return app.stripe
    .ledger()
    .filter((entry) => entry.orderId === orderId && entry.type === 'refund')
    .map(({ amount }) => amount);
}

/** The alerts the log holds about a payment. */
export function alertsOf(app: TestApp, paymentId: string): string[] {
  return app.logs
    .map((line) => JSON.parse(line) as { alert?: string; paymentId?: string })
    .flatMap(({ alert, paymentId: about }) => (alert !== undefined && about === paymentId ? [alert] : []));
}
