import type { RouterInputs } from '@online-cinema/client';
import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, type TestMovie } from '../testing/factories.ts';
import { createPromo, rowsOf, sessionIdOf, tally, untilQuiet } from '../testing/shop.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
afterAll(() => app[Symbol.asyncDispose]());

const USD = (amount: number) => ({ amount, currency: 'USD' });

let codes = 0;
async function makePromo(terms: Omit<RouterInputs['promos']['create'], 'code'>) {
  return await createPromo(admin, { code: `CODE-${(codes += 1)}`, ...terms });
}

async function shopper(...prices: number[]): Promise<{ viewer: Viewer; films: TestMovie[] }> {
  const viewer = await app.signIn();
  const films: TestMovie[] = [];
  for (const priceAmount of prices) {
    const film = await createMovie(app.db, { priceAmount });
    films.push(film);
    await viewer.client.cart.add.mutate({ movieId: film.id });
  }
  return { viewer, films };
}

async function apply(viewer: Viewer, code: string) {
  return await app.rest('PUT', '/cart/promo', { viewer, body: { code } });
}

describe('a cart', () => {
  test('is cheaper with a promotion, until it is taken out', async () => {
    const { viewer } = await shopper(1299, 701);
    const { code } = await makePromo({ percent: 25 });
    const answer = await apply(viewer, code.toLowerCase());
    expect(answer.status).toBe(200);
    const sums = { promo: { code, why: null }, subtotal: USD(2000), discount: USD(500), total: USD(1500) };
    expect(answer.body).toMatchObject(sums);
    expect((await app.rest('GET', '/cart', { viewer })).body).toEqual(answer.body);

    for (const _ of [1, 2]) {
      const without = await app.rest('DELETE', '/cart/promo', { viewer });
      expect([without.status, without.body]).toEqual([
        200,
        { ...answer.body, promo: null, discount: USD(0), total: USD(2000) },
      ]);
    }
  });

  test('has one promotion, the last, and none when it is emptied', async () => {
    const { viewer } = await shopper(1000);
    const [first, second] = [await makePromo({ percent: 10 }), await makePromo({ amount: USD(300) })];
    await apply(viewer, first.code);
    expect((await apply(viewer, second.code)).body).toMatchObject({ promo: { code: second.code }, total: USD(700) });
    await viewer.client.cart.clear.mutate();
    expect((await viewer.client.cart.get.query()).promo).toBeNull();
  });

  test('is not cheaper by a code that nobody knows, or that is off', async () => {
    const { viewer } = await shopper(1000);
    const { code } = await makePromo({ percent: 10, isActive: false });
    for (const unknown of ['NO-SUCH-CODE', code]) {
      const answer = await apply(viewer, unknown);
      expect([answer.status, answer.body.reason]).toEqual([404, 'unknown_promo']);
    }
  });

  test('is not the place to guess codes', async () => {
    await using limited = await startTestApp({ RATE_LIMITS: 'on' });
    const viewer = await limited.signIn();
    const guess = (code: number) => limited.rest('PUT', '/cart/promo', { viewer, body: { code: `GUESS-${code}` } });
    const answers = await Promise.all(Array.from({ length: 25 }, (_, code) => guess(code)));
    expect(tally(answers)).toEqual({ unknown_promo: 20, too_many_requests: 5 });
  });

  test.for([
    ['not_started', async () => ({ percent: 5, startsAt: inSeconds(60) })],
    ['ended', async () => ({ percent: 5, endsAt: inSeconds(-1) })],
    ['below_minimum', async () => ({ percent: 5, minTotal: USD(1001) })],
    ['no_matching_film', async () => ({ percent: 5, movieIds: [(await createMovie(app.db)).id] })],
  ] as const)('is told when a promotion does not fit it: %s', async ([why, terms]) => {
    const { viewer } = await shopper(1000);
    const { code } = await makePromo(await terms());
    const answer = await apply(viewer, code);
    expect([answer.status, answer.body.reason, answer.body.why]).toEqual([409, 'promo_not_applicable', why]);
    expect((await viewer.client.cart.get.query()).promo).toBeNull();
  });

  test('is told when a promotion is of the time before the shop changed its currency', async () => {
    const { viewer } = await shopper(1000);
    const { id, code } = await makePromo({ amount: USD(100) });
    await app.db.updateTable('promos').where('id', '=', id).set({ currency: 'EUR' }).execute();
    expect((await apply(viewer, code)).body.why).toBe('wrong_currency');
  });

  test('gets a discount for the films and genres a promotion is for', async () => {
    const viewer = await app.signIn();
    const western = await createMovie(app.db, { priceAmount: 1000, genres: ['Western', 'Drama'] });
    const named = await createMovie(app.db, { priceAmount: 600 });
    const other = await createMovie(app.db, { priceAmount: 400 });
    for (const { id } of [western, named, other]) await viewer.client.cart.add.mutate({ movieId: id });
    const genre = (await viewer.client.genres.list.query({ query: 'Western' })).items[0];
    const { code } = await makePromo({ percent: 50, movieIds: [named.id], genreIds: [genre!.id] });
    expect((await apply(viewer, code)).body.discount).toEqual(USD(800));
  });

  test('keeps a promotion that no longer applies, says why, and counts the full prices', async () => {
    const { viewer, films } = await shopper(1000, 500);
    const { id, code } = await makePromo({ percent: 10, minTotal: USD(1200) });
    await apply(viewer, code);
    await viewer.client.cart.remove.mutate({ movieId: films[1]!.id });
    expect(await viewer.client.cart.get.query()).toMatchObject({
      promo: { code, why: 'below_minimum' },
      total: USD(1000),
    });
    await admin.client.promos.delete.mutate({ promoId: id });
    expect(await viewer.client.cart.get.query()).toMatchObject({ promo: { code, why: 'ended' }, total: USD(1000) });
  });
});

describe('an order', () => {
  test("takes the cart's promotion with it, shared out among the films, and so much is charged", async () => {
    const { viewer, films } = await shopper(999, 999, 2);
    const { code } = await makePromo({ amount: USD(1001) });
    await apply(viewer, code);
    const { order } = await viewer.client.orders.create.mutate({ expectedTotal: USD(999) });
    expect(order).toMatchObject({ promo: code, subtotal: USD(2000), discount: USD(1001), total: USD(999) });
    expect(order.items.map(({ discount }) => discount.amount)).toEqual([500, 500, 1]);
    expect((await viewer.client.cart.get.query()).promo).toBeNull();

    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    const lines = await app.deps.stripe.checkout.sessions.listLineItems(sessionIdOf(checkoutUrl));
    expect(lines.data.map(({ amount_total }) => amount_total)).toEqual([499, 499, 1]);
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    const { payments, library } = await rowsOf(app, order.id);
    expect(payments).toMatchObject([{ status: 'successful', amount: 999, reviewReason: null }]);
    expect(library.map(({ movieId }) => movieId).sort()).toEqual(films.map(({ id }) => id).sort());
    const mail = await app.inbox.waitFor({ to: viewer.email, subject: `Receipt for order ${order.number}` });
    expect(mail.text).toMatch(/Discount: −\$10\.01\s+Total: \$9\.99/);
  });

  test('that a promotion makes free is paid without Stripe', async () => {
    const { viewer } = await shopper(999);
    const { code } = await makePromo({ percent: 100 });
    await apply(viewer, code);
    const { order } = await viewer.client.orders.create.mutate({});
    await viewer.client.orders.checkout.mutate({ orderId: order.id });
    const paid = await viewer.client.orders.get.query({ orderId: order.id });
    expect(paid).toMatchObject({ status: 'paid', total: USD(0), payment: { status: 'successful', amount: USD(0) } });
  });

  test('of less than can be charged is refused, and says so', async () => {
    const { viewer } = await shopper(999);
    const { code } = await makePromo({ amount: USD(950) });
    await apply(viewer, code);
    const answer = await app.rest('POST', '/orders', { viewer });
    expect([answer.status, answer.body.reason]).toEqual([409, 'total_not_payable']);
    expect(answer.body).toMatchObject({ total: USD(49), why: 'At least $0.50, or nothing.' });
    expect((await viewer.client.cart.get.query()).items).toHaveLength(1);
  });

  test('is never placed without the promotion in silence', async () => {
    const { viewer, films } = await shopper(1000, 500);
    const { id, code } = await makePromo({ percent: 10 });
    await apply(viewer, code);
    await admin.client.promos.update.mutate({ promoId: id, isActive: false });

    const silent = await app.rest('POST', '/orders', { viewer });
    expect([silent.status, silent.body.reason, silent.body.why]).toEqual([409, 'promo_not_applicable', 'ended']);
    const stale = await app.rest('POST', '/orders', { viewer, body: { expectedTotal: USD(1350) } });
    expect([stale.status, stale.body.reason]).toEqual([409, 'price_changed']);
    expect(stale.body).toMatchObject({ oldTotal: USD(1350), newTotal: USD(1500), why: 'ended' });

    const knowing = await app.rest('POST', '/orders', { viewer, body: { expectedTotal: USD(1500) } });
    expect(knowing.status).toBe(201);
    expect(knowing.body.order).toMatchObject({ promo: null, discount: USD(0), total: USD(1500) });
    expect(knowing.body.order.items).toHaveLength(films.length);
  });

  test('of a part of the cart is weighed by that part', async () => {
    const { viewer, films } = await shopper(1000, 500);
    const { code } = await makePromo({ percent: 10, minTotal: USD(1200) });
    await apply(viewer, code);
    const answer = await app.rest('POST', '/orders', { viewer, body: { movieIds: [films[0]!.id] } });
    expect([answer.body.reason, answer.body.why]).toEqual(['promo_not_applicable', 'below_minimum']);
  });

  test('whose prices have changed says what it would cost anew, with its promotion', async () => {
    const { viewer, films } = await shopper(1000, 501);
    const { code } = await makePromo({ percent: 20, maxUses: 1, perUser: 1 });
    await apply(viewer, code);
    const { id: orderId } = (await viewer.client.orders.create.mutate({})).order;
    const setPrice = (priceAmount: number) =>
      app.db.updateTable('movies').where('id', '=', films[0]!.id).set({ priceAmount }).execute();
    await setPrice(2000);
    const { body } = await app.rest('POST', `/orders/${orderId}/checkout`, { viewer });
    // 20 % of 2501, rounded in the buyer's favour.
    expect(body).toMatchObject({ reason: 'price_changed', oldTotal: USD(1200), newTotal: USD(2000) });
    await viewer.client.orders.cancel.mutate({ orderId });
    expect((await viewer.client.cart.get.query()).total).toEqual(body.newTotal);

    const { order } = await viewer.client.orders.create.mutate({});
    await setPrice(3000);
    await app.db.updateTable('promos').where('code', '=', code).set({ endsAt: app.clock.now() }).execute();
    const late = await app.rest('POST', `/orders/${order.id}/checkout`, { viewer });
    expect(late.body).toMatchObject({ oldTotal: USD(2000), newTotal: USD(3501), why: 'ended' });
  });

  test('keeps its discount, whatever becomes of the promotion', async () => {
    const { viewer } = await shopper(1000);
    const { id, code } = await makePromo({ percent: 10 });
    await apply(viewer, code);
    const { order } = await viewer.client.orders.create.mutate({});
    await admin.client.promos.update.mutate({ promoId: id, percent: 90, isActive: false });
    expect((await viewer.client.orders.get.query({ orderId: order.id })).total).toEqual(USD(900));
    expect((await app.rest('POST', `/orders/${order.id}/checkout`, { viewer })).status).toBe(200);
  });
});

describe('a promotion is used', () => {
  test('by one of fifty, when it is for one', async () => {
    const { id, code } = await makePromo({ percent: 50, maxUses: 1 });
    const viewers = await Promise.all(Array.from({ length: 50 }, async () => (await shopper(1000)).viewer));
    for (const viewer of viewers) expect((await apply(viewer, code)).status).toBe(200);
    const answers = await Promise.all(viewers.map((viewer) => app.rest('POST', '/orders', { viewer })));
    expect(tally(answers)).toEqual({ 201: 1, promo_not_applicable: 49 });
    const refused = answers.filter(({ status }) => status === 409);
    expect(new Set(refused.map(({ body }) => body.why))).toEqual(new Set(['used_up']));
    const { uses } = await app.db
      .selectFrom('orders')
      .where('promoId', '=', id)
      .select((eb) => eb.fn.countAll<number>().as('uses'))
      .executeTakeFirstOrThrow();
    expect(uses).toBe(1);
  });

  test('as often as one user may, and is free again when his order is canceled', async () => {
    const { viewer } = await shopper(1000);
    const { code } = await makePromo({ percent: 50, perUser: 1 });
    await apply(viewer, code);
    const { order } = await viewer.client.orders.create.mutate({});
    await viewer.client.cart.add.mutate({ movieId: (await createMovie(app.db)).id });
    const again: unknown = await viewer.client.cart.applyPromo.mutate({ code }).catch((error: unknown) => error);
    expect(isCinemaError(again, 'promo_not_applicable') && again.data).toMatchObject({ why: 'used_by_you' });

    await viewer.client.orders.cancel.mutate({ orderId: order.id });
    // It came back with the films.
    expect(await viewer.client.cart.get.query()).toMatchObject({ promo: { code, why: null }, subtotal: USD(1999) });
    expect((await viewer.client.orders.create.mutate({})).order.discount).toEqual(USD(1000));
  });
});

test('the database refuses a discount that is not the sum of its shares, or comes from nowhere', async () => {
  const { viewer } = await shopper(1000);
  const { code } = await makePromo({ percent: 10 });
  await apply(viewer, code);
  const { order } = await viewer.client.orders.create.mutate({});
  const row = app.db.updateTable('orders').where('id', '=', order.id);
  const items = app.db.updateTable('orderItems').where('orderId', '=', order.id);
  await expect(items.set({ discountAmount: 99 }).execute()).rejects.toMatchObject({
    constraint: 'orders_discount_is_sum_of_items',
  });
  await expect(items.set({ discountAmount: 1001 }).execute()).rejects.toMatchObject({
    constraint: 'order_items_discount_amount_check',
  });
  await expect(row.set({ promoId: null }).execute()).rejects.toMatchObject({
    constraint: 'orders_discount_promo_check',
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

function inSeconds(seconds: number): Date {
  return new Date(app.clock.now().getTime() + seconds * 1_000);
}
