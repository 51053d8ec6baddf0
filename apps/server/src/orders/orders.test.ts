import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { placeOrder, tally } from '../testing/shop.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function createMovies(...prices: number[]): Promise<TestMovie[]> {
  const films: TestMovie[] = [];
  for (const priceAmount of prices) films.push(await createMovie(app.db, { priceAmount }));
  return films;
}

async function fillCart({ client }: Viewer, films: TestMovie[]): Promise<void> {
  for (const { id } of films) await client.cart.add.mutate({ movieId: id });
}

async function cartOf({ client }: Viewer): Promise<string[]> {
  return (await client.cart.get.query()).items.map((item) => item.movie.id);
}

async function ordersOf({ client }: Viewer) {
  return (await client.orders.list.query({ limit: 100 })).items;
}

describe('ordering', () => {
  test('the whole cart becomes a pending order, and is empty then', async () => {
    const viewer = await app.signIn();
    const films = await createMovies(1299, 1, 0);
    await fillCart(viewer, films);

    const answer = await app.rest('POST', '/orders', { viewer, body: {} });
    expect(answer.status).toBe(201);
    const { order, excluded } = answer.body;
    expect(excluded).toEqual([]);
    expect(order).toMatchObject({
      number: expect.any(Number),
      status: 'pending',
      total: { amount: 1300, currency: 'USD' },
      payment: null,
      paidAt: null,
      canceledAt: null,
    });
    expect(order.items).toEqual(
      films.map(({ id, slug, name }, position) => ({
        movieId: id,
        slug,
        name,
        year: 2000,
        price: { amount: [1299, 1, 0][position], currency: 'USD' },
        discount: { amount: 0, currency: 'USD' },
        posterUrl: expect.stringContaining(id),
      })),
    );
    expect(Date.parse(order.expiresAt) - Date.parse(order.createdAt)).toBe(60 * 60_000);
    expect(await cartOf(viewer)).toEqual([]);
    expect((await app.rest('GET', `/orders/${order.id}`, { viewer })).body).toEqual(order);
  });

  test('needs no body', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, await createMovies(999));
    const answer = await app.rest('POST', '/orders', { viewer });
    expect([answer.status, answer.body.order?.total.amount]).toEqual([201, 999]);
  });

  test('nothing in a request decides what an order costs', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, await createMovies(999));
    for (const extra of [{ total: 1 }, { price: 1 }, { status: 'paid' }, { userId: randomUUID() }, { movieIds: [] }]) {
      const answer = await app.rest('POST', '/orders', { viewer, body: extra });
      expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
    }
    expect(await ordersOf(viewer)).toEqual([]);
  });

  test('a part of the cart is ordered by ids and slugs, the rest stays', async () => {
    const viewer = await app.signIn();
    const [one, two, three] = (await createMovies(100, 200, 400)) as [TestMovie, TestMovie, TestMovie];
    await fillCart(viewer, [one, two, three]);
    const stranger = await createMovie(app.db);

    const movieIds = [
      one.id.toUpperCase(),
      one.slug,
      three.slug,
      stranger.id,
      'no-such-film-1900',
      'no-such-film-1900',
    ];
    const { order, excluded } = await viewer.client.orders.create.mutate({ movieIds });

    expect(order.items.map((item) => item.movieId)).toEqual([one.id, three.id]);
    expect(order.total.amount).toBe(500);
    expect(order.createdAt).toBeInstanceOf(Date);
    expect(excluded).toEqual([
      { movieId: stranger.id, reason: 'not_in_cart' },
      { movieId: 'no-such-film-1900', reason: 'not_in_cart' },
    ]);
    expect(await cartOf(viewer)).toEqual([two.id]);
  });

  /** Fills the cart and lets everything go wrong with its films but the first. */
  async function spoil(viewer: Viewer): Promise<{ good: TestMovie; excluded: { movieId: string; reason: string }[] }> {
    const films = await createMovies(999, 999, 999, 999, 999);
    const [good, withdrawn, unpriced, foreign, owned] = films as [
      TestMovie,
      TestMovie,
      TestMovie,
      TestMovie,
      TestMovie,
    ];
    await fillCart(viewer, films);
    const change = (id: string) => app.db.updateTable('movies').where('id', '=', id);
    await change(withdrawn.id).set({ withdrawnAt: new Date() }).execute();
    await change(unpriced.id).set({ priceAmount: null, priceCurrency: null }).execute();
    await change(foreign.id).set({ priceCurrency: 'EUR' }).execute();
    await giveMovie(app.db, viewer.userId, owned.id);
    return {
      good,
      excluded: [
        ...[withdrawn, unpriced, foreign].map(({ id }) => ({ movieId: id, reason: 'not_for_sale' })),
        { movieId: owned.id, reason: 'already_owned' },
      ],
    };
  }

  test('what can not be bought is left in the cart, each with its reason', async () => {
    const viewer = await app.signIn();
    const { good, excluded } = await spoil(viewer);
    const placed = await viewer.client.orders.create.mutate({});
    expect(placed.order.items.map((item) => item.movieId)).toEqual([good.id]);
    expect(placed.excluded).toEqual(excluded);
    expect(await cartOf(viewer)).toEqual(excluded.map(({ movieId }) => movieId));

    const again = await app.rest('POST', '/orders', { viewer, body: {} });
    expect([again.status, again.body.reason]).toEqual([409, 'nothing_to_order']);
    expect(again.body.excluded).toEqual(excluded);
    await expect(viewer.client.orders.create.mutate({})).rejects.toMatchObject({
      data: { reason: 'nothing_to_order', excluded },
    });
  });

  test('a film that got into the cart beside a pending order is left out of the next', async () => {
    const viewer = await app.signIn();
    const films = await createMovies(999);
    await placeOrder(viewer, films);
    await app.db.insertInto('cartItems').values({ userId: viewer.userId, movieId: films[0]!.id }).execute();
    const answer = await app.rest('POST', '/orders', { viewer, body: {} });
    expect([answer.status, answer.body.reason]).toEqual([409, 'nothing_to_order']);
    expect(answer.body.excluded).toEqual([{ movieId: films[0]!.id, reason: 'in_pending_order' }]);
  });

  test('an empty cart is no order', async () => {
    const viewer = await app.signIn();
    const answer = await app.rest('POST', '/orders', { viewer, body: { movieIds: ['heat-1995'] } });
    expect([answer.status, answer.body.reason]).toEqual([409, 'cart_empty']);
    await expect(viewer.client.orders.create.mutate({})).rejects.toMatchObject({ data: { reason: 'cart_empty' } });
  });

  test('a part of which nothing is in the cart is no order', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, await createMovies(999));
    const answer = await app.rest('POST', '/orders', { viewer, body: { movieIds: ['no-such-film-1900'] } });
    expect([answer.status, answer.body.reason]).toEqual([409, 'nothing_to_order']);
    expect(answer.body.excluded).toEqual([{ movieId: 'no-such-film-1900', reason: 'not_in_cart' }]);
  });

  test('a total that is no longer true is refused, with the old and the new one', async () => {
    const viewer = await app.signIn();
    const films = await createMovies(500, 700);
    await fillCart(viewer, films);
    const { total: oldTotal } = await viewer.client.cart.get.query();
    await app.db.updateTable('movies').where('id', '=', films[0]!.id).set({ priceAmount: 501 }).execute();

    const refused = await app.rest('POST', '/orders', { viewer, body: { expectedTotal: oldTotal } });
    expect([refused.status, refused.body.reason]).toEqual([409, 'price_changed']);
    const newTotal = { amount: 1201, currency: 'USD' };
    expect(refused.body).toMatchObject({ oldTotal: { amount: 1200, currency: 'USD' }, newTotal });
    await expect(
      viewer.client.orders.create.mutate({ expectedTotal: { ...newTotal, currency: 'EUR' } }),
    ).rejects.toMatchObject({ data: { reason: 'price_changed', newTotal } });
    expect([await cartOf(viewer), await ordersOf(viewer)]).toEqual([films.map(({ id }) => id), []]);

    const { order } = await viewer.client.orders.create.mutate({ expectedTotal: newTotal });
    expect(order.total).toEqual(newTotal);
  });

  test('title, year and price stay as ordered, whatever becomes of the film', async () => {
    const viewer = await app.signIn();
    const [film] = (await createMovies(999)) as [TestMovie];
    const order = await placeOrder(viewer, [film]);
    const changes = { name: 'Renamed', year: 2001, priceAmount: 5, withdrawnAt: new Date() };
    await app.db.updateTable('movies').where('id', '=', film.id).set(changes).execute();
    const [item] = (await viewer.client.orders.get.query({ orderId: order.id })).items;
    expect(item).toMatchObject({ name: film.name, year: 2000, price: { amount: 999, currency: 'USD' } });
  });

  test('orders are numbered, each number once', async () => {
    const viewer = await app.signIn();
    const numbers: number[] = [];
    for (const film of await createMovies(100, 200, 300)) numbers.push((await placeOrder(viewer, [film])).number);
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  });
});

describe('at the same time', () => {
  test('fifty calls make one order', async () => {
    const viewer = await app.signIn();
    const films = await createMovies(100, 200, 400);
    await fillCart(viewer, films);
    const calls = await Promise.all(
      Array.from({ length: 50 }, () => app.rest('POST', '/orders', { viewer, body: {} })),
    );
    expect(tally(calls)).toEqual({ 201: 1, cart_empty: 49 });
    const orders = await ordersOf(viewer);
    expect(orders.map((order) => order.total.amount)).toEqual([700]);
  });

  test('each film of many overlapping orders is in one of them', async () => {
    const viewer = await app.signIn();
    const films = await createMovies(100, 200, 400, 800, 1600);
    await fillCart(viewer, films);
    await Promise.allSettled(
      Array.from({ length: 50 }, (_, call) => {
        const movieIds = films.filter((_film, bit) => ((call % 31) + 1) & (1 << bit)).map(({ id }) => id);
        return viewer.client.orders.create.mutate({ movieIds });
      }),
    );
    const ordered = (await ordersOf(viewer)).flatMap((order) => order.items.map((item) => item.movieId));
    expect([...ordered, ...(await cartOf(viewer))].sort()).toEqual(films.map(({ id }) => id).sort());
  });

  test('a film is never both in the cart and in a pending order', async () => {
    const viewer = await app.signIn();
    const films = await createMovies(...Array.from({ length: 10 }, () => 999));
    await Promise.allSettled(
      Array.from({ length: 60 }, async (_, call) => {
        if (call % 6 === 5) await viewer.client.orders.create.mutate({});
        else await viewer.client.cart.add.mutate({ movieId: films[call % films.length]!.id });
      }),
    );
    const inCart = await cartOf(viewer);
    const ordered = (await ordersOf(viewer)).flatMap((order) => order.items.map((item) => item.movieId));
    expect(new Set([...inCart, ...ordered]).size).toBe(inCart.length + ordered.length);
    expect([...inCart, ...ordered].sort()).toEqual(films.map(({ id }) => id).sort());
  });
});

describe('the database', () => {
  test('refuses an order that is not worth what its items are worth', async () => {
    const viewer = await app.signIn();
    const order = await placeOrder(viewer, await createMovies(500, 700));
    const constraint = { constraint: 'orders_total_is_sum_of_items' };
    const items = app.db.updateTable('orderItems').where('orderId', '=', order.id);
    await expect(
      app.db.updateTable('orders').where('id', '=', order.id).set({ totalAmount: 1 }).execute(),
    ).rejects.toMatchObject(constraint);
    await expect(items.set({ priceAmount: 1 }).execute()).rejects.toMatchObject(constraint);
    await expect(
      app.db.deleteFrom('orderItems').where('orderId', '=', order.id).where('priceAmount', '=', 500).execute(),
    ).rejects.toMatchObject(constraint);
    const values = { userId: viewer.userId, totalAmount: 5, currency: 'USD', expiresAt: new Date() };
    await expect(app.db.insertInto('orders').values(values).execute()).rejects.toMatchObject(constraint);
    expect((await viewer.client.orders.get.query({ orderId: order.id })).total.amount).toBe(1200);
  });

  test('refuses less than nothing, half a currency and a paid order without its moment', async () => {
    const { userId } = await app.signIn();
    const sound = { userId, totalAmount: 0, currency: 'USD', expiresAt: new Date() };
    const insert = (values: object) =>
      app.db
        .insertInto('orders')
        .values({ ...sound, ...values })
        .execute();
    await expect(insert({ totalAmount: -1 })).rejects.toMatchObject({ constraint: 'orders_total_amount_check' });
    await expect(insert({ currency: 'usd' })).rejects.toMatchObject({ constraint: 'orders_currency_check' });
    await expect(insert({ status: 'paid' })).rejects.toMatchObject({ constraint: 'orders_paid_at_check' });
    await expect(insert({ status: 'free' })).rejects.toMatchObject({ constraint: 'orders_status_check' });
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
