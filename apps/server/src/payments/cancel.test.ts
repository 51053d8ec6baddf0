import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { openOrder, placeOrder, rowsOf, tally, untilQuiet } from '../testing/shop.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.stripe.setFaults({ latencyMs: null, status: null, dropConnection: null, dropResponse: null, match: null });
  app.stripe.configureWebhooks({ delayMs: null });
});
afterAll(() => app[Symbol.asyncDispose]());

async function cancel(viewer: Viewer, orderId: string) {
  return await app.rest('POST', `/orders/${orderId}/cancel`, { viewer });
}

async function cartOf({ client }: Viewer): Promise<string[]> {
  return (await client.cart.get.query()).items.map(({ movie }) => movie.id);
}

async function statusAtStripe(sessionId: string) {
  return (await app.deps.stripe.checkout.sessions.retrieve(sessionId)).status;
}

/** Every session Stripe made for an order: how it stands there. */
async function sessionsOf(orderId: string) {
  const { data } = await app.deps.stripe.checkout.sessions.list({ limit: 100 });
  return data.filter((session) => session.client_reference_id === orderId).map(({ status }) => status);
}

describe('an order that is canceled', () => {
  test('can no longer be paid, and its films are in the cart again', async () => {
    const viewer = await app.signIn();
    const { order, film, sessionId } = await openOrder(app, viewer);

    const answer = await cancel(viewer, order.id);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: order.id, status: 'canceled', expiresAt: null });
    expect(answer.body.canceledAt).not.toBeNull();
    expect(answer.body.payment.status).toBe('canceled');
    expect(await statusAtStripe(sessionId)).toBe('expired');
    expect(await cartOf(viewer)).toEqual([film.id]);
    // The films can be ordered anew.
    expect((await viewer.client.orders.create.mutate({})).order.items).toHaveLength(1);
  });

  test('leaves out of the cart what can not be bought any more, and keeps what is there', async () => {
    const viewer = await app.signIn();
    const films: TestMovie[] = [];
    for (let count = 0; count < 5; count += 1) films.push(await createMovie(app.db));
    const [good, other, withdrawn, unpriced, owned] = films.map(({ id }) => id) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const order = await placeOrder(viewer, films);
    const change = (id: string) => app.db.updateTable('movies').where('id', '=', id);
    await change(withdrawn).set({ withdrawnAt: new Date() }).execute();
    await change(unpriced).set({ priceAmount: null, priceCurrency: null }).execute();
    await giveMovie(app.db, viewer.userId, owned);
    // Put there behind the back of the rules.
    await app.db.insertInto('cartItems').values({ userId: viewer.userId, movieId: other }).execute();

    expect((await cancel(viewer, order.id)).status).toBe(200);
    expect((await cartOf(viewer)).sort()).toEqual([good, other].sort());
  });

  test('never had a page, or costs nothing', async () => {
    const viewer = await app.signIn();
    for (const priceAmount of [999, 0]) {
      const order = await placeOrder(viewer, [await createMovie(app.db, { priceAmount })]);
      expect((await cancel(viewer, order.id)).body.status).toBe('canceled');
    }
  });

  test('is so once, however many ask at once', async () => {
    const viewer = await app.signIn();
    const { order, film } = await openOrder(app, viewer);
    const answers = await Promise.all(Array.from({ length: 50 }, () => cancel(viewer, order.id)));
    expect(tally(answers)).toEqual({ 200: 1, order_canceled: 49 });
    expect(await cartOf(viewer)).toEqual([film.id]);
  });

  test('may have had a decline before', async () => {
    const viewer = await app.signIn();
    const { order, sessionId } = await openOrder(app, viewer);
    app.stripe.decline(sessionId);
    await untilQuiet(app);
    expect((await cancel(viewer, order.id)).body.status).toBe('canceled');
    expect(await statusAtStripe(sessionId)).toBe('expired');
  });
});

describe('an order is not canceled', () => {
  test('when it is paid, or canceled already', async () => {
    const viewer = await app.signIn();
    const { order, sessionId } = await openOrder(app, viewer);
    app.stripe.pay(sessionId);
    await untilQuiet(app);
    const paid = await cancel(viewer, order.id);
    expect([paid.status, paid.body.reason]).toEqual([409, 'order_paid']);

    const second = await placeOrder(viewer, [await createMovie(app.db)]);
    await cancel(viewer, second.id);
    const again = await cancel(viewer, second.id);
    expect([again.status, again.body.reason]).toEqual([409, 'order_canceled']);
  });

  test('while its payment is completing, and is paid then', async () => {
    const viewer = await app.signIn();
    app.stripe.configureWebhooks({ delayMs: 600_000 });
    const { order, sessionId } = await openOrder(app, viewer);
    app.stripe.pay(sessionId);
    const answer = await cancel(viewer, order.id);
    expect([answer.status, answer.body.reason]).toEqual([409, 'checkout_completing']);

    app.stripe.configureWebhooks({ delayMs: null });
    await untilQuiet(app);
    expect((await rowsOf(app, order.id)).order.status).toBe('paid');
  });

  test('when its payment waits for a person to look at it', async () => {
    const viewer = await app.signIn();
    const { order, paymentId } = await openOrder(app, viewer);
    const under = { status: 'successful', closedAt: new Date(), reviewReason: 'amount_mismatch' } as const;
    await app.db.updateTable('payments').where('id', '=', paymentId).set(under).execute();
    expect((await cancel(viewer, order.id)).body.reason).toBe('order_not_pending');
  });

  test.for([
    ['answers 500', { status: 500 }],
    ['cuts the connection', { dropConnection: true }],
  ] as const)('when Stripe %s: it is kept, and canceled later', async ([, faults]) => {
    const viewer = await app.signIn();
    const { order, film, sessionId } = await openOrder(app, viewer);
    app.stripe.setFaults({ ...faults, match: 'POST /v1/checkout/sessions' });
    const answer = await cancel(viewer, order.id);
    expect([answer.status, answer.body.reason]).toEqual([503, 'gateway_unavailable']);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await rowsOf(app, order.id)).order.status).toBe('pending');
    expect(await cartOf(viewer)).toEqual([]);

    app.stripe.setFaults({ status: null, dropConnection: null });
    expect((await cancel(viewer, order.id)).status).toBe(200);
    expect([await statusAtStripe(sessionId), await cartOf(viewer)]).toEqual(['expired', [film.id]]);
  });
});

describe('a page that is being opened while its order is canceled', () => {
  test('is given to nobody, and closed by who gets it', async () => {
    const viewer = await app.signIn();
    const order = await placeOrder(viewer, [await createMovie(app.db)]);
    app.stripe.setFaults({ latencyMs: 600_000, match: 'POST /v1/checkout/sessions' });
    const opening = app.rest('POST', `/orders/${order.id}/checkout`, { viewer });
    await vi.waitFor(async () => expect((await rowsOf(app, order.id)).payments).toHaveLength(1));
    expect((await cancel(viewer, order.id)).status).toBe(200);

    app.stripe.setFaults({ latencyMs: null });
    const answer = await opening;
    expect([answer.status, answer.body.reason]).toEqual([409, 'order_not_pending']);
    expect(await sessionsOf(order.id)).toEqual(['expired']);
    expect((await rowsOf(app, order.id)).payments).toMatchObject([{ status: 'canceled', checkoutUrl: null }]);
  });

  test('and all of it at once, ends either open and pending, or closed and canceled', async () => {
    const viewer = await app.signIn();
    for (let round = 0; round < 10; round += 1) {
      const order = await placeOrder(viewer, [await createMovie(app.db)]);
      const [checkout, canceled] = await Promise.all([
        app.rest('POST', `/orders/${order.id}/checkout`, { viewer }),
        cancel(viewer, order.id),
      ]);
      expect(canceled.status).toBe(200);
      expect(checkout.status === 200 || checkout.body.reason === 'order_not_pending').toBe(true);
      expect((await sessionsOf(order.id)).filter((status) => status === 'open')).toEqual([]);
    }
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
