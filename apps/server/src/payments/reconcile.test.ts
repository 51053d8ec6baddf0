import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { buy, chargeOf, libraryOf, refundedOf } from '../testing/refunds.ts';
import { openOrder, placeOrder, receiptsOf, rowsOf, sessionIdOf, untilQuiet } from '../testing/shop.ts';
import { reconcileJob, sweepJob } from './reconcile-jobs.ts';
import { reconcilePayments } from './reconcile.ts';
import { refundJob } from './refund-jobs.ts';
import { sweepPayments } from './sweep.ts';

const MINUTE = 60;

let app: TestApp;
let viewer: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.signIn();
});
afterEach(async () => {
  app.stripe.setFaults({ status: null, dropConnection: null, dropResponse: null, match: null, latencyMs: null });
  listen(true);
  await untilQuiet(app);
});
afterAll(() => app[Symbol.asyncDispose]());

function listen(isListening: boolean): void {
  app.stripe.setWebhookUrl(isListening ? `${app.url}/webhooks/stripe` : null);
}

async function run(job: typeof reconcileJob): Promise<void> {
  await app.deps.queue.enqueue(app.db, job, {});
  await waitUntilDone(app, job.name);
  await untilQuiet(app);
}

/** Makes a payment as old as the reconciler wants it: the clock moves for Stripe too, and its pages would expire. */
async function age(paymentId: string, minutes: number): Promise<void> {
  const createdAt = new Date(app.clock.now().getTime() - minutes * MINUTE * 1_000);
  await app.db.updateTable('payments').where('id', '=', paymentId).set({ createdAt, askedAt: null }).execute();
}

function alerts(): string[] {
  return app.logs.flatMap((line) => (JSON.parse(line) as { alert?: string }).alert ?? []);
}

describe('the reconciler', () => {
  test('finds the money whose webhook was lost, once it is ten minutes old', async () => {
    const opened = await openOrder(app, viewer);
    listen(false);
    app.stripe.pay(opened.sessionId);
    await age(opened.paymentId, 9);
    await run(reconcileJob);
    expect((await rowsOf(app, opened.order.id)).order.status).toBe('pending');
    await age(opened.paymentId, 11);
    await run(reconcileJob);
    expect((await rowsOf(app, opened.order.id)).order.status).toBe('paid');
    expect(await libraryOf(viewer)).toContain(opened.film.id);
    expect(receiptsOf(app, viewer, opened.order)).toBe(1);
  });

  test('finds the money of an attempt that was given up here', async () => {
    const opened = await openOrder(app, viewer);
    listen(false);
    app.stripe.pay(opened.sessionId);
    const closed = { status: 'canceled' as const, closedAt: new Date() };
    await app.db.updateTable('payments').where('id', '=', opened.paymentId).set(closed).execute();
    await age(opened.paymentId, 11);
    await run(reconcileJob);
    expect((await rowsOf(app, opened.order.id)).order.status).toBe('paid');
  });

  test('closes what ran out, and an attempt whose page nobody was given; the order can be paid still', async () => {
    const film = await createMovie(app.db);
    const { id: orderId } = await placeOrder(viewer, [film]);
    app.stripe.setFaults({ dropResponse: true, match: 'POST /v1/checkout/sessions' });
    await expect(viewer.client.orders.checkout.mutate({ orderId })).rejects.toMatchObject({
      data: { reason: 'gateway_unavailable' },
    });
    app.stripe.setFaults({ dropResponse: null });
    const [lost] = (await rowsOf(app, orderId)).payments;
    expect(lost).toMatchObject({ status: 'pending', stripeSessionId: null });
    await age(lost!.id, 11);
    await run(reconcileJob);
    expect((await rowsOf(app, orderId)).payments).toMatchObject([
      { status: 'canceled', closedAt: expect.any(Date), settledAt: expect.any(Date) },
    ]);

    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId });
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    const { payments } = await rowsOf(app, orderId);
    expect(payments.map(({ status }) => status)).toEqual(['canceled', 'successful']);
  });

  test('is not needed where Stripe keeps a failure under its key: the next page is asked for under another', async () => {
    const { id: orderId } = await placeOrder(viewer, [await createMovie(app.db)]);
    app.stripe.setFaults({ status: 500, keepStatus: true, match: 'POST /v1/checkout/sessions' });
    await expect(viewer.client.orders.checkout.mutate({ orderId })).rejects.toMatchObject({
      data: { reason: 'gateway_unavailable' },
    });
    app.stripe.setFaults({ status: null, keepStatus: null });
    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId });
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    expect((await rowsOf(app, orderId)).order.status).toBe('paid');
  });

  test('goes on with refunds that have found no end', async () => {
    const bought = await buy(app, viewer, 500);
    app.stripe.setFaults({ dropConnection: true, match: '' });
    await viewer.client.refunds.request.mutate({ orderId: bought.orderId, reason: 'x' });
    // Its job gave up long ago.
    await vi.waitFor(async () => {
      const given = sql`delete from boss.job where name = ${refundJob.name} and state < 'active' returning id`;
      const { rows } = await given.execute(app.db);
      expect(rows.length).toBeGreaterThan(0);
    });
    const createdAt = new Date(app.clock.now().getTime() - 26 * 3_600_000);
    await app.db.updateTable('refunds').where('paymentId', '=', bought.paymentId).set({ createdAt }).execute();
    const before = alerts().length;
    await expect(reconcilePayments(app.deps, new AbortController().signal)).rejects.toThrow('1 payments');
    expect(alerts().slice(before)).toEqual(['refund_stuck']);
    app.stripe.setFaults({ dropConnection: null, match: null });
    await run(reconcileJob);
    expect((await viewer.client.orders.get.query({ orderId: bought.orderId })).status).toBe('refunded');
    expect(refundedOf(app, bought.orderId)).toEqual([500]);
  });

  test('harms nothing while Stripe is away, and does not forget', async () => {
    const opened = await openOrder(app, viewer);
    listen(false);
    app.stripe.pay(opened.sessionId);
    await age(opened.paymentId, 11);
    app.stripe.setFaults({ status: 503 });
    await expect(reconcilePayments(app.deps, new AbortController().signal)).rejects.toThrow('could not be reconciled');
    expect((await rowsOf(app, opened.order.id)).order.status).toBe('pending');
    app.stripe.setFaults({ status: null });
    await age(opened.paymentId, 11);
    await run(reconcileJob);
    expect((await rowsOf(app, opened.order.id)).order.status).toBe('paid');
  });

  test('leaves alone what is settled', async () => {
    await run(reconcileJob);
    const before = await app.db.selectFrom('payments').where('settledAt', 'is not', null).selectAll().execute();
    await run(reconcileJob);
    const after = await app.db.selectFrom('payments').where('settledAt', 'is not', null).selectAll().execute();
    expect(after).toEqual(before);
  });
});

describe('the sweep', () => {
  test('brings here what happened at Stripe: money, refunds and disputes', async () => {
    listen(false);
    const opened = await openOrder(app, viewer, 700);
    app.stripe.pay(opened.sessionId);
    listen(true);
    const [refunded, disputed] = [await buy(app, viewer, 500), await buy(app, viewer, 600)];
    listen(false);
    app.stripe.refundCharge(refunded.chargeId);
    app.stripe.disputeCharge(disputed.chargeId);
    await run(sweepJob);
    const { order } = await rowsOf(app, opened.order.id);
    expect(order.status).toBe('paid');
    expect((await rowsOf(app, refunded.orderId)).order.status).toBe('refunded');
    expect((await rowsOf(app, disputed.orderId)).payments).toMatchObject([{ reviewReason: 'disputed' }]);
    expect(await chargeOf(app, opened.order.id)).not.toBe('');
  });

  test('calls a person for money that nobody here knows, and for payments that Stripe does not know', async () => {
    const { stripe } = app.deps;
    const foreign = await stripe.checkout.sessions.create({
      mode: 'payment',
      success_url: 'http://elsewhere.test/',
      line_items: [{ quantity: 1, price_data: { currency: 'usd', unit_amount: 900, product_data: { name: 'x' } } }],
    });
    listen(false);
    app.stripe.pay(foreign.id);
    const forged = await buy(app, viewer, 0);
    const row = {
      orderId: forged.orderId,
      userId: viewer.userId,
      gateway: 'stripe' as const,
      status: 'successful' as const,
      amount: 900,
      currency: 'USD',
      stripeSessionId: 'cs_test_forged',
      expiresAt: new Date(),
      closedAt: app.clock.now(),
      settledAt: app.clock.now(),
    };
    const { id } = await app.db.insertInto('payments').values(row).returning('id').executeTakeFirstOrThrow();
    const before = alerts().length;
    await sweepPayments(app.deps, new AbortController().signal);
    // The session and its charge.
    expect(alerts().slice(before)).toEqual(['unknown_money', 'unknown_money', 'needs_review']);
    const payment = await app.db.selectFrom('payments').where('id', '=', id).selectAll().executeTakeFirst();
    expect(payment?.reviewReason).toBe('unknown_to_gateway');
  });
});
