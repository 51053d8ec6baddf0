import { createCinemaClient } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { accountsCleanUpJob } from './accounts/clean-up-jobs.ts';
import { lockShopper } from './cart/queries.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from './testing/app.ts';
import { createMovie } from './testing/factories.ts';
import { waitUntilDone } from './testing/jobs.ts';
import { startServerProcess } from './testing/process.ts';
import { placeOrder, tally } from './testing/shop.ts';

const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function fillCart({ client }: Viewer, count = 1): Promise<void> {
  for (let film = 0; film < count; film += 1) await client.cart.add.mutate({ movieId: (await createMovie(app.db)).id });
}

async function order(viewer: Viewer, key: string, body: object = {}) {
  return await app.rest('POST', '/orders', { viewer, body, headers: { 'idempotency-key': key } });
}

async function ordersOf({ client }: Viewer) {
  return (await client.orders.list.query({ limit: 100 })).items;
}

async function startApiProcess() {
  const { databaseUrl, dataDir, publicUrl } = app.config;
  return await startServerProcess({
    PROCESS: 'api',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PUBLIC_URL: publicUrl,
    STRIPE_API_URL: app.stripe.url,
  });
}

describe('a request that is sent again with its key', () => {
  test('is answered as before, to the byte, and does nothing', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, 2);
    const first = await order(viewer, 'a key');
    await fillCart(viewer);
    const second = await order(viewer, 'a key');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(JSON.stringify(second.body)).toBe(JSON.stringify(first.body));
    expect(await ordersOf(viewer)).toHaveLength(1);
  });

  test('is answered as before over RPC too, whichever way it came first', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer);
    const client = createCinemaClient({ baseUrl: app.url, headers: { 'idempotency-key': 'over both' } });
    await client.$session.signIn({ email: viewer.email, password: PASSWORD });
    const overRpc = await client.orders.create.mutate({});
    expect(await client.orders.create.mutate({})).toEqual(overRpc);
    expect(overRpc.order.createdAt).toBeInstanceOf(Date);
    const overRest = await order(viewer, 'over both');
    expect(overRest.body).toEqual(JSON.parse(JSON.stringify(overRpc)));
    expect(await ordersOf(viewer)).toHaveLength(1);
  });

  test('is another request when somebody else sends it', async () => {
    const [one, other] = [await app.signIn(), await app.signIn()];
    for (const viewer of [one, other]) await fillCart(viewer);
    const [first, second] = [await order(one, 'shared'), await order(other, 'shared')];
    expect(second.status).toBe(201);
    expect(second.body.order.id).not.toBe(first.body.order.id);
  });

  test('opens one checkout, also of an order that is paid by that', async () => {
    const viewer = await app.signIn();
    for (const priceAmount of [999, 0]) {
      const { id } = await placeOrder(viewer, [await createMovie(app.db, { priceAmount })]);
      const headers = { 'idempotency-key': `checkout ${id}` };
      const open = () => app.rest('POST', `/orders/${id}/checkout`, { viewer, headers });
      const answers = await Promise.all(Array.from({ length: 50 }, open));
      answers.push(await open());
      expect(tally(answers)).toEqual({ 200: 51 });
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    }
  });
});

describe('a key is refused', () => {
  test('for another input, and for another procedure', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, 2);
    const { body } = await order(viewer, 'used');
    const { id } = body.order;
    for (const answer of [
      await order(viewer, 'used', { expectedTotal: { amount: 1, currency: 'USD' } }),
      await app.rest('POST', `/orders/${id}/checkout`, { viewer, headers: { 'idempotency-key': 'used' } }),
    ]) {
      expect([answer.status, answer.body.reason]).toEqual([409, 'idempotency_conflict']);
    }
  });

  test.for([
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['not plain', 'schlüssel'],
  ])('when it is %s', async ([, key]) => {
    const viewer = await app.signIn();
    await fillCart(viewer);
    const answer = await order(viewer, key!);
    expect([answer.status, answer.body.reason, answer.body.issues?.[0].path]).toEqual([
      400,
      'invalid_input',
      ['Idempotency-Key'],
    ]);
    expect((await order(viewer, `${'~'.repeat(254)} !`.slice(0, 255))).status).toBe(201);
  });
});

test('a refusal is not kept: the same request may succeed later', async () => {
  const viewer = await app.signIn();
  expect((await order(viewer, 'patient')).body.reason).toBe('cart_empty');
  await fillCart(viewer);
  expect((await order(viewer, 'patient')).status).toBe(201);
});

describe('at the same time, in two processes,', () => {
  async function send(viewer: Viewer, keyOf: (call: number) => string) {
    const replica = await app.startReplica({ PROCESS: 'api' });
    const token = await viewer.client.$session.accessToken();
    return await Promise.all(
      Array.from({ length: 50 }, async (_, call) => {
        const response = await fetch(`${call % 2 ? app.url : replica.url}/api/v1/orders`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'idempotency-key': keyOf(call) },
        });
        return { status: response.status, headers: response.headers, body: await response.json() };
      }),
    );
  }

  test('fifty requests with one key make one order, and all are told of it', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, 3);
    const answers = await send(viewer, () => 'one key');
    expect(tally(answers)).toEqual({ 201: 50 });
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await ordersOf(viewer)).toHaveLength(1);
  });

  test('fifty requests with fifty keys make one order, and one is told of it', async () => {
    const viewer = await app.signIn();
    await fillCart(viewer, 3);
    expect(tally(await send(viewer, (call) => `key ${call}`))).toEqual({ 201: 1, cart_empty: 49 });
    expect(await ordersOf(viewer)).toHaveLength(1);
  });
});

test('a process that is killed after the commit leaves the answer to the next one', async () => {
  const viewer = await app.signIn();
  for (const delayMs of [0, 3]) {
    const before = (await ordersOf(viewer)).length;
    await fillCart(viewer);
    await using server = await startApiProcess();
    const token = await viewer.client.$session.accessToken();
    const key = `killed ${delayMs}`;
    const sent = fetch(`${server.url}/api/v1/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': key },
    }).catch(() => null);
    await vi.waitFor(async () => expect(await ordersOf(viewer)).toHaveLength(before + 1), { interval: 1 + delayMs });
    server.child.kill('SIGKILL');
    await Promise.all([server.exited, sent]);

    const answer = await order(viewer, key);
    const [newest] = await ordersOf(viewer);
    expect([answer.status, answer.body.order?.id]).toEqual([201, newest?.id]);
    expect(await ordersOf(viewer)).toHaveLength(before + 1);
  }
});

test('what a process was killed at before its commit is done by another one, as soon as it is known to be dead', async () => {
  const viewer = await app.signIn();
  await fillCart(viewer);
  await using server = await startApiProcess();
  const token = await viewer.client.$session.accessToken();
  await app.db.transaction().execute(async (trx) => {
    // It can go no further than to the lock that every order takes first.
    await lockShopper(trx, viewer.userId);
    const sent = fetch(`${server.url}/api/v1/orders`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'idempotency-key': 'dead' },
    }).catch(() => null);
    const claims = () =>
      app.db.selectFrom('idempotencyKeys').where('userId', '=', viewer.userId).select('key').execute();
    await vi.waitFor(async () => expect(await claims()).toHaveLength(1));
    server.child.kill('SIGKILL');
    await Promise.all([server.exited, sent]);
  });

  const early = await order(viewer, 'dead');
  expect([early.status, early.body.reason, early.headers.get('retry-after')]).toEqual([503, 'unavailable', '5']);
  expect((await order(viewer, 'dead', { movieIds: ['heat-1995'] })).body.reason).toBe('idempotency_conflict');
  app.clock.advance(61);
  expect((await order(viewer, 'dead')).status).toBe(201);
  expect(await ordersOf(viewer)).toHaveLength(1);
});

test('an answer is kept for a day, and swept after it', async () => {
  const viewer = await app.signIn();
  await fillCart(viewer);
  await order(viewer, 'daily');
  const count = async () => {
    const rows = await app.db.selectFrom('idempotencyKeys').where('userId', '=', viewer.userId).select('key').execute();
    return rows.length;
  };
  const sweep = async () => {
    await app.deps.queue.enqueue(app.db, accountsCleanUpJob, {});
    await waitUntilDone(app, accountsCleanUpJob.name);
  };
  await sweep();
  expect(await count()).toBe(1);
  app.clock.advance(DAY);
  await viewer.client.$session.signIn({ email: viewer.email, password: PASSWORD });
  await fillCart(viewer);
  // Too old to be answered by it, swept or not.
  expect((await order(viewer, 'daily')).status).toBe(201);
  expect(await ordersOf(viewer)).toHaveLength(2);
  app.clock.advance(DAY);
  await sweep();
  expect(await count()).toBe(0);
});

test('a web app of another origin may send a key', async () => {
  const other = await app.startReplica({ PROCESS: 'api', CORS_ORIGINS: 'https://web.example' });
  const { headers } = await fetch(`${other.url}/api/v1/orders`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://web.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  });
  expect(headers.get('access-control-allow-headers')).toContain('idempotency-key');
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
