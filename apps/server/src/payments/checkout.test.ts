import { sql } from 'kysely';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createStripe } from '../lib/stripe.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { openOrder, placeOrder, receiptsOf, rowsOf, sessionIdOf, tally, untilQuiet } from '../testing/shop.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.stripe.setFaults({ latencyMs: null, status: null, dropConnection: null, dropResponse: null, match: null });
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
});
afterAll(() => app[Symbol.asyncDispose]());

async function checkout(viewer: Viewer, orderId: string) {
  return await app.rest('POST', `/orders/${orderId}/checkout`, { viewer });
}

/** Every session Stripe made for an order. */
async function sessionsOf(orderId: string) {
  const { data } = await app.deps.stripe.checkout.sessions.list({ limit: 100 });
  return data.filter((session) => session.client_reference_id === orderId);
}

async function orderOfOneFilm(viewer: Viewer, priceAmount = 999) {
  const film = await createMovie(app.db, { priceAmount });
  return { film, order: await placeOrder(viewer, [film]) };
}

describe('a checkout', () => {
  test("gives the address of Stripe's page and how long it is good", async () => {
    const viewer = await app.signIn();
    const films = [
      await createMovie(app.db, { name: 'Heat', year: 1995, priceAmount: 1299 }),
      await createMovie(app.db),
    ];
    const free = await createMovie(app.db, { priceAmount: 0 });
    const order = await placeOrder(viewer, [...films, free]);

    const answer = await checkout(viewer, order.id);
    expect(answer.status).toBe(200);
    const [session] = await sessionsOf(order.id);
    expect(answer.body).toEqual({ checkoutUrl: session?.url, expiresAt: order.expiresAt?.toISOString() });
    expect((await fetch(answer.body.checkoutUrl)).status).toBe(200);
    const { payment } = await viewer.client.orders.get.query({ orderId: order.id });
    expect(payment).toMatchObject({ status: 'pending', amount: { amount: 2298, currency: 'USD' }, receiptUrl: null });
    expect(session).toMatchObject({
      amount_total: 2298,
      currency: 'usd',
      customer_email: viewer.email,
      metadata: { orderId: order.id, paymentId: payment?.id },
      success_url: `http://cinema.test/orders/${order.id}?checkout=success`,
      cancel_url: `http://cinema.test/orders/${order.id}?checkout=canceled`,
    });
    const lines = await app.deps.stripe.checkout.sessions.listLineItems(String(session?.id));
    expect(lines.data.map(({ description, amount_total }) => [description, amount_total])).toEqual([
      ['Heat (1995)', 1299],
      [`${films[1]?.name} (2000)`, 999],
    ]);
  });

  test('repeated gives the same page', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    const first = await checkout(viewer, order.id);
    const second = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    expect(second).toEqual({ checkoutUrl: first.body.checkoutUrl, expiresAt: new Date(first.body.expiresAt) });
    expect(await sessionsOf(order.id)).toHaveLength(1);
  });

  test('asked for fifty times at once makes one session and one payment', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    const answers = await Promise.all(Array.from({ length: 50 }, () => checkout(viewer, order.id)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
    expect(new Set(answers.map(({ body }) => body.checkoutUrl)).size).toBe(1);
    expect(await sessionsOf(order.id)).toHaveLength(1);
    expect((await rowsOf(app, order.id)).payments).toHaveLength(1);
  });

  test('asked for in two processes while Stripe is slow is one page for all', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    const replica = await app.startReplica({ PROCESS: 'api' });
    let refusals = 0;
    const { stripe } = app.deps;
    const { hostname: host, port } = new URL(app.stripe.url);
    for (const deps of [app.deps, replica.deps]) {
      // It does not try again by itself, as it does a few times in production.
      deps.stripe = new Stripe(app.stripe.secretKey, { host, port, protocol: 'http', maxNetworkRetries: 0 });
      deps.stripe.on('response', ({ status }: Stripe.ResponseEvent) => {
        if (status === 409) refusals += 1;
      });
    }
    app.stripe.setFaults({ latencyMs: 600_000, match: 'POST /v1/checkout/sessions' });
    const authorization = `Bearer ${await viewer.client.$session.accessToken()}`;
    const elsewhere = async () => {
      const init = { method: 'POST', headers: { authorization } };
      return await (await fetch(`${replica.url}/api/v1/orders/${order.id}/checkout`, init)).json();
    };
    const here = async () => (await checkout(viewer, order.id)).body;
    const answers = Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? here() : elsewhere())));
    // The process that came second was told so.
    await vi.waitFor(() => expect(refusals).toBeGreaterThan(0), { timeout: 20_000 });
    app.stripe.setFaults({ latencyMs: null });

    const pages = (await answers).map(({ checkoutUrl }) => checkoutUrl);
    app.deps.stripe = stripe;
    const [session, ...rest] = await sessionsOf(order.id);
    expect(pages).toEqual(Array.from({ length: 20 }, () => session?.url));
    expect(rest).toEqual([]);
  });

  test('that begins late keeps the order open as long as its page', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    await app.db
      .updateTable('orders')
      .where('id', '=', order.id)
      .set({ expiresAt: new Date(app.clock.now().getTime() + 60_000) })
      .execute();
    const { expiresAt } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    expect(Number(expiresAt)).toBeGreaterThan(app.clock.now().getTime() + 30 * 60_000);
    expect((await viewer.client.orders.get.query({ orderId: order.id })).expiresAt).toEqual(expiresAt);
  });

  test('is refused when a price has changed since the order, and says from what to what', async () => {
    const viewer = await app.signIn();
    const { order, film } = await orderOfOneFilm(viewer);
    const setPrice = (priceAmount: number) =>
      app.db.updateTable('movies').where('id', '=', film.id).set({ priceAmount }).execute();
    for (const amount of [1099, 899]) {
      await setPrice(amount);
      const answer = await checkout(viewer, order.id);
      expect([answer.status, answer.body.reason]).toEqual([409, 'price_changed']);
      expect(answer.body).toMatchObject({
        oldTotal: { amount: 999, currency: 'USD' },
        newTotal: { amount, currency: 'USD' },
      });
    }
    expect((await rowsOf(app, order.id)).payments).toEqual([]);
    await setPrice(999);
    expect((await checkout(viewer, order.id)).status).toBe(200);
  });

  test.for([
    ['has left the catalogue', { withdrawnAt: new Date() }],
    ['has no price any more', { priceAmount: null, priceCurrency: null }],
    ['has its price in a currency the shop can not charge', { priceCurrency: 'EUR' }],
  ] as const)('is refused when a film %s since the order; canceled, the others are back', async ([, change]) => {
    const viewer = await app.signIn();
    const [gone, free, other] = [
      await createMovie(app.db),
      await createMovie(app.db, { priceAmount: 0 }),
      await createMovie(app.db),
    ];
    const order = await placeOrder(viewer, [gone, other]);
    // Nor is it given away where there is nothing to pay.
    const worthless = await placeOrder(viewer, [free]);
    await app.db.updateTable('movies').where('id', 'in', [gone.id, free.id]).set(change).execute();
    for (const [{ id }, film] of [
      [order, gone],
      [worthless, free],
    ] as const) {
      const answer = await checkout(viewer, id);
      expect([answer.status, answer.body.reason]).toEqual([409, 'not_for_sale']);
      expect(answer.body.excluded).toEqual([{ movieId: film.id, reason: 'not_for_sale' }]);
      expect((await rowsOf(app, id)).payments).toEqual([]);
    }
    await viewer.client.orders.cancel.mutate({ orderId: order.id });
    expect((await viewer.client.cart.get.query()).items.map(({ movie }) => movie.id)).toEqual([other.id]);
  });

  test('is opened 120 times a minute and no more; so is each other act of a buyer, for itself', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    const limited = await app.startReplica({ RATE_LIMITS: 'on' });
    const authorization = `Bearer ${await viewer.client.$session.accessToken()}`;
    const post = async (path: string, body = '{}') => {
      const headers = { authorization, 'content-type': 'application/json' };
      return (await fetch(`${limited.url}/api/v1/orders${path}`, { method: 'POST', headers, body })).status;
    };
    // Refused at first sight: an empty cart, an order that is not there.
    const nobody = '01890000-0000-7000-8000-000000000000';
    for (const [path, body, refusal] of [
      ['', '{}', 409],
      [`/${nobody}/cancel`, '{}', 404],
      [`/${nobody}/refund`, '{"reason":"x"}', 404],
      [`/${nobody}/checkout`, '{}', 404],
    ] as const) {
      const statuses: number[] = [];
      for (const _ of [1, 2, 3, 4]) {
        statuses.push(...(await Promise.all(Array.from({ length: 31 }, () => post(path, body)))));
      }
      expect([
        statuses.filter((status) => status === refusal).length,
        statuses.filter((status) => status === 429).length,
      ]).toEqual([120, 4]);
    }
    expect(await post(`/${order.id}/checkout`)).toBe(429);
    app.clock.advance(60);
    expect(await post(`/${order.id}/checkout`)).toBe(200);
    await limited.stop();
  });

  test('is for the own order', async () => {
    const [owner, stranger] = [await app.signIn(), await app.signIn()];
    const { order } = await orderOfOneFilm(owner);
    const answer = await checkout(stranger, order.id);
    expect([answer.status, answer.body.reason]).toEqual([404, 'not_found']);
    expect((await rowsOf(app, order.id)).payments).toEqual([]);
  });

  test('is for an order that waits for its payment', async () => {
    const viewer = await app.signIn();
    const { order, sessionId } = await openOrder(app, viewer);
    app.stripe.pay(sessionId);
    await untilQuiet(app);
    const canceled = (await orderOfOneFilm(viewer)).order;
    const late = (await orderOfOneFilm(viewer)).order;
    const change = (id: string) => app.db.updateTable('orders').where('id', '=', id);
    await change(canceled.id).set({ status: 'canceled', canceledAt: new Date() }).execute();
    await change(late.id).set({ expiresAt: app.clock.now() }).execute();
    for (const { id } of [order, canceled, late]) {
      const answer = await checkout(viewer, id);
      expect([answer.status, answer.body.reason]).toEqual([409, 'order_not_pending']);
    }
  });
});

describe('a page whose end nobody told us', () => {
  /** An order whose page is open, while the webhooks are lost. */
  async function openUnheard(viewer: Viewer) {
    const opened = await openOrder(app, viewer);
    app.stripe.setWebhookUrl(null);
    return opened;
  }

  test('is not given again: fifty who ask for it get one other', async () => {
    const viewer = await app.signIn();
    const { order, sessionId, paymentId } = await openUnheard(viewer);
    app.stripe.expire(sessionId);
    const answers = await Promise.all(Array.from({ length: 50 }, () => checkout(viewer, order.id)));
    expect(tally(answers)).toEqual({ 200: 50 });
    const [other, ...rest] = (await sessionsOf(order.id)).filter(({ id }) => id !== sessionId);
    expect([other?.status, rest]).toEqual(['open', []]);
    expect(new Set(answers.map(({ body }) => body.checkoutUrl))).toEqual(new Set([other?.url]));
    const { payments } = await rowsOf(app, order.id);
    expect(payments.map(({ id, status }) => [id === paymentId, status])).toEqual([
      [true, 'canceled'],
      [false, 'pending'],
    ]);
  });

  test('because it was paid is refused, and the films are there', async () => {
    const viewer = await app.signIn();
    const { order, film, sessionId } = await openUnheard(viewer);
    app.stripe.pay(sessionId);
    const answers = await Promise.all(Array.from({ length: 10 }, () => checkout(viewer, order.id)));
    expect(tally(answers)).toEqual({ order_not_pending: 10 });
    expect((await rowsOf(app, order.id)).library.map(({ movieId }) => movieId)).toEqual([film.id]);
  });

  test('may be waiting for a bank: that is said', async () => {
    const viewer = await app.signIn();
    const { order } = await openUnheard(viewer);
    const { stripe } = app.deps;
    // Stripe's own answer, but for the state such a session is in.
    const completing: typeof fetch = async (...request) => {
      const response = await fetch(...request);
      return new Response((await response.text()).replace('"status":"open"', '"status":"complete"'), response);
    };
    const { hostname: host, port } = new URL(app.stripe.url);
    const httpClient = Stripe.createFetchHttpClient(completing);
    app.deps.stripe = new Stripe(app.stripe.secretKey, { host, port, protocol: 'http', httpClient });
    const answer = await checkout(viewer, order.id);
    app.deps.stripe = stripe;
    expect([answer.status, answer.body.reason]).toEqual([409, 'checkout_completing']);
    expect((await checkout(viewer, order.id)).status).toBe(200);
  });

  test('can not be known while Stripe is away: the order is kept', async () => {
    const viewer = await app.signIn();
    const { order, sessionId } = await openUnheard(viewer);
    app.stripe.setFaults({ status: 500, match: 'GET /v1/checkout/sessions' });
    const answer = await checkout(viewer, order.id);
    expect([answer.status, answer.body.reason]).toEqual([503, 'gateway_unavailable']);
    app.stripe.setFaults({ status: null });
    expect(sessionIdOf((await checkout(viewer, order.id)).body.checkoutUrl)).toBe(sessionId);
  });
});

describe('when Stripe does not answer as it should', () => {
  async function expectUnavailable(viewer: Viewer, orderId: string): Promise<void> {
    const answer = await checkout(viewer, orderId);
    expect([answer.status, answer.body.reason]).toEqual([503, 'gateway_unavailable']);
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(JSON.stringify(answer.body)).not.toMatch(/stripe|sk_test|127\.0\.0\.1/i);
    expect((await viewer.client.orders.get.query({ orderId })).status).toBe('pending');
  }

  /** What must be true of an order after its troubles: one attempt, one session, and it can be paid. */
  async function expectPayable(viewer: Viewer, orderId: string): Promise<void> {
    const answer = await checkout(viewer, orderId);
    expect(answer.status).toBe(200);
    expect(await sessionsOf(orderId)).toHaveLength(1);
    expect((await rowsOf(app, orderId)).payments).toHaveLength(1);
    app.stripe.pay(sessionIdOf(answer.body.checkoutUrl));
    await untilQuiet(app);
    expect((await viewer.client.orders.get.query({ orderId })).status).toBe('paid');
  }

  test.for([
    ['answers 500', { status: 500 }],
    ['refuses', { status: 400 }],
    ['says it is too much', { status: 429 }],
    ['cuts the connection', { dropConnection: true }],
    ['does the work, but the answer is lost each time', { dropResponse: true }],
  ] as const)('because it %s, the order is kept and paid later', async ([, faults]) => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    app.stripe.setFaults({ ...faults, match: 'POST /v1/checkout/sessions' });
    await expectUnavailable(viewer, order.id);
    app.stripe.setFaults({ status: null, dropConnection: null, dropResponse: null });
    await expectPayable(viewer, order.id);
  });

  test('because one answer is lost, nobody notices', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    app.stripe.setFaults({ dropResponse: 1, match: 'POST /v1/checkout/sessions' });
    await expectPayable(viewer, order.id);
  });

  test('because it is slower than we wait, the order is kept and paid later', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    const { stripe } = app.deps;
    // The same client, less patient than in production: the suite has no minute to wait.
    app.deps.stripe = createStripe({ ...app.config.stripe, timeoutMs: 100 });
    app.stripe.setFaults({ latencyMs: 600_000, match: 'POST /v1/checkout/sessions' });
    await expectUnavailable(viewer, order.id);
    app.stripe.setFaults({ latencyMs: null });
    app.deps.stripe = stripe;
    await expectPayable(viewer, order.id);
  });

  test('and the buyer has another address when the lost answer is asked for again, a new page opens', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    app.stripe.setFaults({ dropResponse: true, match: 'POST /v1/checkout/sessions' });
    await expectUnavailable(viewer, order.id);
    app.stripe.setFaults({ dropResponse: null });
    const email = `moved.${viewer.email}`;
    await app.db.updateTable('users').where('id', '=', viewer.userId).set({ email }).execute();

    await expectUnavailable(viewer, order.id);
    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    expect((await rowsOf(app, order.id)).payments.map(({ status }) => status)).toEqual(['canceled', 'successful']);
    const [paid, lost] = await sessionsOf(order.id);
    expect([paid?.customer_email, paid?.status, lost?.status]).toEqual([email, 'complete', 'open']);
  });

  test('while it is slow, no transaction is open, no row locked, and the cinema goes on', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer);
    app.stripe.setFaults({ latencyMs: 600_000, match: 'POST /v1/checkout/sessions' });
    let isAnswered = false;
    // More than there are connections in the pool.
    const answers = Promise.all(Array.from({ length: 30 }, () => checkout(viewer, order.id))).finally(() => {
      isAnswered = true;
    });
    await vi.waitFor(async () => expect((await rowsOf(app, order.id)).payments).toHaveLength(1), { timeout: 20_000 });

    for (const _ of [1, 2, 3]) {
      expect((await app.rest('GET', '/movies')).status).toBe(200);
      expect((await app.rest('GET', `/orders/${order.id}`, { viewer })).body.payment.status).toBe('pending');
    }
    await vi.waitFor(
      async () => {
        const { rows } = await sql<{ query: string }>`
        select query from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null
      `.execute(app.db);
        expect(rows).toEqual([]);
      },
      { timeout: 20_000 },
    );
    await app.db.selectFrom('orders').where('id', '=', order.id).select('id').forUpdate().noWait().execute();
    expect(isAnswered).toBe(false);

    app.stripe.setFaults({ latencyMs: null });
    for (const { status } of await answers) expect(status).toBeOneOf([200, 503]);
    await expectPayable(viewer, order.id);
  });
});

describe('an order worth nothing', () => {
  test('is paid at once, without Stripe: in the library, and with a receipt', async () => {
    const viewer = await app.signIn();
    const { order, film } = await orderOfOneFilm(viewer, 0);
    app.stripe.setFaults({ dropConnection: true, match: 'POST' });

    const answer = await checkout(viewer, order.id);

    expect(answer.status).toBe(200);
    expect(answer.body.checkoutUrl).toBe(`http://cinema.test/orders/${order.id}`);
    const paid = await viewer.client.orders.get.query({ orderId: order.id });
    expect(paid).toMatchObject({ status: 'paid', payment: { status: 'successful', amount: { amount: 0 } } });
    expect(paid.paidAt).toBeInstanceOf(Date);
    expect((await viewer.client.library.list.query({})).items.map(({ movie }) => movie.id)).toEqual([film.id]);
    await untilQuiet(app);
    expect(receiptsOf(app, viewer, order)).toBe(1);
  });

  test('is paid once, however often it is asked for', async () => {
    const viewer = await app.signIn();
    const { order } = await orderOfOneFilm(viewer, 0);
    const answers = await Promise.all(Array.from({ length: 50 }, () => checkout(viewer, order.id)));
    expect(tally(answers)).toEqual({ 200: 1, order_not_pending: 49 });
    const { payments, library } = await rowsOf(app, order.id);
    expect([payments.length, library.length]).toEqual([1, 1]);
    await untilQuiet(app);
    expect(receiptsOf(app, viewer, order)).toBe(1);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
