import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { placeOrder } from '../testing/shop.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function orderOneFilm(viewer: Viewer, priceAmount = 999) {
  return await placeOrder(viewer, [await createMovie(app.db, { priceAmount })]);
}

test('an order of somebody else is as one that is not there, byte for byte', async () => {
  const [owner, stranger] = [await app.signIn(), await app.signIn()];
  const { id } = await orderOneFilm(owner);
  for (const [method, path] of [
    ['GET', ''],
    ['POST', '/checkout'],
  ] as const) {
    const answers = [id, randomUUID()].map((orderId) =>
      app.rest(method, `/orders/${orderId}${path}`, { viewer: stranger }),
    );
    const [foreign, missing] = (await Promise.all(answers)).map(({ status, headers, body }) => {
      const requestId = body.requestId as string;
      const kept = [...headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
      return JSON.stringify({ status, kept, body }).replaceAll(requestId, '');
    });
    expect(foreign).toBe(missing);
    expect(JSON.parse(String(missing)).status).toBe(404);
  }
  await expect(stranger.client.orders.get.query({ orderId: id })).rejects.toMatchObject({
    data: { reason: 'not_found' },
  });
  expect((await stranger.client.orders.list.query({})).items).toEqual([]);
});

test('what is no id is 400, and who is not signed in is told so', async () => {
  const viewer = await app.signIn();
  expect((await app.rest('GET', '/orders/1001', { viewer })).status).toBe(400);
  for (const [method, path] of [
    ['POST', '/orders'],
    ['GET', '/orders'],
    ['GET', `/orders/${randomUUID()}`],
    ['POST', `/orders/${randomUUID()}/checkout`],
    ['GET', '/payments'],
  ] as const) {
    expect((await app.rest(method, path, { body: method === 'POST' ? {} : undefined })).status).toBe(401);
  }
});

describe('a list', () => {
  let viewer: Viewer;
  let newestFirst: string[];
  let paid: string[];
  beforeAll(async () => {
    viewer = await app.signIn();
    const ids: string[] = [];
    for (let count = 0; count < 11; count += 1) ids.push((await orderOneFilm(viewer, 0)).id);
    // Some were made in the same moment: the id then decides.
    const createdAt = new Date('2026-01-01T00:00:00.123Z');
    await app.db.updateTable('orders').where('id', 'in', ids.slice(2, 8)).set({ createdAt }).execute();
    paid = ids.filter((_, index) => index % 3 === 0);
    for (const orderId of paid) await viewer.client.orders.checkout.mutate({ orderId });
    const rows = await app.db
      .selectFrom('orders')
      .where('userId', '=', viewer.userId)
      .select(['id', 'createdAt'])
      .execute();
    newestFirst = rows
      .sort((one, other) => Number(other.createdAt) - Number(one.createdAt) || (other.id < one.id ? -1 : 1))
      .map(({ id }) => id);
  });

  async function walk(query: string): Promise<{ ids: string[]; totals: (number | null)[] }> {
    const ids: string[] = [];
    const totals: (number | null)[] = [];
    let cursor = '';
    do {
      const { status, body } = await app.rest('GET', `/orders?${query}${cursor}`, { viewer });
      expect(status).toBe(200);
      ids.push(...body.items.map((order: { id: string }) => order.id));
      totals.push(body.total);
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    return { ids, totals };
  }

  test.for([1, 2, 3, 11, 100])('in pages of %i has neither gaps nor repeats', async (limit) => {
    const { ids, totals } = await walk(`limit=${limit}`);
    expect(ids).toEqual(newestFirst);
    expect(totals).toEqual([11, ...Array.from({ length: Math.ceil(11 / limit) - 1 }, () => null)]);
  });

  test('goes on where it was, although new orders came', async () => {
    const first = await viewer.client.orders.list.query({ limit: 4 });
    await orderOneFilm(viewer);
    const second = await viewer.client.orders.list.query({ limit: 100, cursor: first.nextCursor! });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(newestFirst);
    await app.db.deleteFrom('orders').where('userId', '=', viewer.userId).where('totalAmount', '=', 999).execute();
  });

  test('of one status holds those, and counts those', async () => {
    expect((await walk('limit=2&status=paid')).ids).toEqual(newestFirst.filter((id) => paid.includes(id)));
    expect((await walk('limit=2&status=pending')).ids).toEqual(newestFirst.filter((id) => !paid.includes(id)));
    expect(await walk('status=canceled')).toEqual({ ids: [], totals: [0] });
    expect((await walk('limit=3&status=paid')).totals).toEqual([4, null]);
    expect((await app.rest('GET', '/orders?status=free', { viewer })).status).toBe(400);
  });

  test('refuses the cursor of another list, another filter and another person', async () => {
    const other = await app.signIn();
    const { nextCursor: cursor } = await viewer.client.orders.list.query({ limit: 2 });
    const { nextCursor: ofMovies } = await viewer.client.movies.list.query({ limit: 2 });
    for (const [who, query] of [
      [viewer, `/orders?cursor=${ofMovies}`],
      [viewer, `/orders?status=paid&cursor=${cursor}`],
      [viewer, `/payments?cursor=${cursor}`],
      [other, `/orders?cursor=${cursor}`],
      [viewer, '/orders?cursor=nonsense'],
    ] as const) {
      const answer = await app.rest('GET', query, { viewer: who });
      expect([query, answer.status, answer.body.reason]).toEqual([query, 400, 'invalid_cursor']);
    }
  });

  test('refuses a cursor somebody has tampered with', async () => {
    const { nextCursor } = await viewer.client.orders.list.query({ limit: 2 });
    const parts = JSON.parse(Buffer.from(nextCursor!, 'base64url').toString('utf8')) as [string, string, string];
    const [binding, key, id] = parts;
    for (const [forged, reason] of [
      [[binding, 'one fine day', id], 'invalid_cursor'],
      [[binding, key, 'no id'], 'invalid_cursor'],
      [[binding, key], 'invalid_cursor'],
      [[binding, 7, id], 'invalid_cursor'],
      [{ binding, key, id }, 'invalid_cursor'],
    ] as const) {
      const cursor = Buffer.from(JSON.stringify(forged)).toString('base64url');
      const answer = await app.rest('GET', `/orders?cursor=${cursor}`, { viewer });
      expect([answer.status, answer.body.reason]).toEqual([400, reason]);
    }
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
