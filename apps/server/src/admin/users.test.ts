import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { placeOrder } from '../testing/shop.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin', email: 'boss@cinema.example' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function find(query: string): Promise<string[]> {
  const { status, body } = await app.rest('GET', `/admin/users?${query}`, { viewer: admin });
  expect(status).toBe(200);
  return body.items.map((user: { email: string }) => user.email);
}

describe('the list of users', () => {
  beforeAll(async () => {
    for (const [email, role] of [
      ['ada@list.example', 'user'],
      ['percent%sign@list.example', 'moderator'],
      ['under_score@list.example', 'user'],
      ['underXscore@list.example'.toLowerCase(), 'user'],
    ] as const) {
      await app.signIn({ email, role });
    }
    await app.anonymous.accounts.register.mutate({ email: 'pending@list.example', password: 'Correct-horse1' });
    const name = { firstName: 'Zoë', lastName: "O'Hara-Šimić" };
    const { id } = await app.db
      .selectFrom('users')
      .where('email', '=', 'ada@list.example')
      .select('id')
      .executeTakeFirstOrThrow();
    await app.db.updateTable('profiles').set(name).where('userId', '=', id).execute();
  });

  test('shows an account as it is, and nothing that opens it', async () => {
    const { body } = await app.rest('GET', '/admin/users?query=ada@list', { viewer: admin });
    expect(body).toEqual({
      items: [
        {
          id: expect.any(String),
          email: 'ada@list.example',
          role: 'user',
          isActive: true,
          activatedAt: expect.stringMatching(/^\d{4}-/),
          closedAt: null,
          createdAt: expect.stringMatching(/^\d{4}-/),
          firstName: 'Zoë',
          lastName: "O'Hara-Šimić",
        },
      ],
      nextCursor: null,
      total: 1,
    });
  });

  test.for([
    ['query=ADA%40LIST', ['ada@list.example']],
    ['query=%20ada%40list%20', ['ada@list.example']],
    [`query=${encodeURIComponent("zoë o'hara")}`, ['ada@list.example']],
    [`query=${encodeURIComponent('šimić')}`, ['ada@list.example']],
    ['query=t%25s', ['percent%sign@list.example']],
    ['query=%25', ['percent%sign@list.example']],
    ['query=under_', ['under_score@list.example']],
    ['query=nobody-has-this', []],
    ['query=%5C', []],
    ['query=list.example&role=moderator', ['percent%sign@list.example']],
    ['query=list.example&isActive=false', ['pending@list.example']],
    ['query=pending&isActive=true', []],
    ['role=admin', ['boss@cinema.example']],
  ] as const)('answers %s', async ([query, found]) => {
    expect(await find(query)).toEqual(found);
  });

  test.for([1, 2, 100])('in pages of %i is complete, newest first, and counted once', async (limit) => {
    const rows = await app.db
      .selectFrom('users')
      .select(['email'])
      .orderBy('createdAt', 'desc')
      .orderBy('id', 'desc')
      .execute();
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await admin.client.admin.users.list.query({ limit, ...(cursor && { cursor }) });
      expect(page.total).toBe(cursor ? null : rows.length);
      seen.push(...page.items.map((user) => user.email));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(rows.map(({ email }) => email));
  });

  test('refuses a cursor of another filter, and filters that are none', async () => {
    const { nextCursor } = await admin.client.admin.users.list.query({ limit: 1 });
    const other = await app.rest('GET', `/admin/users?role=user&cursor=${nextCursor}`, { viewer: admin });
    expect([other.status, other.body.reason]).toEqual([400, 'invalid_cursor']);
    for (const query of ['role=king', 'isActive=yes', 'query=', 'limit=0', 'passwordHash=x']) {
      const { status, body } = await app.rest('GET', `/admin/users?${query}`, { viewer: admin });
      expect([query, status, body.reason]).toEqual([query, 400, 'invalid_input']);
    }
  });
});

describe('one user', () => {
  test('is shown with the devices that are signed in, the films bought, and what was paid', async () => {
    const viewer = await app.signIn();
    const films = [await createMovie(app.db, { priceAmount: 999 }), await createMovie(app.db, { priceAmount: 501 })];
    const order = await placeOrder(viewer, films);
    const waiting = await placeOrder(viewer, [await createMovie(app.db)]);
    // What the worker does when the gateway says that it was paid.
    const paidAt = app.clock.now();
    await app.db.updateTable('orders').set({ status: 'paid', paidAt }).where('id', '=', order.id).execute();
    for (const [orderId, status, amount] of [
      [order.id, 'declined', 1500],
      [order.id, 'successful', 1500],
      [waiting.id, 'pending', 999],
    ] as const) {
      const closedAt = status === 'pending' ? null : paidAt;
      const attempt = {
        orderId,
        status,
        amount,
        closedAt,
        userId: viewer.userId,
        currency: 'USD',
        gateway: 'stripe',
      } as const;
      await app.db
        .insertInto('payments')
        .values({ ...attempt, expiresAt: paidAt })
        .execute();
    }

    const { status, headers, body } = await app.rest('GET', `/admin/users/${viewer.userId}`, { viewer: admin });

    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({ id: viewer.userId, email: viewer.email, role: 'user', isActive: true });
    expect(body.sessions).toEqual([
      {
        id: expect.any(String),
        ip: '127.0.0.1',
        userAgent: expect.any(String),
        createdAt: expect.any(String),
        lastUsedAt: expect.any(String),
      },
    ]);
    expect(body.purchases).toEqual(
      films.map((film, index) => ({
        movieId: film.id,
        slug: film.slug,
        name: film.name,
        year: 2000,
        price: { amount: [999, 501][index], currency: 'USD' },
        orderId: order.id,
        orderNumber: order.number,
        boughtAt: paidAt.toISOString(),
      })),
    );
    expect(body.purchaseCount).toBe(2);
    expect(body.spend).toEqual([{ amount: 1500, currency: 'USD' }]);
    expect(JSON.stringify(body)).not.toMatch(/argon2|passwordHash|generation/);
  });

  test('who never bought anything and is nowhere signed in is shown too', async () => {
    const { id } = await app.anonymous.accounts.register.mutate({
      email: 'new@one.example',
      password: 'Correct-horse1',
    });
    const { sessions, purchases, purchaseCount, spend, activatedAt } = await admin.client.admin.users.get.query({
      userId: id,
    });
    expect({ sessions, purchases, purchaseCount, spend, activatedAt }).toEqual({
      sessions: [],
      purchases: [],
      purchaseCount: 0,
      spend: [],
      activatedAt: null,
    });
  });

  test('a session that ran out is not shown', async () => {
    const viewer = await app.signIn();
    app.clock.advance(8 * 86_400);
    const fresh = await app.signIn({ role: 'admin' });
    expect((await fresh.client.admin.users.get.query({ userId: viewer.userId })).sessions).toEqual([]);
    admin = await app.signIn({ role: 'admin' });
  });

  test('who was deleted is 404, and in no list', async () => {
    const { userId, email } = await app.signIn();
    await app.db
      .updateTable('users')
      .set({ email: `deleted-${userId}@deleted.invalid`, passwordHash: null, isActive: false, deletedAt: new Date() })
      .where('id', '=', userId)
      .execute();
    expect(await find(`query=${email}`)).toEqual([]);
    expect(await find('query=deleted.invalid')).toEqual([]);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['POST', '/activate', undefined],
      ['POST', '/deactivate', undefined],
      ['POST', '/change-role', { role: 'admin' }],
      ['POST', '/reset-totp', {}],
    ] as const) {
      const answer = await app.rest(method, `/admin/users/${userId}${path}`, { viewer: admin, body });
      expect([path, answer.status, answer.body.reason]).toEqual([path, 404, 'not_found']);
    }
  });

  test('who is not there is 404, and what is no id is 400', async () => {
    for (const [id, status] of [
      [randomUUID(), 404],
      ['me', 400],
    ] as const) {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/activate'],
        ['POST', '/deactivate'],
        ['POST', '/reset-totp'],
      ] as const) {
        expect((await app.rest(method, `/admin/users/${id}${path}`, { viewer: admin })).status).toBe(status);
      }
      const body = { role: 'user' };
      expect((await app.rest('POST', `/admin/users/${id}/change-role`, { viewer: admin, body })).status).toBe(status);
    }
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
