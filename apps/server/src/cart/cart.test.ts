import { isCinemaError } from '@online-cinema/client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { placeOrder, tally } from '../testing/shop.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('a cart is empty at first, and worth nothing', async () => {
  const viewer = await app.signIn();
  const answer = await app.rest('GET', '/cart', { viewer });
  expect(answer.status).toBe(200);
  const nothing = { amount: 0, currency: 'USD' };
  expect(answer.body).toEqual({ items: [], promo: null, subtotal: nothing, discount: nothing, total: nothing });
  expect(answer.headers.get('cache-control')).toBe('private, no-cache');
});

test('a cart is for those who are signed in', async () => {
  for (const [method, path, body] of [
    ['GET', '/cart'],
    ['POST', '/cart/items', { movieId: 'heat-1995' }],
    ['DELETE', '/cart/items/heat-1995'],
    ['DELETE', '/cart'],
    ['PUT', '/cart/promo', { code: 'AUTUMN' }],
    ['DELETE', '/cart/promo'],
  ] as const) {
    const answer = await app.rest(method, path, { body });
    expect([method, path, answer.status, answer.body.reason]).toEqual([method, path, 401, 'not_authenticated']);
  }
});

test('a film is put in the cart, shown with its price, and taken out again', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db, { name: 'Heat', year: 1995, priceAmount: 1299 });

  const added = await app.rest('POST', '/cart/items', { viewer, body: { movieId: film.id } });
  expect(added.status).toBe(201);
  expect(added.body).toEqual({
    items: [
      {
        movie: {
          id: film.id,
          slug: film.slug,
          name: 'Heat',
          year: 1995,
          genres: [{ id: expect.any(String), name: 'Drama' }],
          posterUrl: expect.stringContaining(film.id),
        },
        price: { amount: 1299, currency: 'USD' },
        addedAt: expect.any(String),
        available: true,
      },
    ],
    promo: null,
    subtotal: { amount: 1299, currency: 'USD' },
    discount: { amount: 0, currency: 'USD' },
    total: { amount: 1299, currency: 'USD' },
  });
  expect((await app.rest('GET', '/cart', { viewer })).body).toEqual(added.body);

  const removed = await app.rest('DELETE', `/cart/items/${film.id}`, { viewer });
  expect([removed.status, removed.body]).toEqual([204, undefined]);
  expect((await viewer.client.cart.get.query()).items).toEqual([]);
});

test('the SDK gives moments as dates, and the films in the order they came', async () => {
  const { client } = await app.signIn();
  const films = [await createMovie(app.db), await createMovie(app.db), await createMovie(app.db)];
  for (const { id } of films) await client.cart.add.mutate({ movieId: id });
  const cart = await client.cart.get.query();
  expect(cart.items.map((item) => item.movie.id)).toEqual(films.map(({ id }) => id));
  expect(cart.items[0]?.addedAt).toBeInstanceOf(Date);
  expect(cart.total).toEqual({ amount: 3 * 999, currency: 'USD' });
});

test('a slug does as well as an id, in whatever case', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  const added = await app.rest('POST', '/cart/items', { viewer, body: { movieId: film.slug.toUpperCase() } });
  expect(added.status).toBe(201);
  expect((await app.rest('DELETE', `/cart/items/${film.slug}`, { viewer })).status).toBe(204);
  await viewer.client.cart.add.mutate({ movieId: film.id.toUpperCase() });
  await viewer.client.cart.remove.mutate({ movieId: film.slug });
  expect((await viewer.client.cart.get.query()).items).toEqual([]);
});

describe('a film is refused, by id and by slug,', () => {
  async function expectRefusal(film: { id: string; slug: string }, status: number, reason: string, viewer?: Viewer) {
    const buyer = viewer ?? (await app.signIn());
    const before = await buyer.client.cart.get.query();
    for (const movieId of [film.id, film.slug]) {
      const answer = await app.rest('POST', '/cart/items', { viewer: buyer, body: { movieId } });
      expect([answer.status, answer.body.reason]).toEqual([status, reason]);
      const refusal: unknown = await buyer.client.cart.add.mutate({ movieId }).catch((error: unknown) => error);
      expect(isCinemaError(refusal) && refusal.data).toMatchObject({ reason, httpStatus: status });
    }
    expect(await buyer.client.cart.get.query()).toEqual(before);
  }

  test('when nobody knows it', () => expectRefusal({ id: randomUUID(), slug: 'no-such-film-1900' }, 404, 'not_found'));

  test('when it was withdrawn', async () => {
    await expectRefusal(await createMovie(app.db, { withdrawnAt: new Date() }), 404, 'not_found');
  });

  test('when it has no price', async () => {
    await expectRefusal(await createMovie(app.db, { priceAmount: null }), 409, 'not_for_sale');
  });

  test('when its price is in another currency', async () => {
    await expectRefusal(await createMovie(app.db, { priceCurrency: 'EUR' }), 409, 'not_for_sale');
  });

  test('when it is owned', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    await giveMovie(app.db, viewer.userId, film.id);
    await expectRefusal(film, 409, 'already_owned', viewer);
  });

  test('when it is in the cart', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    await viewer.client.cart.add.mutate({ movieId: film.id });
    await expectRefusal(film, 409, 'already_in_cart', viewer);
  });

  test('when it is in an order that waits for its payment', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    await placeOrder(viewer, [film]);
    await expectRefusal(film, 409, 'in_pending_order', viewer);
  });
});

test.for([
  ['nothing', {}],
  ['an empty id', { movieId: '' }],
  ['what is no slug', { movieId: 'a/b' }],
  ['a number', { movieId: 7 }],
  ['a price', { movieId: 'heat-1995', price: 1 }],
  ['an owner', { movieId: 'heat-1995', userId: '019a5a4e-7c00-7000-8000-000000000001' }],
] as const)('%s can not be put in the cart', async ([, body]) => {
  const answer = await app.rest('POST', '/cart/items', { viewer: await app.signIn(), body });
  expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
});

test('what is not in the cart can not be taken out', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const film = await createMovie(app.db);
  await other.client.cart.add.mutate({ movieId: film.id });
  for (const ref of [film.id, film.slug, randomUUID(), 'no-such-film-1900']) {
    const answer = await app.rest('DELETE', `/cart/items/${ref}`, { viewer });
    expect([answer.status, answer.body.reason]).toEqual([404, 'not_in_cart']);
  }
});

test('carts of different people do not mix', async () => {
  const [one, other] = [await app.signIn(), await app.signIn()];
  const film = await createMovie(app.db);
  for (const { client } of [one, other]) await client.cart.add.mutate({ movieId: film.id });

  await one.client.cart.remove.mutate({ movieId: film.id });
  expect((await other.client.cart.get.query()).items).toHaveLength(1);
  expect((await app.rest('DELETE', '/cart', { viewer: one })).status).toBe(204);
  expect((await other.client.cart.get.query()).items).toHaveLength(1);
});

test('a cart is emptied, as often as one likes', async () => {
  const viewer = await app.signIn();
  await viewer.client.cart.add.mutate({ movieId: (await createMovie(app.db)).id });
  for (const _ of [1, 2]) expect((await app.rest('DELETE', '/cart', { viewer })).status).toBe(204);
  expect((await viewer.client.cart.get.query()).items).toEqual([]);
});

test('what can no longer be bought stays in the cart, said so, and is not in the total', async () => {
  const viewer = await app.signIn();
  const [good, withdrawn, unpriced, foreign, owned] = [
    await createMovie(app.db, { priceAmount: 500 }),
    await createMovie(app.db),
    await createMovie(app.db),
    await createMovie(app.db),
    await createMovie(app.db),
  ];
  for (const { id } of [good, withdrawn, unpriced, foreign, owned])
    await viewer.client.cart.add.mutate({ movieId: id });
  const change = (id: string) => app.db.updateTable('movies').where('id', '=', id);
  await change(withdrawn.id).set({ withdrawnAt: new Date() }).execute();
  await change(unpriced.id).set({ priceAmount: null, priceCurrency: null }).execute();
  await change(foreign.id).set({ priceCurrency: 'EUR' }).execute();
  await giveMovie(app.db, viewer.userId, owned.id);

  const { body: cart } = await app.rest('GET', '/cart', { viewer });
  expect(cart.items.map((item: { available: boolean }) => item.available)).toEqual([true, false, false, false, false]);
  expect(cart.items[2].price).toBeNull();
  expect(cart.total).toEqual({ amount: 500, currency: 'USD' });
});

test('a new price is shown at once', async () => {
  const { client } = await app.signIn();
  const film = await createMovie(app.db);
  await client.cart.add.mutate({ movieId: film.id });
  await app.db.updateTable('movies').where('id', '=', film.id).set({ priceAmount: 0 }).execute();
  const cart = await client.cart.get.query();
  expect(cart.items[0]).toMatchObject({ price: { amount: 0, currency: 'USD' }, available: true });
  expect(cart.total.amount).toBe(0);
});

test('fifty clicks at once put the film in the cart once', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  const clicks = await Promise.all(
    Array.from({ length: 50 }, (_, click) =>
      app.rest('POST', '/cart/items', { viewer, body: { movieId: click % 2 ? film.id : film.slug } }),
    ),
  );
  expect(tally(clicks)).toEqual({ 201: 1, already_in_cart: 49 });
  expect((await viewer.client.cart.get.query()).items).toHaveLength(1);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
