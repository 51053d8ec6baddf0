import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { createPromo } from '../testing/shop.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
afterAll(() => app[Symbol.asyncDispose]());

const USD = (amount: number) => ({ amount, currency: 'USD' });

test('a promotion is made, changed, listed and deleted, and all of it is on record', async () => {
  const film = await createMovie(app.db);
  const body = {
    code: 'autumn-20',
    percent: 20,
    startsAt: '2026-09-01T00:00:00+02:00',
    endsAt: '2026-12-01T00:00:00Z',
    maxUses: 100,
    perUser: 1,
    minTotal: USD(1000),
    movieIds: [film.id],
  };
  const made = await app.rest('POST', '/promos', { viewer: admin, body });
  expect(made.status).toBe(201);
  expect(made.body).toEqual({
    ...body,
    id: expect.any(String),
    code: 'AUTUMN-20',
    amount: null,
    startsAt: '2026-08-31T22:00:00.000Z',
    endsAt: '2026-12-01T00:00:00.000Z',
    genreIds: [],
    isActive: true,
    uses: 0,
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
  });
  const { id } = made.body;

  const changes = { percent: null, amount: USD(300), movieIds: [], endsAt: null };
  const changed = await app.rest('PATCH', `/promos/${id}`, { viewer: admin, body: changes });
  expect([changed.status, changed.body]).toEqual([200, { ...made.body, ...changes, updatedAt: expect.any(String) }]);
  const later = await admin.client.promos.update.mutate({
    promoId: id,
    endsAt: new Date('2027-01-01'),
    minTotal: null,
  });
  expect([later.endsAt, later.minTotal, later.amount]).toEqual([new Date('2027-01-01'), null, USD(300)]);
  expect((await admin.client.promos.list.query({})).items[0]).toEqual(later);

  expect((await app.rest('DELETE', `/promos/${id}`, { viewer: admin })).status).toBe(204);
  expect((await app.rest('DELETE', `/promos/${id}`, { viewer: admin })).body.reason).toBe('not_found');
  expect((await app.rest('PATCH', `/promos/${id}`, { viewer: admin, body: {} })).body.reason).toBe('not_found');
  const { items } = await admin.client.admin.audit.list.query({ targetId: id });
  expect(items.map(({ action }) => action)).toEqual([
    'promos.delete',
    'promos.update',
    'promos.update',
    'promos.create',
  ]);
});

test('a code is taken once, in whatever case', async () => {
  await createPromo(admin, { code: 'ONCE', percent: 5 });
  const again = await app.rest('POST', '/promos', { viewer: admin, body: { code: 'once', percent: 50 } });
  expect([again.status, again.body.reason]).toEqual([409, 'code_taken']);
});

describe('a promotion is refused', () => {
  test.for([
    ['without a discount', {}, 'percent'],
    ['with two', { percent: 10, amount: USD(100) }, 'percent'],
    ['of more than all', { percent: 101 }, 'percent'],
    ['that gives nothing', { amount: USD(0) }, 'amount.amount'],
    ['in another currency', { amount: { amount: 100, currency: 'EUR' } }, 'amount.currency'],
    [
      'whose least total is in another currency',
      { percent: 5, minTotal: { amount: 1, currency: 'EUR' } },
      'minTotal.currency',
    ],
    [
      'that ends before it starts',
      { percent: 5, startsAt: '2026-02-01T00:00:00Z', endsAt: '2026-01-01T00:00:00Z' },
      'endsAt',
    ],
    ['that ends in a year of five digits', { percent: 5, endsAt: '9999-12-31T23:59:59-23:00' }, 'endsAt'],
    ['from a day without a time', { percent: 5, startsAt: '2026-02-01' }, 'startsAt'],
    ['that nobody can use', { percent: 5, maxUses: 0 }, 'maxUses'],
    ['of a code with a space', { percent: 5, code: 'A B C' }, 'code'],
    ['of a short code', { percent: 5, code: 'AB' }, 'code'],
    ['with a use already', { percent: 5, uses: 1 }, 'uses'],
  ] as const)('%s', async ([, fields, path]) => {
    const answer = await app.rest('POST', '/promos', { viewer: admin, body: { code: 'REFUSED', ...fields } });
    expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
    expect(answer.body.issues.map((issue: { path: string[] }) => issue.path.join('.'))).toContain(path);
  });

  test('for a film or genre that is not there, when it is made and when it is changed', async () => {
    const gone = await createMovie(app.db, { withdrawnAt: new Date() });
    const fields = { movieIds: [(await createMovie(app.db)).id, gone.id], genreIds: [randomUUID()] };
    const { id } = await createPromo(admin, { code: 'FOR-SOME', percent: 5 });
    for (const answer of [
      await app.rest('POST', '/promos', { viewer: admin, body: { code: 'FOR-NONE', percent: 5, ...fields } }),
      await app.rest('PATCH', `/promos/${id}`, { viewer: admin, body: fields }),
    ]) {
      expect([answer.status, answer.body.reason]).toEqual([400, 'unknown_id']);
      expect(answer.body.issues.map((issue: { path: string[] }) => issue.path)).toEqual([
        ['movieIds', 1],
        ['genreIds', 0],
      ]);
    }
  });

  test('when it is changed so that it starts after its end', async () => {
    const { id } = await createPromo(admin, { code: 'SHORT', percent: 5, endsAt: '2026-01-01T00:00:00Z' });
    const answer = await app.rest('PATCH', `/promos/${id}`, {
      viewer: admin,
      body: { startsAt: '2026-01-01T00:00:00Z' },
    });
    expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
  });
});

test('one that an order has, even a canceled one, can be ended but not deleted', async () => {
  const viewer = await app.signIn();
  const { id } = await createPromo(admin, { code: 'KEPT', percent: 5 });
  await viewer.client.cart.add.mutate({ movieId: (await createMovie(app.db)).id });
  await viewer.client.cart.applyPromo.mutate({ code: 'kept' });
  const { order } = await viewer.client.orders.create.mutate({});
  expect((await admin.client.promos.list.query({})).items.find((promo) => promo.id === id)?.uses).toBe(1);
  await viewer.client.orders.cancel.mutate({ orderId: order.id });
  expect((await admin.client.promos.list.query({})).items.find((promo) => promo.id === id)?.uses).toBe(0);

  const refused = await app.rest('DELETE', `/promos/${id}`, { viewer: admin });
  expect([refused.status, refused.body.reason]).toEqual([409, 'promo_in_use']);
  await admin.client.promos.update.mutate({ promoId: id, isActive: false });
  expect((await viewer.client.orders.get.query({ orderId: order.id })).promo).toBe('KEPT');
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
