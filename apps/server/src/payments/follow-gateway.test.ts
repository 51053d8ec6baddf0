import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { alertsOf, buy, chargeOf, libraryOf, type Purchase, refundedOf } from '../testing/refunds.ts';
import { openOrder, rowsOf, untilQuiet } from '../testing/shop.ts';
import { followGateway } from './follow-gateway.ts';

let app: TestApp;
let viewer: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.signIn();
});
afterEach(() => {
  app.stripe.beginRefunds(null);
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
});
afterAll(() => app[Symbol.asyncDispose]());

async function look({ orderId }: Pick<Purchase, 'orderId'>) {
  const { status, payment, refunds } = await viewer.client.orders.get.query({ orderId });
  const owned = (await rowsOf(app, orderId)).library.map(({ movieId }) => movieId).sort();
  return {
    status,
    payment: payment?.status,
    refunds: refunds.map(({ origin, status: state, amount }) => [origin, state, amount.amount]),
    owned,
  };
}

function mails(subject: RegExp): number {
  return app.inbox.messages().filter(({ subject: each }) => subject.test(each)).length;
}

describe('a refund made in the dashboard', () => {
  test('of all of it takes the films back, however often and in whatever order Stripe tells', async () => {
    for (const turn of [0, 1, 2]) {
      const bought = await buy(app, viewer, 500, 600);
      const { number } = await viewer.client.orders.get.query({ orderId: bought.orderId });
      app.stripe.setWebhookUrl(null);
      const { id } = app.stripe.refundCharge(bought.chargeId);
      app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
      const { data } = await app.deps.stripe.events.list({ limit: 3 });
      expect(data.map(({ type }) => type).sort()).toEqual(['charge.refunded', 'refund.created', 'refund.updated']);
      const events = [...data.slice(turn), ...data.slice(0, turn)].flatMap((event) => [event, event, event]);
      await Promise.all(events.map((event) => app.stripe.resendEvent(event.id)));
      await untilQuiet(app);
      const after = { status: 'refunded', payment: 'refunded', refunds: [['dashboard', 'succeeded', 1100]], owned: [] };
      expect(await look(bought)).toEqual(after);
      expect(mails(new RegExp(`Refund for order ${number}$`))).toBe(1);
      const rows = await app.db.selectFrom('refunds').where('stripeId', '=', id).select('number').execute();
      expect(rows).toEqual([{ number: expect.any(Number) }]);
    }
  });

  test('of a part is money only; the rest goes back with the films', async () => {
    const bought = await buy(app, viewer, 500, 600);
    app.stripe.refundCharge(bought.chargeId, 200);
    await untilQuiet(app);
    expect(await look(bought)).toEqual({
      status: 'paid',
      payment: 'partially_refunded',
      refunds: [['dashboard', 'succeeded', 200]],
      owned: bought.films.map(({ id }) => id).sort(),
    });
    const one = await viewer.client.refunds.request.mutate({
      orderId: bought.orderId,
      movieIds: [bought.films[1]!.id],
      reason: 'x',
    });
    const two = await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    expect([one.amount.amount, two.amount.amount]).toEqual([600, 300]);
    expect(await look(bought)).toMatchObject({ status: 'refunded', payment: 'refunded', owned: [] });
    expect(refundedOf(app, bought.orderId)).toEqual([200, 600, 300]);
  });

  test('closes what the buyer had asked for', async () => {
    const bought = await buy(app, viewer, 500);
    const before = new Date(app.clock.now().getTime() - 20 * 86_400_000);
    await app.db.updateTable('orders').where('id', '=', bought.orderId).set({ paidAt: before }).execute();
    await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    app.stripe.refundCharge(bought.chargeId);
    await untilQuiet(app);
    expect((await look(bought)).refunds).toEqual([
      ['buyer', 'rejected', 500],
      ['dashboard', 'succeeded', 500],
    ]);
  });

  test('that is told before the payment is, comes after it', async () => {
    const opened = await openOrder(app, viewer, 700);
    app.stripe.setWebhookUrl(null);
    app.stripe.pay(opened.sessionId);
    app.stripe.refundCharge(await chargeOf(app, opened.order.id));
    app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
    const { data } = await app.deps.stripe.events.list({ limit: 100, type: 'charge.refunded' });
    await app.stripe.resendEvent(data[0]!.id);
    await untilQuiet(app);
    expect(await look({ orderId: opened.order.id })).toMatchObject({
      status: 'refunded',
      payment: 'refunded',
      owned: [],
    });
  });
});

test('paid back by the buyer, the staff and the dashboard at once, it goes back once', async () => {
  const admin = await app.signIn({ role: 'admin' });
  const bought: Purchase[] = [];
  for (const _ of [1, 2, 3, 4]) bought.push(await buy(app, viewer, 500, 600));
  const acts = bought.flatMap(({ orderId, paymentId, chargeId, films }) => [
    viewer.client.refunds.request.mutate({ orderId, reason: 'x' }),
    viewer.client.refunds.request.mutate({ orderId, movieIds: [films[0]!.id], reason: 'x' }),
    admin.client.admin.payments.refund.mutate({ paymentId, reason: 'x' }),
    fetch(`${app.stripe.url}/_control/charges/${chargeId}/refund`, { method: 'POST' }),
    fetch(`${app.stripe.url}/_control/charges/${chargeId}/refund`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"amount":100}',
    }),
  ]);
  await Promise.allSettled(acts);
  await untilQuiet(app);
  for (const each of bought) {
    const paid = refundedOf(app, each.orderId).reduce((sum, amount) => sum + amount, 0);
    const { status, owned, refunds } = await look(each);
    const recorded = refunds.filter(([, state]) => state === 'succeeded').map(([, , amount]) => Number(amount));
    expect(recorded.reduce((sum, amount) => sum + amount, 0)).toBe(paid);
    expect([status, owned.length > 0]).toEqual(paid === 1100 ? ['refunded', false] : ['paid', true]);
    expect(paid).toBeLessThanOrEqual(1100);
  }
});

test('what went back in the dashboard while ours was on its way is counted when it is clear what became of ours', async () => {
  const bought = await buy(app, viewer, 500, 600);
  app.stripe.setWebhookUrl(null);
  app.stripe.refundCharge(bought.chargeId);
  const { data } = await app.deps.stripe.events.list({ limit: 100, type: 'charge.refunded' });
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: listed, resolve: list } = Promise.withResolvers<void>();
  const slowly: typeof fetch = async (...request) => {
    const response = await fetch(...request);
    list();
    await released;
    return response;
  };
  const { hostname: host, port } = new URL(app.stripe.url);
  const httpClient = Stripe.createFetchHttpClient(slowly);
  const slow = new Stripe(app.stripe.secretKey, { host, port, protocol: 'http', httpClient });
  const early = followGateway({ ...app.deps, stripe: slow }, bought.paymentId).catch(() => 'not yet');
  await listed;
  app.stripe.setFaults({ dropConnection: true, match: 'POST /v1/refunds' });
  const movieIds = [bought.films[0]!.id];
  const ours = await viewer.client.refunds.request.mutate({ orderId: bought.orderId, movieIds, reason: 'x' });
  expect(ours.status).toBe('pending');
  release();
  expect(await early).toBe('not yet');

  app.stripe.setFaults({ dropConnection: null });
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
  await app.stripe.resendEvent(data[0]!.id);
  await untilQuiet(app);
  expect(await look(bought)).toEqual({
    status: 'refunded',
    payment: 'refunded',
    refunds: [
      ['buyer', 'failed', 500],
      ['dashboard', 'succeeded', 1100],
    ],
    owned: [],
  });
  expect((await rowsOf(app, bought.orderId)).payments).toMatchObject([{ reviewReason: null }]);
});

describe('a refund the bank takes its time for', () => {
  test('is on its way until Stripe says it has come; the films stay until then', async () => {
    const bought = await buy(app, viewer, 500);
    app.stripe.beginRefunds('pending');
    const asked = await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    await untilQuiet(app);
    expect(asked.status).toBe('pending');
    expect((await look(bought)).owned).toHaveLength(1);
    const { data } = await app.deps.stripe.refunds.list({ charge: bought.chargeId });
    app.stripe.finishRefund(data[0]!.id, 'succeeded');
    await untilQuiet(app);
    expect(await look(bought)).toEqual({
      status: 'refunded',
      payment: 'refunded',
      refunds: [['buyer', 'succeeded', 500]],
      owned: [],
    });
  });

  test('fails: a person is called, the films stay, and it can be tried again', async () => {
    const bought = await buy(app, viewer, 500);
    app.stripe.beginRefunds('pending');
    await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    const { data } = await app.deps.stripe.refunds.list({ charge: bought.chargeId });
    app.stripe.finishRefund(data[0]!.id, 'failed');
    await untilQuiet(app);
    expect(await look(bought)).toMatchObject({ status: 'paid', refunds: [['buyer', 'failed', 500]] });
    expect(alertsOf(app, bought.paymentId)).toEqual(['refund_failed']);
    app.stripe.beginRefunds(null);
    const again = await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    expect(again.status).toBe('succeeded');
  });

  test('comes back after all: it stays made, and a person has to pay in another way', async () => {
    const bought = await buy(app, viewer, 500);
    await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    await untilQuiet(app);
    const { data } = await app.deps.stripe.refunds.list({ charge: bought.chargeId });
    app.stripe.finishRefund(data[0]!.id, 'failed');
    await untilQuiet(app);
    expect(await look(bought)).toMatchObject({ status: 'refunded', owned: [] });
    expect(alertsOf(app, bought.paymentId)).toEqual(['refund_failed']);
    expect((await rowsOf(app, bought.orderId)).payments).toMatchObject([{ reviewReason: 'refund_failed' }]);
  });
});

describe('a dispute', () => {
  test('calls a person and takes nothing; lost, it takes all; told twice, once', async () => {
    const bought = await buy(app, viewer, 500, 600);
    const asked = { orderId: bought.orderId, movieIds: [bought.films[0]!.id], reason: 'x' };
    await viewer.client.refunds.request.mutate(asked);
    const { id } = app.stripe.disputeCharge(bought.chargeId);
    await untilQuiet(app);
    expect((await look(bought)).owned).toEqual([bought.films[1]!.id]);
    expect((await rowsOf(app, bought.orderId)).payments).toMatchObject([{ reviewReason: 'disputed' }]);
    expect(alertsOf(app, bought.paymentId)).toEqual(['needs_review']);
    await expect(viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' })).rejects.toMatchObject({
      data: { reason: 'not_refundable' },
    });

    app.stripe.closeDispute(id, 'lost');
    await untilQuiet(app);
    const { data } = await app.deps.stripe.events.list({ limit: 100, type: 'charge.dispute.closed' });
    await app.stripe.resendEvent(data[0]!.id);
    await untilQuiet(app);
    expect(await look(bought)).toEqual({
      status: 'refunded',
      payment: 'refunded',
      refunds: [
        ['buyer', 'succeeded', 500],
        ['dispute', 'succeeded', 600],
      ],
      owned: [],
    });
    // Of the 1100 the bank took, 500 had gone back before.
    expect((await rowsOf(app, bought.orderId)).payments).toMatchObject([{ reviewReason: 'refunded_beyond' }]);
    expect(alertsOf(app, bought.paymentId)).toEqual(['needs_review', 'needs_review']);
    const beyond = app.logs.map((line) => JSON.parse(line)).find((line) => line.stripeId === id);
    expect(beyond).toMatchObject({ reviewReason: 'refunded_beyond', amount: 1100, beyond: 500 });
    const moderator = await app.signIn({ role: 'moderator' });
    const listed = await moderator.client.admin.payments.list.query({ needsReview: true });
    expect(listed.items.map(({ id: paymentId }) => paymentId)).toContain(bought.paymentId);
  });

  test('of what went back whole calls a person once, however often it is told', async () => {
    const bought = await buy(app, viewer, 500);
    await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    const { id } = app.stripe.disputeCharge(bought.chargeId);
    await untilQuiet(app);
    app.stripe.closeDispute(id, 'lost');
    await untilQuiet(app);
    const { data } = await app.deps.stripe.events.list({ limit: 100, type: 'charge.dispute.closed' });
    await app.stripe.resendEvent(data[0]!.id);
    await untilQuiet(app);
    await followGateway(app.deps, bought.paymentId);
    expect(alertsOf(app, bought.paymentId)).toEqual(['needs_review', 'needs_review']);
    expect((await rowsOf(app, bought.orderId)).payments).toMatchObject([{ reviewReason: 'refunded_beyond' }]);
  });

  test('is no time to grant what the buyer asked for: it waits', async () => {
    const admin = await app.signIn({ role: 'admin' });
    const bought = await buy(app, viewer, 500);
    const before = new Date(app.clock.now().getTime() - 20 * 86_400_000);
    await app.db.updateTable('orders').where('id', '=', bought.orderId).set({ paidAt: before }).execute();
    const asked = await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    app.stripe.disputeCharge(bought.chargeId);
    await untilQuiet(app);
    await expect(admin.client.refunds.approve.mutate({ refundId: asked.id })).rejects.toMatchObject({
      data: { reason: 'not_refundable' },
    });
    expect((await look(bought)).refunds).toEqual([['buyer', 'requested', 500]]);
  });

  test('that is won leaves everything as it was', async () => {
    const bought = await buy(app, viewer, 500);
    const { id } = app.stripe.disputeCharge(bought.chargeId);
    await untilQuiet(app);
    app.stripe.closeDispute(id, 'won');
    await untilQuiet(app);
    expect(await look(bought)).toMatchObject({ status: 'paid', payment: 'successful', refunds: [] });
    expect((await rowsOf(app, bought.orderId)).payments).toMatchObject([{ reviewReason: null }]);
    expect(await libraryOf(viewer)).toContain(bought.films[0]!.id);
  });
});
