import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs } from '../testing/jobs.ts';
import {
  eventsOf,
  type OpenOrder,
  openOrder,
  placeOrder,
  postWebhook,
  receiptsOf,
  rowsOf,
  untilQuiet,
} from '../testing/shop.ts';
import { stripeEventJob } from './events.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

type Spoil = (opened: OpenOrder, otherOrderId: string) => Promise<unknown>;

const payment = (id: string) => app.db.updateTable('payments').where('id', '=', id);

test.for<[what: string, reason: string, spoil: Spoil]>([
  ['less than was asked', 'amount_mismatch', ({ paymentId }) => payment(paymentId).set({ amount: 1000 }).execute()],
  ['more than was asked', 'amount_mismatch', ({ paymentId }) => payment(paymentId).set({ amount: 998 }).execute()],
  ['another currency', 'currency_mismatch', ({ paymentId }) => payment(paymentId).set({ currency: 'EUR' }).execute()],
  ['another order', 'order_mismatch', ({ paymentId }, orderId) => payment(paymentId).set({ orderId }).execute()],
])('money for %s gives nothing, and a person is called', async ([, reason, spoil]) => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer);
  const { id: otherOrderId } = await placeOrder(viewer, [await createMovie(app.db)]);
  await spoil(opened, otherOrderId);
  app.logs.length = 0;

  app.stripe.pay(opened.sessionId);
  await untilQuiet(app);
  const events = await eventsOf(app, opened.paymentId);
  await Promise.all(events.map(({ id }) => app.stripe.resendEvent(id)));
  await untilQuiet(app);

  const reviewed = await app.db
    .selectFrom('payments')
    .where('id', '=', opened.paymentId)
    .selectAll()
    .executeTakeFirstOrThrow();
  expect(reviewed).toMatchObject({
    status: 'successful',
    reviewReason: reason,
    stripePaymentIntentId: expect.stringMatching(/^pi_/),
    closedAt: expect.any(Date),
  });
  const alerts = app.logs.map((line) => JSON.parse(line)).filter((line) => line.alert !== undefined);
  expect(alerts).toMatchObject([
    { alert: 'needs_review', paymentId: opened.paymentId, reviewReason: reason, level: 50 },
  ]);
  for (const id of [opened.order.id, otherOrderId]) {
    const { order: row, library } = await rowsOf(app, id);
    expect([row.paidAt, library]).toEqual([null, []]);
  }
  expect((await viewer.client.library.list.query({})).items).toEqual([]);
  expect(receiptsOf(app, viewer, opened.order)).toBe(0);

  // Until it is clear what the money was for, it is not asked for again.
  const again = await app.rest('POST', `/orders/${reviewed.orderId}/checkout`, { viewer });
  expect([again.status, again.body.reason]).toEqual([409, 'order_not_pending']);
});

test("an event about a payment that nobody here knows is kept and tried again, and is in nobody's way", async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer);
  const object = { id: 'cs_test_of_another_shop', object: 'checkout.session', metadata: { paymentId: randomUUID() } };
  const event = { id: 'evt_unknown', object: 'event', type: 'checkout.session.completed', livemode: false };
  const body = JSON.stringify({ ...event, data: { object } });
  expect((await postWebhook(app, body)).status).toBe(200);
  const jobOfIt = async () =>
    (await listJobs(app, stripeEventJob.name)).find(({ data }) => JSON.stringify(data).includes(event.id));
  await vi.waitFor(async () => expect((await jobOfIt())?.state).toBe('retry'), { timeout: 20_000 });

  app.stripe.pay(opened.sessionId);
  await vi.waitFor(async () => expect((await rowsOf(app, opened.order.id)).order.status).toBe('paid'));
  // Its last try.
  await sql`update boss.job set retry_count = retry_limit, start_after = now() where state = 'retry'`.execute(app.db);
  await vi.waitFor(async () => expect((await jobOfIt())?.state).toBe('failed'), { timeout: 20_000 });
  const letters = await listJobs(app, `${stripeEventJob.name}.dead`);
  expect(letters).toMatchObject([{ state: 'created', data: { eventId: event.id } }]);
  const kept = app.db.selectFrom('stripeEvents').where('id', '=', event.id).select('processedAt');
  expect(await kept.execute()).toEqual([{ processedAt: null }]);
});
