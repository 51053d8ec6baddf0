import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { expectBooksToAgree } from '../testing/books.ts';
import {
  type OpenOrder,
  countJobs,
  eventsOf,
  openOrder,
  receiptsOf,
  rowsOf,
  sessionIdOf,
  untilQuiet,
} from '../testing/shop.ts';
import { settleAttempt } from './settle.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.stripe.setFaults({ latencyMs: null, status: null, dropConnection: null, dropResponse: null, match: null });
});
afterAll(() => app[Symbol.asyncDispose]());

async function libraryOf({ client }: Viewer): Promise<string[]> {
  return (await client.library.list.query({ limit: 100 })).items.map(({ movie }) => movie.id);
}

/** Holds what an order that was paid once must look like, whatever happened on the way. */
async function expectPaidOnce(viewer: Viewer, { order, film, sessionId, paymentId }: OpenOrder): Promise<void> {
  const { order: row, payments, library, lines } = await rowsOf(app, order.id);
  expect(row).toMatchObject({ status: 'paid', paidAt: expect.any(Date), canceledAt: null });
  expect(payments).toEqual([
    expect.objectContaining({
      id: paymentId,
      status: 'successful',
      stripeSessionId: sessionId,
      stripePaymentIntentId: expect.stringMatching(/^pi_/),
      receiptUrl: expect.stringMatching(/^https?:/),
      declineCode: null,
      reviewReason: null,
      closedAt: row.paidAt,
      amount: lines.reduce((sum, line) => sum + line.priceAmount, 0),
    }),
  ]);
  expect(library.map(({ userId, movieId }) => [userId, movieId])).toEqual([[viewer.userId, film.id]]);
  expect(receiptsOf(app, viewer, order)).toBe(1);
}

/** Lets something happen at Stripe that the cinema does not hear of, and gives the payment's events. */
async function unheard({ paymentId }: OpenOrder, happen: () => void) {
  app.stripe.setWebhookUrl(null);
  happen();
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
  return await eventsOf(app, paymentId);
}

test('who pays owns the films, has a receipt, and nothing of it in the cart', async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer, 1299);
  const { order, film, sessionId } = opened;
  // Another window of the buyer, at the worst moment.
  await app.db.insertInto('cartItems').values({ userId: viewer.userId, movieId: film.id }).execute();

  const page = await fetch(`${app.stripe.url}/c/pay/${sessionId}`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ cardNumber: '4242424242424242' }),
  });
  expect(page.headers.get('location')).toBe(`http://cinema.test/orders/${order.id}?checkout=success`);
  await untilQuiet(app);

  await expectPaidOnce(viewer, opened);
  const paid = (await app.rest('GET', `/orders/${order.id}`, { viewer })).body;
  expect(paid).toMatchObject({
    status: 'paid',
    expiresAt: null,
    payment: { status: 'successful', orderNumber: order.number, amount: { amount: 1299, currency: 'USD' } },
  });
  expect(paid.payment.receiptUrl).toBe(`http://cinema.test/api/v1/payments/${opened.paymentId}/receipt`);
  expect(await libraryOf(viewer)).toEqual([film.id]);
  expect((await viewer.client.cart.get.query()).items).toEqual([]);
  const letter = await app.inbox.waitFor({ to: viewer.email, subject: `Receipt for order ${order.number}` });
  expect(letter.html).toContain('$12.99');
  expect(letter.text).toContain(film.name);
});

describe('events', () => {
  test('sent twenty times at once, and again when all is over, change nothing more', async () => {
    const viewer = await app.signIn();
    const opened = await openOrder(app, viewer);
    const events = await unheard(opened, () => app.stripe.pay(opened.sessionId));
    expect(events.map(({ type }) => type)).toEqual([
      'charge.succeeded',
      'payment_intent.succeeded',
      'checkout.session.completed',
    ]);
    const copies = events.flatMap(({ id }) => Array.from({ length: 20 }, () => app.stripe.resendEvent(id)));
    expect((await Promise.all(copies)).map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 200));
    await untilQuiet(app);
    await expectPaidOnce(viewer, opened);
    const before = await rowsOf(app, opened.order.id);

    app.clock.advance(3_600);
    for (const { id } of events) await app.stripe.resendEvent(id);
    await untilQuiet(app);
    expect(await rowsOf(app, opened.order.id)).toEqual(before);
    expect(receiptsOf(app, viewer, opened.order)).toBe(1);
  });

  test('are worked on by two processes as by one', async () => {
    const replica = await app.startReplica();
    const viewer = await app.signIn();
    const opened: OpenOrder[] = [];
    for (const _ of [1, 2, 3, 4]) opened.push(await openOrder(app, viewer));
    const happened = opened.map((each) => unheard(each, () => app.stripe.pay(each.sessionId)));
    const events = (await Promise.all(happened)).flat();
    await Promise.all(
      [app.url, replica.url].flatMap((url) => {
        app.stripe.setWebhookUrl(`${url}/webhooks/stripe`);
        return events.map(({ id }) => app.stripe.resendEvent(id));
      }),
    );
    app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
    await untilQuiet(app);
    for (const each of opened) await expectPaidOnce(viewer, each);
  });

  test('that find Stripe silent are worked on when it speaks again', async () => {
    const viewer = await app.signIn();
    const opened = await openOrder(app, viewer);
    app.stripe.setFaults({ dropConnection: true, match: 'GET /v1/checkout/sessions' });
    app.stripe.pay(opened.sessionId);
    await app.stripe.flushWebhooks();
    await vi.waitFor(async () => expect(await countJobs(app, ['retry'])).toBeGreaterThan(0), { timeout: 20_000 });
    expect((await rowsOf(app, opened.order.id)).order.status).toBe('pending');

    app.stripe.setFaults({ dropConnection: null });
    await untilQuiet(app);
    await expectPaidOnce(viewer, opened);
  });
});

describe('a declined card', () => {
  test('leaves the order pending; another card pays on the same page', async () => {
    const viewer = await app.signIn();
    const opened = await openOrder(app, viewer);
    const { order, sessionId } = opened;

    app.stripe.decline(sessionId, 'insufficient_funds');
    await untilQuiet(app);
    const declined = await viewer.client.orders.get.query({ orderId: order.id });
    expect(declined).toMatchObject({ status: 'pending', payment: { status: 'declined' } });
    expect((await rowsOf(app, order.id)).payments[0]).toMatchObject({
      declineCode: 'insufficient_funds',
      closedAt: null,
    });
    expect([await libraryOf(viewer), receiptsOf(app, viewer, order)]).toEqual([[], 0]);

    const again = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    expect(sessionIdOf(again.checkoutUrl)).toBe(sessionId);
    app.stripe.pay(sessionId);
    await untilQuiet(app);
    await expectPaidOnce(viewer, opened);
  });
});

describe('an expired page', () => {
  test('cancels the payment, not the order; a new checkout opens another page', async () => {
    const viewer = await app.signIn();
    const { order, film, sessionId, paymentId } = await openOrder(app, viewer);

    app.stripe.expire(sessionId);
    await untilQuiet(app);
    expect(await viewer.client.orders.get.query({ orderId: order.id })).toMatchObject({
      status: 'pending',
      payment: { id: paymentId, status: 'canceled' },
    });

    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    expect(sessionIdOf(checkoutUrl)).not.toBe(sessionId);
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    const { payments } = await rowsOf(app, order.id);
    expect(payments.map(({ status }) => status)).toEqual(['canceled', 'successful']);
    expect(await libraryOf(viewer)).toEqual([film.id]);
    expect(receiptsOf(app, viewer, order)).toBe(1);
  });

  test('ends in the same rows after a declined card, in every order and all at once', async () => {
    const viewer = await app.signIn();
    for (const order of permutations([0, 1, 2])) {
      const opened = await openOrder(app, viewer);
      const happened = await unheard(opened, () => {
        app.stripe.decline(opened.sessionId);
        app.stripe.expire(opened.sessionId);
      });
      const events = happened.filter(({ type }) => type !== 'payment_intent.canceled');
      expect(events).toHaveLength(3);
      await Promise.all(order.map((index) => app.stripe.resendEvent(events[index]!.id)));
      await untilQuiet(app);
      const { order: row, payments } = await rowsOf(app, opened.order.id);
      expect(row.status).toBe('pending');
      expect(payments.map(({ status, closedAt }) => [status, closedAt !== null])).toEqual([['canceled', true]]);
    }
  });

  test('is canceled once: what comes later moves nothing', async () => {
    const viewer = await app.signIn();
    const opened = await openOrder(app, viewer);
    const { order, sessionId } = opened;
    const happened = await unheard(opened, () => {
      app.stripe.decline(sessionId);
      app.stripe.expire(sessionId);
    });
    const [first, ...others] = happened.toReversed();
    await app.stripe.resendEvent(first!.id);
    await untilQuiet(app);
    const before = await rowsOf(app, order.id);
    expect(before.payments[0]?.status).toBe('canceled');
    app.clock.advance(60);
    for (const { id } of others) await app.stripe.resendEvent(id);
    await untilQuiet(app);
    expect(await rowsOf(app, order.id)).toEqual(before);
  });
});

test('what Stripe said before the page expired does not bring it back', async () => {
  const viewer = await app.signIn();
  const { order, sessionId, paymentId } = await openOrder(app, viewer);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  const slowly: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    answer();
    await released;
    return response;
  };
  const { hostname: host, port } = new URL(app.stripe.url);
  const httpClient = Stripe.createFetchHttpClient(slowly);
  const slow = new Stripe(app.stripe.secretKey, { host, port, protocol: 'http', httpClient });

  app.stripe.decline(sessionId);
  await untilQuiet(app);
  const late = settleAttempt({ ...app.deps, stripe: slow }, paymentId, sessionId);
  await answered;
  app.stripe.expire(sessionId);
  await untilQuiet(app);
  const before = await rowsOf(app, order.id);
  release();
  await late;

  expect(before.payments).toMatchObject([{ status: 'canceled' }]);
  expect(await rowsOf(app, order.id)).toEqual(before);
});

test('a bank that takes days and then refuses ends the page: the order can be paid on another', async () => {
  const viewer = await app.signIn();
  const { order, film, sessionId, paymentId } = await openOrder(app, viewer);
  app.stripe.decline(sessionId, 'insufficient_funds');
  await untilQuiet(app);
  // Stripe's own answer, but for the state such a session is in.
  const late: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    const text = (await response.text()).replace('"status":"open"', '"status":"complete"');
    return new Response(text, response);
  };
  const { hostname: host, port } = new URL(app.stripe.url);
  const httpClient = Stripe.createFetchHttpClient(late);
  const stripe = new Stripe(app.stripe.secretKey, { host, port, protocol: 'http', httpClient });
  await settleAttempt({ ...app.deps, stripe }, paymentId, sessionId);
  expect((await rowsOf(app, order.id)).payments).toMatchObject([
    { status: 'declined', declineCode: 'insufficient_funds', closedAt: expect.any(Date), settledAt: expect.any(Date) },
  ]);

  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
  expect(sessionIdOf(checkoutUrl)).not.toBe(sessionId);
  app.stripe.pay(sessionIdOf(checkoutUrl));
  await untilQuiet(app);
  expect(await libraryOf(viewer)).toEqual([film.id]);
});

test('after all this, what Stripe took is what was bought', () => expectBooksToAgree(app));

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
