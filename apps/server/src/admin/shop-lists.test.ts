import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, type TestMovie } from '../testing/factories.ts';
import { recordRefund, recordSale } from '../testing/sales.ts';

let app: TestApp;
let moderator: Viewer;
let ada: Viewer;
let bob: Viewer;
let films: TestMovie[];
const numbers: Record<string, number> = {};
const payments: Record<string, string> = {};

const at = (text: string) => new Date(text);

beforeAll(async () => {
  app = await startTestApp({ SHOP_TIME_ZONE: 'America/New_York' });
  moderator = await app.signIn({ role: 'moderator' });
  ada = await app.signIn({ email: 'ada_l@shop.example' });
  bob = await app.signIn({ email: 'bob@shop.example' });
  films = [await createMovie(app.db, { name: '=1+1' }), await createMovie(app.db), await createMovie(app.db)];
  const [one, two] = films.map(({ id }) => id) as [string, string];
  // New York's clocks went forward on 8 March 2026: that day began at 05:00 UTC and ended at 04:00.
  const record = async (name: string, viewer: Viewer, sale: Parameters<typeof recordSale>[2]) => {
    const { number, paymentId } = await recordSale(app.db, viewer.userId, sale);
    numbers[name] = number;
    payments[name] = paymentId;
  };
  const paid = (moment: string) => ({ createdAt: at(moment), paidAt: at(moment), currency: 'USD' });
  await record('before', ada, { ...paid('2026-03-08T04:59:59.999Z'), items: [{ movieId: one, price: 999 }] });
  await record('first', bob, {
    ...paid('2026-03-08T05:00:00.000Z'),
    items: [
      { movieId: one, price: 999, discount: 99 },
      { movieId: two, price: 501, discount: 1 },
    ],
    refunds: [{ at: at('2026-03-10T12:00:00Z'), amount: 500, movieIds: [two] }],
  });
  await record('last', ada, {
    ...paid('2026-03-09T03:59:59.999Z'),
    items: [{ movieId: two, price: 700 }],
    refunds: [{ at: at('2026-03-11T12:00:00Z'), amount: 700, movieIds: [two] }],
  });
  await record('after', bob, {
    createdAt: at('2026-03-09T04:00:00.000Z'),
    paidAt: null,
    currency: 'EUR',
    items: [{ movieId: one, price: 800 }],
    reviewReason: 'amount_mismatch',
  });
});
afterAll(() => app[Symbol.asyncDispose]());

/** The names of the orders, or payments, that a query finds. */
async function find(list: 'orders' | 'payments', query: string): Promise<string[]> {
  const { status, body } = await app.rest('GET', `/admin/${list}?${query}`, { viewer: moderator });
  expect([query, status]).toEqual([query, 200]);
  expect(body.total).toBe(body.items.length);
  return body.items.map(({ number, orderNumber }: Record<string, number>) =>
    Object.keys(numbers).find((name) => numbers[name] === (number ?? orderNumber)),
  );
}

test('an order is shown with buyer, films, sums, payment and what went back', async () => {
  const { items } = await moderator.client.admin.orders.list.query({ userId: bob.userId, status: 'paid' });
  const usd = (amount: number) => ({ amount, currency: 'USD' });
  expect(items).toEqual([
    {
      id: expect.any(String),
      number: numbers['first'],
      status: 'paid',
      buyer: { id: bob.userId, email: 'bob@shop.example' },
      items: [
        {
          movieId: films[0]?.id,
          slug: films[0]?.slug,
          name: 'As ordered 0',
          year: 2000,
          price: usd(999),
          discount: usd(99),
        },
        {
          movieId: films[1]?.id,
          slug: films[1]?.slug,
          name: 'As ordered 1',
          year: 2000,
          price: usd(501),
          discount: usd(1),
        },
      ],
      promo: 'RECORDED',
      subtotal: usd(1_500),
      discount: usd(100),
      total: usd(1_400),
      refunded: usd(500),
      payment: {
        id: payments['first'],
        status: 'partially_refunded',
        gateway: 'stripe',
        stripeSessionId: null,
        stripePaymentIntentId: null,
        declineCode: null,
        reviewReason: null,
        createdAt: at('2026-03-08T05:00:00.000Z'),
      },
      needsReview: false,
      createdAt: at('2026-03-08T05:00:00.000Z'),
      expiresAt: null,
      paidAt: at('2026-03-08T05:00:00.000Z'),
      canceledAt: null,
    },
  ]);
});

test('a payment is shown with order, buyer, ids of the gateway, review and refunds', async () => {
  await app.db
    .updateTable('payments')
    .set({ stripeSessionId: 'cs_1', stripePaymentIntentId: 'pi_1' })
    .where('id', '=', payments['first'] ?? '')
    .execute();
  const { items } = await moderator.client.admin.payments.list.query({ from: '2026-03-08', to: '2026-03-09' });
  expect(items.map(({ id }) => id)).toEqual(['after', 'last', 'first'].map((name) => payments[name]));
  expect(items[0]).toMatchObject({
    status: 'pending',
    reviewReason: 'amount_mismatch',
    receiptNumber: null,
    refunds: [],
  });
  expect(items[2]).toMatchObject({
    orderNumber: numbers['first'],
    buyer: { id: bob.userId, email: 'bob@shop.example' },
    status: 'partially_refunded',
    amount: { amount: 1_400, currency: 'USD' },
    refunded: { amount: 500, currency: 'USD' },
    stripeSessionId: 'cs_1',
    stripePaymentIntentId: 'pi_1',
    receiptNumber: expect.any(Number),
    refunds: [{ status: 'succeeded', amount: { amount: 500 }, movieIds: [films[1]?.id] }],
  });
});

test.for([
  ['', ['after', 'last', 'first', 'before']],
  ['email=SHOP.example', ['after', 'last', 'first', 'before']],
  ['email=ada_', ['last', 'before']],
  ['email=_', ['last', 'before']],
  ['email=%25', []],
  ['email=bob%40', ['after', 'first']],
  ['from=2026-03-08', ['after', 'last', 'first']],
  ['to=2026-03-08', ['last', 'first', 'before']],
  ['from=2026-03-08&to=2026-03-08', ['last', 'first']],
  ['from=2026-03-08T05:00:00.000Z&to=2026-03-09T03:59:59.999Z', ['first']],
  ['from=2026-03-08T00:00:00-05:00&to=2026-03-08', ['last', 'first']],
  ['from=2026-03-08&to=2026-03-08&email=ada', ['last']],
] as const)('orders and payments are found by %s', async ([query, names]) => {
  expect(await find('orders', query)).toEqual(names);
  expect(await find('payments', query)).toEqual(names);
});

test('they are found by their own states, and payments by whether a person must look', async () => {
  expect(await find('orders', 'status=pending')).toEqual(['after']);
  expect(await find('orders', `status=refunded&userId=${ada.userId}`)).toEqual(['last']);
  expect(await find('payments', 'status=refunded')).toEqual(['last']);
  expect(await find('payments', 'needsReview=true')).toEqual(['after']);
  expect(await find('payments', 'needsReview=false')).toEqual(['last', 'first', 'before']);
});

test.for([
  'from=2026-03-09&to=2026-03-08',
  'from=2026-03-08T00:00:00Z&to=2026-03-07T23:59:59Z',
  'from=2026-03-09T04:00:00.001Z&to=2026-03-08',
  'from=2026-02-30',
  'from=yesterday',
  'from=2026-03-08T00:00:00',
  'status=open',
  'userId=ada',
  'email=',
  'format=xml',
  'format=csv&limit=5',
])('refuses %s', async (query) => {
  for (const list of ['orders', 'payments']) {
    const { status, body } = await app.rest('GET', `/admin/${list}?${query}`, { viewer: moderator });
    expect([query, status, body.reason]).toEqual([query, 400, 'invalid_input']);
  }
});

test('pages of them follow each other, and a cursor is good for its filter only', async () => {
  const { orders, payments: attempts } = moderator.client.admin;
  for (const [list, ask] of [
    ['orders', (cursor: object) => orders.list.query({ limit: 1, to: '2026-03-08', ...cursor })],
    ['payments', (cursor: object) => attempts.list.query({ limit: 1, to: '2026-03-08', ...cursor })],
  ] as const) {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ask>> = await ask(cursor === null ? {} : { cursor });
      expect(page.total).toBe(cursor === null ? 3 : null);
      seen.push(...page.items.map((item) => ('number' in item ? item.number : item.orderNumber)));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([numbers['last'], numbers['first'], numbers['before']]);

    const { nextCursor } = await ask({});
    const other = await app.rest('GET', `/admin/${list}?to=2026-03-09&cursor=${nextCursor}`, { viewer: moderator });
    expect([other.status, other.body.reason]).toEqual([400, 'invalid_cursor']);
  }
});

describe('as a file', () => {
  test('they have a line each, however many, by format, by Accept and from the SDK', async () => {
    const crowd = await app.signIn({ email: 'crowd@many.example' });
    for (let index = 0; index < 260; index += 1) {
      await recordSale(app.db, crowd.userId, {
        createdAt: at('2025-01-01T00:00:00Z'),
        paidAt: null,
        currency: 'USD',
        items: [{ movieId: films[2]?.id ?? '', price: 100 + index }],
      });
    }
    for (const list of ['orders', 'payments'] as const) {
      const asked = await app.rest('GET', `/admin/${list}?format=csv&email=many`, { viewer: moderator });
      const day = app.clock.now().toISOString().slice(0, 10);
      expect([asked.status, asked.headers.get('content-type'), asked.headers.get('cache-control')]).toEqual([
        200,
        'text/csv; charset=utf-8',
        'no-store',
      ]);
      expect(asked.headers.get('content-disposition')).toBe(`attachment; filename="${list}-${day}.csv"`);
      const lines = String(asked.body).trimEnd().split('\r\n');
      expect(lines).toHaveLength(261);
      expect(new Set(lines).size).toBe(261);

      const headers = { accept: 'text/csv' };
      expect((await app.rest('GET', `/admin/${list}?email=many`, { viewer: moderator, headers })).body).toBe(
        asked.body,
      );
      const exported =
        list === 'orders' ? moderator.client.admin.orders.export : moderator.client.admin.payments.export;
      let text = '';
      for await (const piece of await exported.query({ email: 'many' })) text += piece;
      expect(text).toBe(asked.body);
      const both = { accept: 'application/json, text/csv;q=0.5' };
      const json = await app.rest('GET', `/admin/${list}?email=many`, { viewer: moderator, headers: both });
      expect(json.body.total).toBe(260);
    }
  });

  test('an order says what it was in cells that are no formulas', async () => {
    await app.db
      .updateTable('orderItems')
      .set({ name: '=HYPERLINK("x")' })
      .where('name', '=', 'As ordered 1')
      .execute();
    await app.db.updateTable('orderItems').set({ name: '@|sum' }).where('name', '=', 'As ordered 0').execute();
    const { body } = await app.rest('GET', `/admin/orders?format=csv&userId=${bob.userId}&status=paid`, {
      viewer: moderator,
    });
    const [header = '', line = ''] = String(body).split('\r\n');
    expect(header).toBe(
      'number,id,status,createdAt,paidAt,canceledAt,buyerId,buyerEmail,films,subtotalAmount,discountAmount,' +
        'totalAmount,refundedAmount,currency,promo,paymentId,paymentStatus,needsReview',
    );
    const moment = '2026-03-08T05:00:00.000Z';
    expect(line.split(',').toSpliced(1, 1)).toEqual([
      String(numbers['first']),
      'paid',
      moment,
      moment,
      '',
      bob.userId,
      'bob@shop.example',
      `"'@\\|sum (2000)|=HYPERLINK(""x"") (2000)"`,
      '1500',
      '100',
      '1400',
      '500',
      'USD',
      'RECORDED',
      payments['first'],
      'partially_refunded',
      'false',
    ]);
  });
});

test('of a deleted account orders and payments stay, and nobody is named', async () => {
  const gone = await app.signIn({ email: 'gone@erased.example' });
  await recordSale(app.db, gone.userId, {
    createdAt: at('2025-06-01T00:00:00Z'),
    paidAt: at('2025-06-01T00:00:00Z'),
    currency: 'USD',
    items: [{ movieId: films[0]?.id ?? '', price: 100 }],
  });
  const email = `deleted-${gone.userId}@deleted.invalid`;
  await app.db
    .updateTable('users')
    .set({ email, deletedAt: new Date(), isActive: false, passwordHash: null })
    .where('id', '=', gone.userId)
    .execute();
  for (const list of ['orders', 'payments']) {
    const { body } = await app.rest('GET', `/admin/${list}?userId=${gone.userId}`, { viewer: moderator });
    expect(body.items).toMatchObject([{ buyer: null }]);
    const file = await app.rest('GET', `/admin/${list}?format=csv&userId=${gone.userId}`, { viewer: moderator });
    expect(file.body).not.toContain('deleted-');
    expect((await app.rest('GET', `/admin/${list}?email=deleted-`, { viewer: moderator })).body.items).toEqual([]);
  }
});

test('what a user spent is what he paid less what he got back, and films that went back are no purchases', async () => {
  const admin = await app.signIn({ role: 'admin' });
  const viewer = await app.signIn();
  const buy = (items: { movieId: string; price: number }[], currency = 'USD') =>
    recordSale(app.db, viewer.userId, { createdAt: at('2026-01-01T00:00:00Z'), paidAt: new Date(), currency, items });
  const [one = '', two = '', three = ''] = films.map(({ id }) => id);
  const { paymentId } = await buy([
    { movieId: one, price: 900 },
    { movieId: two, price: 600 },
  ]);
  await buy([{ movieId: three, price: 300 }], 'EUR');
  const look = async () => await admin.client.admin.users.get.query({ userId: viewer.userId });
  expect(await look()).toMatchObject({ purchaseCount: 3, spend: [{ amount: 300 }, { amount: 1_500 }] });

  await recordRefund(app.db, paymentId, { at: new Date(), amount: 600, movieIds: [two] });
  await recordRefund(app.db, paymentId, { at: new Date(), amount: 50 });
  await app.db.updateTable('payments').set({ status: 'partially_refunded' }).where('id', '=', paymentId).execute();
  const after = await look();
  expect(after.spend).toEqual([
    { amount: 300, currency: 'EUR' },
    { amount: 850, currency: 'USD' },
  ]);
  expect([after.purchaseCount, after.purchases.map(({ movieId }) => movieId).toSorted()]).toEqual([
    2,
    [one, three].toSorted(),
  ]);
});
