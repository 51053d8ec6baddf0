import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { formatMoney } from '../lib/money.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { type JobRow, listJobs, retryNow } from '../testing/jobs.ts';
import { refundedOf } from '../testing/refunds.ts';
import {
  eventsOf,
  openByHand,
  type OpenOrder,
  openOrder,
  placeOrder,
  postWebhook,
  receiptsOf,
  rowsOf,
  sessionIdOf,
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

test.for([
  ['too much', 'amount_mismatch', { amount: 5000, currency: 'usd' }],
  ['too little', 'amount_mismatch', { amount: 150, currency: 'usd' }],
  ['another currency', 'currency_mismatch', { amount: 999, currency: 'eur' }],
] as const)('%s, paid on a page made by hand, goes back as it came; the order can be paid then', async (given) => {
  const [, reason, { amount, currency }] = given;
  const [viewer, admin] = [await app.signIn(), await app.signIn({ role: 'admin' })];
  const opened = await openOrder(app, viewer);
  const { paymentId, order } = opened;
  const orderId = order.id;
  const taken = { amount, currency: currency.toUpperCase() };
  const find = async () => (await admin.client.admin.payments.list.query({ userId: viewer.userId })).items;
  expect((await find())[0]).not.toHaveProperty('taken');
  // One that nobody pays is of no interest.
  app.stripe.expire(await openByHand(app, opened, { amount, currency }));
  await untilQuiet(app);
  expect(await find()).toMatchObject([{ status: 'pending', stripeSessionId: opened.sessionId }]);
  app.stripe.pay(await openByHand(app, opened, { amount, currency }));
  await untilQuiet(app);

  const asked = { amount: 999, currency: 'USD' };
  expect(await find()).toMatchObject([{ status: 'successful', reviewReason: reason, amount: asked, taken }]);
  // Nobody pays twice, nor is sent in a circle.
  expect((await app.deps.stripe.checkout.sessions.retrieve(opened.sessionId)).status).toBe('expired');
  for (const [act, refusal] of [
    ['checkout', 'order_not_pending'],
    ['cancel', 'order_not_pending'],
    ['refund', 'not_refundable'],
  ] as const) {
    const body = act === 'refund' ? { reason: 'x' } : {};
    expect((await app.rest('POST', `/orders/${orderId}/${act}`, { viewer, body })).body.reason).toBe(refusal);
  }
  const spent = async () => (await admin.client.admin.users.get.query({ userId: viewer.userId })).spend;
  expect(await spent()).toEqual([taken]);

  const refund = await admin.client.admin.payments.refund.mutate({ paymentId, reason: 'x' });
  expect(refund).toMatchObject({ status: 'succeeded', amount: taken });
  await untilQuiet(app);
  expect(await find()).toMatchObject([{ status: 'refunded', reviewReason: null, taken, refunded: taken }]);
  expect(refundedOf(app, orderId)).toEqual([amount]);
  expect(await spent()).toEqual([]);
  const { text } = await app.inbox.waitFor({ to: viewer.email, subject: `Refund for order ${order.number}` });
  expect(text).toContain(formatMoney(taken));

  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId });
  app.stripe.pay(sessionIdOf(checkoutUrl));
  await untilQuiet(app);
  expect(await viewer.client.orders.get.query({ orderId })).toMatchObject({
    status: 'paid',
    payment: { amount: asked },
  });
});

test("an event about a payment that nobody here knows is kept and tried again, and is in nobody's way", async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer);
  const object = { id: 'cs_test_of_another_shop', object: 'checkout.session', metadata: { paymentId: randomUUID() } };
  const event = { id: 'evt_unknown', object: 'event', type: 'checkout.session.completed', livemode: false };
  const body = JSON.stringify({ ...event, data: { object } });
  expect((await postWebhook(app, body)).status).toBe(200);
  const jobOfIt = () => jobAbout(event.id);
  await vi.waitFor(async () => expect((await jobOfIt())?.state).toBe('retry'), { timeout: 20_000 });

  app.stripe.pay(opened.sessionId);
  await vi.waitFor(async () => expect((await rowsOf(app, opened.order.id)).order.status).toBe('paid'));
  expect(app.logs.filter((line) => line.includes('unknown_event'))).toEqual([]);
  // After two minutes nobody waits for it any more.
  await wait(event.id);
  await vi.waitFor(async () => expect((await jobOfIt())?.state).toBe('failed'), { timeout: 20_000 });
  const letters = await listJobs(app, `${stripeEventJob.name}.dead`);
  expect(letters).toMatchObject([{ state: 'created', data: { eventId: event.id } }]);
  const kept = app.db.selectFrom('stripeEvents').where('id', '=', event.id).select('processedAt');
  expect(await kept.execute()).toEqual([{ processedAt: null }]);
  expect(eventAlerts(event.id)).toEqual(['unknown_event']);
});

test('an event that can not be read is a dead letter at once, and a person is called', async () => {
  const event = { id: 'evt_unreadable', object: 'event', type: 'checkout.session.completed', livemode: false };
  expect((await postWebhook(app, JSON.stringify({ ...event, data: null }))).status).toBe(200);
  await vi.waitFor(async () => expect(await lettersOf(event.id)).toBe(1), { timeout: 20_000 });
  expect(eventAlerts(event.id)).toEqual(['unknown_event']);
});

test('an event that can not be understood while Stripe is away is tried for longer than that', async () => {
  app.stripe.setFaults({ status: 500, match: 'GET /v1/payment_intents' });
  const object = { id: 're_elsewhere', object: 'refund', payment_intent: 'pi_elsewhere' };
  const event = { id: 'evt_waiting', object: 'event', type: 'refund.created', livemode: false };
  expect((await postWebhook(app, JSON.stringify({ ...event, data: { object } }))).status).toBe(200);
  const jobOfIt = () => jobAbout(event.id);
  await vi.waitFor(async () => expect((await jobOfIt())?.state).toBe('retry'), { timeout: 20_000 });
  await wait(event.id);
  await vi.waitFor(async () => expect(await jobOfIt()).toMatchObject({ state: 'retry', retryCount: 1 }), {
    timeout: 20_000,
  });
  expect([await lettersOf(event.id), eventAlerts(event.id)]).toEqual([0, []]);
  // It speaks again, and knows of no such thing.
  app.stripe.setFaults({ status: null, match: null });
  await wait(event.id);
  await vi.waitFor(async () => expect(await lettersOf(event.id)).toBe(1), { timeout: 20_000 });
  expect(eventAlerts(event.id)).toEqual(['unknown_event']);
});

async function jobAbout(eventId: string): Promise<JobRow | undefined> {
  return (await listJobs(app, stripeEventJob.name)).find(({ data }) => JSON.stringify(data).includes(eventId));
}

/** Lets two minutes go by for an event, and has its job tried again. */
async function wait(eventId: string): Promise<void> {
  const receivedAt = new Date(Date.now() - 121_000);
  await app.db.updateTable('stripeEvents').where('id', '=', eventId).set({ receivedAt }).execute();
  const job = await jobAbout(eventId);
  if (job) await retryNow(app, job);
}

async function lettersOf(eventId: string): Promise<number> {
  const letters = await listJobs(app, `${stripeEventJob.name}.dead`);
  return letters.filter(({ data }) => JSON.stringify(data).includes(eventId)).length;
}

function eventAlerts(eventId: string): string[] {
  return app.logs
    .map((line) => JSON.parse(line) as { alert?: string; eventId?: string })
    .flatMap(({ alert, eventId: about }) => (alert !== undefined && about === eventId ? [alert] : []));
}
