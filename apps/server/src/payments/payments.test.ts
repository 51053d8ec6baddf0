import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { openOrder, placeOrder, sessionIdOf, untilQuiet } from '../testing/shop.ts';

let app: TestApp;
let viewer: Viewer;
let newestFirst: string[];
beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.signIn();
  for (const _ of [1, 2, 3, 4, 5, 6, 7]) {
    const { id: orderId } = await placeOrder(viewer, [await createMovie(app.db, { priceAmount: 0 })]);
    await viewer.client.orders.checkout.mutate({ orderId });
  }
  const rows = await app.db.selectFrom('payments').orderBy('id', 'desc').select('id').execute();
  newestFirst = rows.map(({ id }) => id);
  // Some were made in the same moment: the id then decides.
  const createdAt = new Date('2026-01-01T00:00:00.123Z');
  await app.db.updateTable('payments').where('id', 'in', newestFirst.slice(3)).set({ createdAt }).execute();
});
afterAll(() => app[Symbol.asyncDispose]());

test('a payment says when, how much, for which order, and what became of it', async () => {
  const buyer = await app.signIn();
  const { order, paymentId } = await openOrder(app, buyer, 1299);
  const answer = await app.rest('GET', '/payments', { viewer: buyer });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    items: [
      {
        id: paymentId,
        orderId: order.id,
        orderNumber: order.number,
        status: 'pending',
        amount: { amount: 1299, currency: 'USD' },
        receiptUrl: null,
        advice: null,
        createdAt: expect.any(String),
      },
    ],
    nextCursor: null,
    total: 1,
  });
  expect((await buyer.client.payments.list.query({})).items[0]?.createdAt).toBeInstanceOf(Date);
});

test('after a decline the buyer is told what to do, and no more than that of a card that may be stolen', async () => {
  const buyer = await app.signIn();
  const { order, paymentId, sessionId } = await openOrder(app, buyer, 1299);
  const adviceAfter = async (reason: string) => {
    app.stripe.decline(sessionId, reason);
    await untilQuiet(app);
    return (await app.rest('GET', `/payments/${paymentId}`, { viewer: buyer })).body;
  };
  const poor = await adviceAfter('insufficient_funds');
  expect(poor).toMatchObject({ status: 'declined', receiptNumber: null, refunds: [] });
  expect(poor.advice).toMatch(/not enough money/);
  const stolen = await adviceAfter('stolen_card');
  const plain = await adviceAfter('generic_decline');
  expect(stolen.advice).toBe(plain.advice);
  expect((await buyer.client.orders.get.query({ orderId: order.id })).payment?.advice).toBe(plain.advice);
  app.stripe.pay(sessionId);
  await untilQuiet(app);
  expect((await buyer.client.payments.get.query({ paymentId })).advice).toBe(null);
});

test('everybody sees the own payments only', async () => {
  const other = await app.signIn();
  expect((await app.rest('GET', '/payments', { viewer: other })).body).toEqual({
    items: [],
    nextCursor: null,
    total: 0,
  });
  const { paymentId } = await openOrder(app, other);
  expect((await other.client.payments.list.query({})).items.map(({ id }) => id)).toEqual([paymentId]);
  expect((await viewer.client.payments.list.query({})).items.map(({ id }) => id)).toEqual(newestFirst);
});

test.for([1, 2, 3, 7, 100])('in pages of %i there are neither gaps nor repeats', async (limit) => {
  const ids: string[] = [];
  let cursor = '';
  do {
    const { body } = await app.rest('GET', `/payments?limit=${limit}${cursor}`, { viewer });
    expect(body.total).toBe(ids.length === 0 ? 7 : null);
    ids.push(...body.items.map((payment: { id: string }) => payment.id));
    cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  expect(ids).toEqual(newestFirst);
});

test('a cursor of another list or another person is refused', async () => {
  const other = await app.signIn();
  const { nextCursor } = await viewer.client.payments.list.query({ limit: 2 });
  for (const [who, path] of [
    [other, '/payments'],
    [viewer, '/orders'],
    [viewer, '/library'],
  ] as const) {
    const answer = await app.rest('GET', `${path}?cursor=${nextCursor}`, { viewer: who });
    expect([path, answer.status, answer.body.reason]).toEqual([path, 400, 'invalid_cursor']);
  }
});

test('a currency without a minor unit is asked for, charged and written as it is', async () => {
  await using shop = await startTestApp({ CURRENCY: 'JPY' });
  const buyer = await shop.signIn();
  const film = await createMovie(shop.db, { priceAmount: 1299, priceCurrency: 'JPY' });
  const { id: orderId, number } = await placeOrder(buyer, [film]);
  const { checkoutUrl } = await buyer.client.orders.checkout.mutate({ orderId });
  shop.stripe.pay(sessionIdOf(checkoutUrl));
  await untilQuiet(shop);
  const { payment, total } = await buyer.client.orders.get.query({ orderId });
  expect([total, payment?.amount]).toEqual([
    { amount: 1299, currency: 'JPY' },
    { amount: 1299, currency: 'JPY' },
  ]);
  expect(shop.stripe.ledger()).toMatchObject([{ type: 'charge', amount: 1299, currency: 'jpy', orderId }]);
  const letter = await shop.inbox.waitFor({ to: buyer.email, subject: `Receipt for order ${number}` });
  expect(letter.text).toContain('¥1,299');
});
