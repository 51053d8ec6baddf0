import type { RouterInputs, RouterOutputs } from '@online-cinema/client';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { addUp, randomFrom, randomSale } from '../testing/reference-sales.ts';
import { recordRefund, recordSale, type TestSale } from '../testing/sales.ts';
import { setSpan } from './analytics-queries.ts';

type Report = RouterOutputs['admin']['analytics']['sales'];

// Its clocks go forward on 29 March 2026 and back on 25 October: days of 23 and 25 hours.
const TIME_ZONE = 'Europe/Kyiv';
const SPRING = { from: '2026-03-20', to: '2026-04-08' };
const AUTUMN = { from: '2026-10-20', to: '2026-10-30' };

let app: TestApp;
let moderator: Viewer;
let buyer: Viewer;
beforeAll(async () => {
  app = await startTestApp({ SHOP_TIME_ZONE: TIME_ZONE });
  moderator = await app.signIn({ role: 'moderator' });
  buyer = await app.signIn();
});
afterAll(() => app[Symbol.asyncDispose]());

/** The figures of a row or total, short. */
function figuresOf(row: Report['totals'][number]) {
  const { revenue, refunds, net, conversion: _conversion, orders, items, placed, converted } = row;
  expect(net.amount).toBe(revenue.amount - refunds.amount);
  expect([refunds.currency, net.currency]).toEqual([revenue.currency, revenue.currency]);
  return { revenue: revenue.amount, refunds: refunds.amount, orders, items, placed, converted };
}

/** A report as a table: what each row is about, with its currency, and its figures. */
async function report(input: RouterInputs['admin']['analytics']['sales']) {
  const answer = await moderator.client.admin.analytics.sales.query(input);
  const about = (row: Report['rows'][number]) =>
    'day' in row ? row.day : 'movie' in row ? row.movie.id : (row.genre?.name ?? 'none');
  return {
    answer,
    totals: new Map(answer.totals.map((row) => [row.revenue.currency, figuresOf(row)])),
    rows: new Map(answer.rows.map((row) => [`${row.revenue.currency} ${about(row)}`, figuresOf(row)])),
  };
}

async function csv(query: string): Promise<string[][]> {
  const { status, headers, body } = await app.rest('GET', `/admin/analytics/sales?${query}`, { viewer: moderator });
  expect([status, headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
  return String(body)
    .trimEnd()
    .split('\r\n')
    .map((line) => line.split(','));
}

test('a day begins and ends where the shop is, also when it has 23 or 25 hours', async () => {
  const film = await createMovie(app.db, { genres: ['Clock'] });
  const sell = (paidAt: string) =>
    recordSale(app.db, buyer.userId, {
      createdAt: new Date(paidAt),
      paidAt: new Date(paidAt),
      currency: 'CZK',
      items: [{ movieId: film.id, price: 100 }],
    });
  // The last moment of the 28th, first and last of the 29th (+02:00, +03:00), the first of the 30th.
  await sell('2026-03-28T21:59:59.999Z');
  await sell('2026-03-28T22:00:00.000Z');
  await sell('2026-03-29T20:59:59.999Z');
  await sell('2026-03-29T21:00:00.000Z');
  // Of the 25th (+03:00, +02:00) and the 26th.
  await sell('2026-10-24T20:59:59.999Z');
  await sell('2026-10-24T21:00:00.000Z');
  await sell('2026-10-25T21:59:59.999Z');
  await sell('2026-10-25T22:00:00.000Z');

  const ordersOf = async (from: string, to: string) => {
    const { answer } = await report({ from, to });
    const rows = answer.by === 'day' ? answer.rows.filter(({ revenue }) => revenue.currency === 'CZK') : [];
    return rows.map(({ day, orders, placed }) => [day.slice(5), orders, placed]);
  };
  expect(await ordersOf('2026-03-28', '2026-03-30')).toEqual([
    ['03-28', 1, 1],
    ['03-29', 2, 2],
    ['03-30', 1, 1],
  ]);
  expect(await ordersOf('2026-10-24', '2026-10-26')).toEqual([
    ['10-24', 1, 1],
    ['10-25', 2, 2],
    ['10-26', 1, 1],
  ]);
  expect(await ordersOf('2026-03-29', '2026-03-29')).toEqual([['03-29', 2, 2]]);
  expect(await ordersOf('2026-10-25', '2026-10-25')).toEqual([['10-25', 2, 2]]);
  const { totals } = await report({ from: '2026-10-25', to: '2026-10-25', by: 'movie' });
  expect(totals.get('CZK')).toMatchObject({ orders: 2, revenue: 200 });
});

test('a report that names no days is about the last thirty', async () => {
  const dayOf = (daysAgo: number) => {
    const moment = new Date(app.clock.now().getTime() - daysAgo * 86_400_000);
    return new Intl.DateTimeFormat('en-CA', { timeZone: TIME_ZONE, dateStyle: 'short' }).format(moment);
  };
  const { answer } = await report({});
  expect([answer.from, answer.to, answer.by]).toEqual([dayOf(29), dayOf(0), 'day']);
  expect(await moderator.client.admin.analytics.sales.query({ to: '2026-03-20' })).toMatchObject({
    from: '2026-02-19',
    to: '2026-03-20',
  });
  expect((await csv('format=csv')).length).toBeGreaterThan(30);
});

test('days without sales have rows of nothing, in the currency of the shop when nothing happened at all', async () => {
  const { body } = await app.rest('GET', '/admin/analytics/sales?from=2020-02-28&to=2020-03-01', { viewer: moderator });
  const nothing = { amount: 0, currency: 'USD' };
  const row = { revenue: nothing, refunds: nothing, net: nothing, orders: 0, items: 0, placed: 0, converted: 0 };
  expect(body).toEqual({
    by: 'day',
    from: '2020-02-28',
    to: '2020-03-01',
    timeZone: TIME_ZONE,
    totals: [],
    rows: ['2020-02-28', '2020-02-29', '2020-03-01'].map((day) => ({ day, ...row, conversion: null })),
  });
});

test('a discount is no revenue; a refund counts on its own day, and may leave less than nothing', async () => {
  const [cheap, dear] = [await createMovie(app.db, { genres: ['Two', 'Three'] }), await createMovie(app.db)];
  const { paymentId } = await recordSale(app.db, buyer.userId, {
    createdAt: new Date('2024-05-01T09:00:00Z'),
    paidAt: new Date('2024-05-02T09:00:00Z'),
    currency: 'USD',
    items: [
      { movieId: cheap.id, price: 500, discount: 100 },
      { movieId: dear.id, price: 1_000, discount: 200 },
    ],
    refunds: [{ at: new Date('2024-05-04T09:00:00Z'), amount: 800, movieIds: [dear.id] }],
  });
  await recordRefund(app.db, paymentId, { at: new Date('2024-05-04T10:00:00Z'), amount: 100 });

  const byDay = await report({ from: '2024-05-01', to: '2024-05-04' });
  const none = { revenue: 0, refunds: 0, orders: 0, items: 0, placed: 0, converted: 0 };
  expect(Object.fromEntries(byDay.rows)).toEqual({
    'USD 2024-05-01': { ...none, placed: 1, converted: 1 },
    'USD 2024-05-02': { ...none, revenue: 1_200, orders: 1, items: 2 },
    'USD 2024-05-03': none,
    'USD 2024-05-04': { ...none, refunds: 900 },
  });
  expect(byDay.answer.rows.map(({ net }) => net.amount)).toEqual([0, 1_200, 0, -900]);
  expect(byDay.answer.rows.map(({ conversion }) => conversion)).toEqual([1, null, null, null]);

  // The hundred without films fall to both, by what was paid: 33 to the one of 400, 67 to the one of 800.
  const byMovie = await report({ from: '2024-05-01', to: '2024-05-04', by: 'movie' });
  expect(Object.fromEntries(byMovie.rows)).toEqual({
    [`USD ${cheap.id}`]: { revenue: 400, refunds: 33, orders: 1, items: 1, placed: 1, converted: 1 },
    [`USD ${dear.id}`]: { revenue: 800, refunds: 867, orders: 1, items: 1, placed: 1, converted: 1 },
  });
  // Whole in each genre: more than was sold. The totals know better.
  const byGenre = await report({ from: '2024-05-01', to: '2024-05-04', by: 'genre' });
  expect(Object.fromEntries([...byGenre.rows].map(([about, { revenue }]) => [about, revenue]))).toEqual({
    'USD Drama': 800,
    'USD Three': 400,
    'USD Two': 400,
  });
  expect(byGenre.totals).toEqual(byDay.totals);
});

test('a zone whose days Postgres can not tell stops the start, with the name of the variable', async () => {
  // Node knows it, and Postgres takes it for an abbreviation only.
  await expect(app.startReplica({ SHOP_TIME_ZONE: 'PST' })).rejects.toThrow('SHOP_TIME_ZONE');
});

test('money that bought nothing is no sale, and no refund of one', async () => {
  const film = await createMovie(app.db);
  const at = new Date('2024-07-01T12:00:00Z');
  const items = [{ movieId: film.id, price: 700 }];
  const { orderId } = await recordSale(app.db, buyer.userId, { createdAt: at, paidAt: at, currency: 'USD', items });
  const second = await app.db
    .insertInto('payments')
    .values({
      orderId,
      userId: buyer.userId,
      gateway: 'stripe',
      status: 'refunded',
      amount: 700,
      currency: 'USD',
      createdAt: at,
      expiresAt: at,
      closedAt: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await recordRefund(app.db, second.id, { at, amount: 700 });
  await recordSale(app.db, buyer.userId, { createdAt: at, paidAt: null, status: 'canceled', currency: 'USD', items });
  for (const by of ['day', 'movie', 'genre'] as const) {
    const { rows, totals } = await report({ from: '2024-07-01', to: '2024-07-01', by });
    const sold = { revenue: 700, refunds: 0, orders: 1, items: 1, placed: 2, converted: 1 };
    expect([...rows.values(), totals.get('USD')]).toEqual([sold, sold]);
  }
});

describe('random orders and refunds', () => {
  const CURRENCIES = ['USD', 'EUR'];
  const GENRES = [['Noir'], ['Noir', 'Western'], [], ['Musical', 'Noir', 'Western']];
  const sales: TestSale[] = [];
  const genresOf = new Map<string, string[]>();

  beforeAll(async () => {
    const random = randomFrom(20_261_120);
    const films: string[] = [];
    for (let index = 0; index < 8; index += 1) {
      const genres = GENRES[index % GENRES.length] ?? [];
      const { id } = await createMovie(app.db, { genres });
      films.push(id);
      genresOf.set(id, genres);
    }
    for (const [start, count] of [
      [Date.parse('2026-03-18T00:00:00Z'), 120],
      [Date.parse('2026-10-18T00:00:00Z'), 60],
    ] as const) {
      for (let index = 0; index < count; index += 1) sales.push(randomSale(random, films, start));
    }
    for (const sale of sales) await recordSale(app.db, buyer.userId, sale);
  });

  test.for([
    ['day', SPRING],
    ['movie', SPRING],
    ['genre', SPRING],
    ['day', AUTUMN],
    ['movie', AUTUMN],
    ['genre', AUTUMN],
    ['movie', { from: '2026-03-29', to: '2026-03-29' }],
  ] as const)('add up by %s as they do by hand: %j', async ([by, span]) => {
    const wanted = addUp(sales, genresOf, { ...span, by, timeZone: TIME_ZONE });
    const { rows, totals, answer } = await report({ ...span, by });
    const isRandom = (about: string) => !about.startsWith('CZK');
    const found = [...rows].filter(
      ([about, row]) => isRandom(about) && Object.values(row).some((value) => value !== 0),
    );
    expect(found.length).toBeGreaterThan(3);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted.rows));
    for (const currency of CURRENCIES) expect(totals.get(currency)).toEqual(wanted.totals.get(currency));
    if (by === 'day') return;
    for (const currency of CURRENCIES) {
      const nets = answer.rows.flatMap(({ net }) => (net.currency === currency ? [net.amount] : []));
      expect(nets).toEqual(nets.toSorted((a, b) => b - a));
    }
  });

  // One plan for a day and a year would be far too slow for either, of a million orders.
  test('are looked for in as many orders as Postgres knows those days to have', async () => {
    await sql`analyze orders, order_items`.execute(app.db);
    const rowsExpected = async (from: string, to: string) =>
      await app.db.transaction().execute(async (trx) => {
        await setSpan(trx, { from, to, timeZone: TIME_ZONE });
        const plan = await sql<{ 'QUERY PLAN': [{ Plan: { 'Plan Rows': number } }] }>`
          explain (format json) select * from sales_lines`.execute(trx.withoutPlugins());
        return plan.rows[0]?.['QUERY PLAN'][0].Plan['Plan Rows'] ?? 0;
      });
    const [all] = await app.db
      .selectFrom('orderItems')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .execute();
    expect(await rowsExpected('2020-01-01', '2026-12-31')).toBeGreaterThan((all?.count ?? 0) / 2);
    expect(await rowsExpected('2010-01-01', '2010-12-31')).toBeLessThan((all?.count ?? 0) / 20);
  });

  test('come as a file with the same figures, by format, by Accept and from the SDK', async () => {
    const query = `from=${SPRING.from}&to=${SPRING.to}`;
    for (const by of ['day', 'movie', 'genre'] as const) {
      const [header = [], ...lines] = await csv(`${query}&by=${by}&format=csv`);
      const { rows } = await report({ ...SPRING, by });
      expect(lines).toHaveLength(rows.size);
      const sumOf = (column: string) => lines.reduce((sum, line) => sum + Number(line[header.indexOf(column)]), 0);
      const figures = [...rows.values()];
      expect(sumOf('revenueAmount')).toBe(figures.reduce((sum, { revenue }) => sum + revenue, 0));
      expect(sumOf('netAmount')).toBe(figures.reduce((sum, { revenue, refunds }) => sum + revenue - refunds, 0));
      let text = '';
      for await (const piece of await moderator.client.admin.analytics.exportSales.query({ ...SPRING, by }))
        text += piece;
      expect(text.trimEnd().split('\r\n')).toEqual([header, ...lines].map((line) => line.join(',')));
    }
    const accepted = await app.rest('GET', `/admin/analytics/sales?${query}`, {
      viewer: moderator,
      headers: { accept: 'text/csv' },
    });
    expect(accepted.headers.get('content-disposition')).toMatch(/^attachment; filename="sales-[\d-]+\.csv"$/);
    expect(accepted.body).toMatch(/^day,currency,/);
    const json = await app.rest('GET', `/admin/analytics/sales?${query}&format=json`, {
      viewer: moderator,
      headers: { accept: 'text/csv' },
    });
    expect(json.body.by).toBe('day');
  });
});

test.for([
  'from=2026-01-02&to=2026-01-01',
  'from=2025-01-01&to=2026-02-05',
  'from=2026-02-30&to=2026-03-01',
  'from=2026-01-01T00:00:00Z&to=2026-01-02',
  'from=2020-01-01',
  'from=2026-01-01&to=2026-01-02&by=hour',
  'from=2026-01-01&to=2026-01-02&format=xml',
])('refuses %s', async (query) => {
  const { status, body } = await app.rest('GET', `/admin/analytics/sales?${query}`, { viewer: moderator });
  expect([status, body.reason]).toEqual([400, 'invalid_input']);
});
