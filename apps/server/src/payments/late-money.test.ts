import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { alertsOf, libraryOf, refundedOf } from '../testing/refunds.ts';
import {
  openByHand,
  type OpenOrder,
  openOrder,
  placeOrder,
  receiptsOf,
  rowsOf,
  sessionIdOf,
  untilQuiet,
} from '../testing/shop.ts';
import { sweepPayments } from './sweep.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** Cancels an order here, as if Stripe had not been asked: its page can still be paid. */
async function cancelHere({ order, paymentId }: OpenOrder): Promise<void> {
  const now = new Date();
  await app.db.updateTable('orders').where('id', '=', order.id).set({ status: 'canceled', canceledAt: now }).execute();
  const closed = { status: 'canceled' as const, closedAt: now };
  await app.db.updateTable('payments').where('id', '=', paymentId).set(closed).execute();
}

/** Pays a page, and tells of it many times at once. */
async function payLoudly({ paymentId, sessionId }: Pick<OpenOrder, 'paymentId' | 'sessionId'>): Promise<void> {
  app.stripe.configureWebhooks({ duplicate: 4, shuffle: true });
  app.stripe.pay(sessionId);
  await untilQuiet(app);
  app.stripe.configureWebhooks({ duplicate: null, shuffle: null });
  expect(alertsOf(app, paymentId)).toEqual([]);
}

async function refundsOf(viewer: Viewer, orderId: string) {
  const { refunds } = await viewer.client.orders.get.query({ orderId });
  return refunds.map(({ origin, status, amount }) => [origin, status, amount.amount]);
}

test('money for an order that was canceled meanwhile buys its films, if they still can be bought', async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer, 700);
  await cancelHere(opened);
  await viewer.client.cart.add.mutate({ movieId: opened.film.id });
  await payLoudly(opened);
  const { order, payments } = await rowsOf(app, opened.order.id);
  expect(order).toMatchObject({ status: 'paid', canceledAt: null, paidAt: expect.any(Date) });
  expect(payments).toMatchObject([{ status: 'successful', reviewReason: null }]);
  expect(await libraryOf(viewer)).toEqual([opened.film.id]);
  expect((await viewer.client.cart.get.query()).items).toEqual([]);
  expect([receiptsOf(app, viewer, opened.order), refundedOf(app, opened.order.id)]).toEqual([1, []]);
});

test('money for a canceled order whose film is in another one goes back, once', async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer, 700);
  await cancelHere(opened);
  const again = await placeOrder(viewer, [opened.film]);
  await payLoudly(opened);
  const { order, payments, library } = await rowsOf(app, opened.order.id);
  expect([order.status, payments.map(({ status }) => status), library]).toEqual(['canceled', ['refunded'], []]);
  expect(await refundsOf(viewer, opened.order.id)).toEqual([['system', 'succeeded', 700]]);
  expect(refundedOf(app, opened.order.id)).toEqual([700]);
  expect(receiptsOf(app, viewer, opened.order)).toBe(0);

  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: again.id });
  app.stripe.pay(sessionIdOf(checkoutUrl));
  await untilQuiet(app);
  expect(await libraryOf(viewer)).toEqual([opened.film.id]);
});

test('money for a canceled order of somebody who has left goes back', async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer, 700);
  await cancelHere(opened);
  const gone = {
    deletedAt: new Date(),
    email: `deleted-${viewer.userId}@deleted.invalid`,
    isActive: false,
    passwordHash: null,
  };
  await app.db.updateTable('users').where('id', '=', viewer.userId).set(gone).execute();
  await payLoudly(opened);
  expect(refundedOf(app, opened.order.id)).toEqual([700]);
  expect((await rowsOf(app, opened.order.id)).library).toEqual([]);
});

test('an order that is paid twice has the second payment back, and its films stay', async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer, 700);
  // As when our clock is ahead: the page ran out here, but not at Stripe.
  const ranOut = { expiresAt: new Date(Date.now() - 1000) };
  await app.db.updateTable('payments').where('id', '=', opened.paymentId).set(ranOut).execute();
  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: opened.order.id });
  const sessionIds = [opened.sessionId, sessionIdOf(checkoutUrl)];
  expect(new Set(sessionIds).size).toBe(2);
  app.stripe.configureWebhooks({ duplicate: 2, shuffle: true });
  for (const sessionId of sessionIds) app.stripe.pay(sessionId);
  await untilQuiet(app);
  app.stripe.configureWebhooks({ duplicate: null, shuffle: null });

  const { order, payments, library } = await rowsOf(app, opened.order.id);
  expect(order.status).toBe('paid');
  expect(payments.map(({ status }) => status).sort()).toEqual(['refunded', 'successful']);
  expect(library.map(({ movieId }) => movieId)).toEqual([opened.film.id]);
  expect(await refundsOf(viewer, opened.order.id)).toEqual([['system', 'succeeded', 700]]);
  expect([refundedOf(app, opened.order.id), receiptsOf(app, viewer, opened.order)]).toEqual([[700], 1]);
  const shown = await viewer.client.orders.get.query({ orderId: opened.order.id });
  expect(shown.payment).toMatchObject({ status: 'successful', receiptUrl: expect.stringMatching(/receipt$/) });
  // What is left is the buyer's to give back.
  const refund = await viewer.client.refunds.request.mutate({ orderId: opened.order.id, reason: 'x' });
  expect(refund).toMatchObject({ status: 'succeeded', amount: { amount: 700 } });
  expect(await libraryOf(viewer)).toEqual([]);
});

test('what is paid on another page made for the same payment goes back, heard of or found at night', async () => {
  const viewer = await app.signIn();
  const opened = await openOrder(app, viewer, 700);
  await payLoudly(opened);
  const sessionId = await openByHand(app, opened, { amount: 700, currency: 'usd' });
  await payLoudly({ ...opened, sessionId });
  expect(refundedOf(app, opened.order.id)).toEqual([700]);

  const unheard = await openByHand(app, opened, { amount: 300, currency: 'usd' });
  app.stripe.setWebhookUrl(null);
  app.stripe.pay(unheard);
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
  app.logs.length = 0;
  for (const _ of [1, 2]) {
    await sweepPayments(app.deps, new AbortController().signal);
    await untilQuiet(app);
  }
  expect(refundedOf(app, opened.order.id)).toEqual([700, 300]);
  expect(app.logs.filter((line) => line.includes('"alert"'))).toEqual([]);

  const { order, payments, library } = await rowsOf(app, opened.order.id);
  expect([order.status, library.length]).toEqual(['paid', 1]);
  expect(payments.map(({ stripeSessionId, status }) => [stripeSessionId, status])).toEqual([
    [opened.sessionId, 'successful'],
    [sessionId, 'refunded'],
    [unheard, 'refunded'],
  ]);
  expect(receiptsOf(app, viewer, opened.order)).toBe(1);
});
