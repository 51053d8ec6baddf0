import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { deleteDueAccounts } from '../privacy/erasure.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { countJobs, openOrder, placeOrder, rowsOf, untilQuiet } from '../testing/shop.ts';
import { expireOrdersJob } from './cancel-jobs.ts';
import { cancelExpiredOrders } from './cancel.ts';

const HOUR = 3_600;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => {
  app.stripe.setFaults({ status: null, dropConnection: null, match: null });
  app.stripe.configureWebhooks({ drop: null });
});
afterAll(() => app[Symbol.asyncDispose]());

async function expireOrders(): Promise<void> {
  await cancelExpiredOrders(app.deps, new AbortController().signal);
}

async function cartOf({ client }: Viewer): Promise<string[]> {
  return (await client.cart.get.query()).items.map(({ movie }) => movie.id);
}

async function makeOld(orderId: string): Promise<void> {
  await app.db.updateTable('orders').where('id', '=', orderId).set({ expiresAt: app.clock.now() }).execute();
}

test('an order that was not paid in time is canceled by a job that comes every minute, and its films return', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  const order = await placeOrder(viewer, [film]);
  await expireOrders();
  expect((await rowsOf(app, order.id)).order.status).toBe('pending');

  app.clock.advance(HOUR + 1);
  await viewer.client.$session.signIn({ email: viewer.email, password: 'Correct-horse1' });
  await app.deps.queue.enqueue(app.db, expireOrdersJob, {});
  await untilQuiet(app);
  expect((await viewer.client.orders.get.query({ orderId: order.id })).status).toBe('canceled');
  expect(await cartOf(viewer)).toEqual([film.id]);
  expect(await countJobs(app, ['completed'], expireOrdersJob.name)).toBeGreaterThan(0);
});

test('its page is closed at Stripe before, and one that stuck holds up no other', async () => {
  const [viewer, other] = [await app.signIn(), await app.signIn()];
  const stuck = [await openOrder(app, viewer), await openOrder(app, viewer)];
  const opened = await openOrder(app, other);
  const plain = await placeOrder(other, [await createMovie(app.db)]);
  for (const { order } of [...stuck, opened]) await makeOld(order.id);
  await makeOld(plain.id);
  app.stripe.setFaults({ status: 500, match: `POST /v1/checkout/sessions/${stuck[0]!.sessionId}` });
  await expireOrders();

  const statusOf = async (id: string) => (await rowsOf(app, id)).order.status;
  expect(await Promise.all([stuck[0]!.order.id, stuck[1]!.order.id, opened.order.id, plain.id].map(statusOf))).toEqual([
    'pending',
    'canceled',
    'canceled',
    'canceled',
  ]);
  const session = await app.deps.stripe.checkout.sessions.retrieve(opened.sessionId);
  expect(session.status).toBe('expired');
  expect(await cartOf(viewer)).toEqual([stuck[1]!.film.id]);

  app.stripe.setFaults({ status: null });
  await expireOrders();
  expect(await statusOf(stuck[0]!.order.id)).toBe('canceled');
});

test('one that was paid in the last moment, though nobody told us, is paid', async () => {
  const viewer = await app.signIn();
  app.stripe.configureWebhooks({ drop: true });
  const { order, sessionId, film } = await openOrder(app, viewer);
  app.stripe.pay(sessionId);
  await makeOld(order.id);
  await expireOrders();
  const { order: row, library } = await rowsOf(app, order.id);
  expect([row.status, library.map(({ movieId }) => movieId)]).toEqual(['paid', [film.id]]);
});

test('one whose page Stripe does not know is canceled once nobody can have it open any more', async () => {
  const viewer = await app.signIn();
  const { order, paymentId } = await openOrder(app, viewer);
  const payment = app.db.updateTable('payments').where('id', '=', paymentId);
  await payment.set({ stripeSessionId: 'cs_test_of_another_shop' }).execute();
  await makeOld(order.id);
  await expireOrders();
  expect((await rowsOf(app, order.id)).order.status).toBe('pending');
  await payment.set({ expiresAt: app.clock.now() }).execute();
  await expireOrders();
  expect((await rowsOf(app, order.id)).order.status).toBe('canceled');
});

test('one whose payment waits for a person to look at it is left alone', async () => {
  const viewer = await app.signIn();
  const { order, paymentId } = await openOrder(app, viewer);
  const under = { status: 'successful', closedAt: new Date(), reviewReason: 'amount_mismatch' } as const;
  await app.db.updateTable('payments').where('id', '=', paymentId).set(under).execute();
  await makeOld(order.id);
  await expireOrders();
  expect((await rowsOf(app, order.id)).order.status).toBe('pending');
});

test('the films of an account that was deleted meanwhile return to no cart', async () => {
  const viewer = await app.signIn();
  const order = await placeOrder(viewer, [await createMovie(app.db)]);
  await app.db.updateTable('users').where('id', '=', viewer.userId).set({ deletesAt: app.clock.now() }).execute();
  await deleteDueAccounts(app.deps, new AbortController().signal);
  await makeOld(order.id);
  await expireOrders();
  expect((await rowsOf(app, order.id)).order.status).toBe('canceled');
  const items = await app.db.selectFrom('cartItems').where('userId', '=', viewer.userId).selectAll().execute();
  expect(items).toEqual([]);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
