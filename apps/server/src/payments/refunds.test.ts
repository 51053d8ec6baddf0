import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs } from '../testing/jobs.ts';
import { addVideo } from '../testing/media.ts';
import { alertsOf, buy, libraryOf, refundedOf } from '../testing/refunds.ts';
import { openOrder, placeOrder, rowsOf, sessionIdOf, tally, untilQuiet } from '../testing/shop.ts';

const DAY = 86_400;
const reason = 'Not my taste.';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
afterEach(() => {
  app.stripe.setFaults({ status: null, dropConnection: null, dropResponse: null, match: null });
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
});
afterAll(() => app[Symbol.asyncDispose]());

async function watch({ userId }: Viewer, movieId: string): Promise<void> {
  const progress = { userId, movieId, positionSeconds: 60, durationSeconds: 600, updatedAt: app.clock.now() };
  await app.db.insertInto('watchProgress').values(progress).execute();
}

describe('a buyer', () => {
  test('has a new order paid back at once, and owns its films no longer', async () => {
    const viewer = await app.signIn();
    const { orderId, paymentId, films } = await buy(app, viewer, 1299, 500);
    await addVideo(app, films[0]!.id);
    const { src } = await viewer.client.playback.start.mutate({ movieId: films[0]!.id });
    const watchOn = async () => (await fetch(src.replace('http://cinema.test', app.url))).status;
    expect(await watchOn()).toBe(200);
    const answer = await app.rest('POST', `/orders/${orderId}/refund`, { viewer, body: { reason } });

    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      orderId,
      paymentId,
      status: 'succeeded',
      origin: 'buyer',
      amount: { amount: 1799, currency: 'USD' },
      movieIds: films.map(({ id }) => id).sort(),
      reason,
      number: expect.any(Number),
    });
    expect(refundedOf(app, orderId)).toEqual([1799]);
    expect(await libraryOf(viewer)).toEqual([]);
    expect(await watchOn()).toBe(403);
    const order = (await app.rest('GET', `/orders/${orderId}`, { viewer })).body;
    expect(order).toMatchObject({ status: 'refunded', payment: { status: 'refunded' }, refunds: [answer.body] });
    const payment = (await app.rest('GET', `/payments/${paymentId}`, { viewer })).body;
    expect(payment).toMatchObject({ status: 'refunded', refunds: [answer.body] });
    const letter = await app.inbox.waitFor({ to: viewer.email, subject: `Refund for order ${order.number}` });
    expect(letter.text).toContain('$17.99');
    await untilQuiet(app);
    expect((await rowsOf(app, orderId)).payments).toMatchObject([{ status: 'refunded' }]);
    // What can be bought again, can be bought again.
    expect((await placeOrder(viewer, films)).status).toBe('pending');
  });

  test('gets for a film what was paid for it, and for the last one what is left', async () => {
    const viewer = await app.signIn();
    const code = 'SEVENTH';
    await admin.client.promos.create.mutate({ code, amount: { amount: 100, currency: 'USD' } });
    const films = [await createMovie(app.db, { priceAmount: 300 }), await createMovie(app.db, { priceAmount: 400 })];
    for (const { id } of films) await viewer.client.cart.add.mutate({ movieId: id });
    await viewer.client.cart.applyPromo.mutate({ code });
    const { order } = await viewer.client.orders.create.mutate({});
    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    const [first, second] = order.items.map(({ price, discount }) => price.amount - discount.amount);

    const one = await viewer.client.refunds.request.mutate({ orderId: order.id, movieIds: [films[0]!.slug], reason });
    expect([one.status, one.amount.amount, one.movieIds]).toEqual(['succeeded', first, [films[0]!.id]]);
    expect(await libraryOf(viewer)).toEqual([films[1]!.id]);
    const between = await viewer.client.orders.get.query({ orderId: order.id });
    expect([between.status, between.payment?.status]).toEqual(['paid', 'partially_refunded']);

    const two = await viewer.client.refunds.request.mutate({ orderId: order.id, reason });
    expect([two.amount.amount, two.movieIds]).toEqual([second, [films[1]!.id]]);
    const after = await viewer.client.orders.get.query({ orderId: order.id });
    expect([after.status, after.payment?.status, after.refunds.length]).toEqual(['refunded', 'refunded', 2]);
    expect(refundedOf(app, order.id)).toEqual([first, second]);
    expect(first! + second!).toBe(600);
  });

  test('who has begun a film, or comes late, has to ask; nothing happens until somebody decides', async () => {
    const viewer = await app.signIn();
    const { orderId, films } = await buy(app, viewer, 700, 800);
    await watch(viewer, films[0]!.id);
    const asked = await viewer.client.refunds.request.mutate({ orderId, movieIds: [films[0]!.id], reason });
    const unwatched = await viewer.client.refunds.request.mutate({ orderId, movieIds: [films[1]!.id], reason });
    expect([asked.status, unwatched.status]).toEqual(['requested', 'succeeded']);
    expect(await libraryOf(viewer)).toEqual([films[0]!.id]);

    const late = await buy(app, viewer, 900);
    const before = new Date(app.clock.now().getTime() - 15 * DAY * 1_000);
    await app.db.updateTable('orders').where('id', '=', late.orderId).set({ paidAt: before }).execute();
    expect((await viewer.client.refunds.request.mutate({ orderId: late.orderId, reason })).status).toBe('requested');
    await untilQuiet(app);
    expect([refundedOf(app, orderId), refundedOf(app, late.orderId)]).toEqual([[800], []]);
  });

  test('is refused what was not paid, is not there, or went back already', async () => {
    const viewer = await app.signIn();
    const { orderId, films } = await buy(app, viewer, 300, 400);
    const pending = await placeOrder(viewer, [await createMovie(app.db)]);
    const other = await createMovie(app.db);
    const ask = async (id: string, movieIds?: string[]) => {
      const { status, body } = await app.rest('POST', `/orders/${id}/refund`, { viewer, body: { reason, movieIds } });
      return [status, body.reason];
    };
    expect(await ask(pending.id)).toEqual([409, 'not_refundable']);
    expect(await ask(orderId, [films[0]!.id, other.id])).toEqual([409, 'not_refundable']);
    await viewer.client.orders.cancel.mutate({ orderId: pending.id });
    expect(await ask(pending.id)).toEqual([409, 'not_refundable']);
    expect(await ask(orderId, [films[0]!.id])).toEqual([201, reason]);
    expect(await ask(orderId, [films[0]!.id, films[1]!.id])).toEqual([409, 'already_refunded']);
    expect(await ask(orderId)).toEqual([201, reason]);
    expect(await ask(orderId)).toEqual([409, 'already_refunded']);
    expect(refundedOf(app, orderId)).toEqual([300, 400]);
  });

  test('who asks fifty times at once is paid back once', async () => {
    const viewer = await app.signIn();
    const { orderId } = await buy(app, viewer, 1299);
    const calls = await Promise.all(
      Array.from({ length: 50 }, () => app.rest('POST', `/orders/${orderId}/refund`, { viewer, body: { reason } })),
    );
    const counts: Record<string, number> = {};
    for (const { status } of calls) counts[status] = (counts[status] ?? 0) + 1;
    expect(counts).toEqual({ 201: 1, 409: 49 });
    await untilQuiet(app);
    expect(refundedOf(app, orderId)).toEqual([1299]);
  });

  test('who repeats a request with its key gets the same answer', async () => {
    const viewer = await app.signIn();
    const { orderId } = await buy(app, viewer, 1299);
    const ask = () =>
      app.rest('POST', `/orders/${orderId}/refund`, { viewer, body: { reason }, headers: { 'idempotency-key': 'r1' } });
    const [first, ...others] = [await ask(), await ask(), await ask()];
    expect([first.status, first.body.status]).toEqual([201, 'succeeded']);
    expect(others.map(({ body }) => body)).toEqual([first.body, first.body]);
  });

  test('of an order that cost nothing gives its films back, and nobody asks the gateway', async () => {
    const viewer = await app.signIn();
    const { orderId, films } = await buy(app, viewer, 0, 0);
    app.stripe.setFaults({ dropConnection: true });
    const one = await viewer.client.refunds.request.mutate({ orderId, movieIds: [films[0]!.id], reason });
    expect([one.status, one.amount.amount]).toEqual(['succeeded', 0]);
    expect(await libraryOf(viewer)).toEqual([films[1]!.id]);
    await viewer.client.refunds.request.mutate({ orderId, reason });
    expect((await viewer.client.orders.get.query({ orderId })).status).toBe('refunded');
    expect(await libraryOf(viewer)).toEqual([]);
  });
});

describe('the gateway', () => {
  test('whose answer is lost is asked again, and pays back once', async () => {
    const viewer = await app.signIn();
    const { orderId } = await buy(app, viewer, 1299);
    app.stripe.setFaults({ dropResponse: true, match: 'POST /v1/refunds' });
    app.stripe.setWebhookUrl(null);
    await viewer.client.refunds.request.mutate({ orderId, reason });
    app.stripe.setFaults({ dropResponse: null });
    await untilQuiet(app);
    expect((await viewer.client.orders.get.query({ orderId })).status).toBe('refunded');
    expect(refundedOf(app, orderId)).toEqual([1299]);
  });

  test('that is away keeps the refund on its way, and the films with their owner', async () => {
    const viewer = await app.signIn();
    const { orderId, films } = await buy(app, viewer, 1299);
    app.stripe.setFaults({ dropConnection: true, match: 'POST /v1/refunds' });
    const refund = await viewer.client.refunds.request.mutate({ orderId, reason });
    expect(refund.status).toBe('pending');
    expect(await libraryOf(viewer)).toEqual([films[0]!.id]);
    await vi.waitFor(async () => {
      const jobs = await listJobs(app, 'payments.refund');
      expect(jobs.some(({ state }) => state === 'retry')).toBe(true);
    });
    app.stripe.setFaults({ dropConnection: null });
    await untilQuiet(app);
    expect(await libraryOf(viewer)).toEqual([]);
    expect(refundedOf(app, orderId)).toEqual([1299]);
  });

  test('that refuses ends the refund: a person is called, and the films stay', async () => {
    const viewer = await app.signIn();
    const { orderId, paymentId, chargeId, films } = await buy(app, viewer, 1299);
    app.stripe.setWebhookUrl(null);
    app.stripe.disputeCharge(chargeId);
    const refund = await viewer.client.refunds.request.mutate({ orderId, reason });
    expect(refund.status).toBe('failed');
    expect(alertsOf(app, paymentId)).toContain('refund_failed');
    expect(await libraryOf(viewer)).toEqual([films[0]!.id]);
    await untilQuiet(app);
    expect((await viewer.client.orders.get.query({ orderId })).status).toBe('paid');
  });
});

describe('the staff', () => {
  test('sees what waits, and pays it back or declines it, once', async () => {
    const [viewer, moderator] = [await app.signIn(), await app.signIn({ role: 'moderator' })];
    const { orderId, films } = await buy(app, viewer, 700, 800);
    for (const { id } of films) await watch(viewer, id);
    const [granted, declined] = [
      await viewer.client.refunds.request.mutate({ orderId, movieIds: [films[0]!.id], reason }),
      await viewer.client.refunds.request.mutate({ orderId, movieIds: [films[1]!.id], reason: 'Too long.' }),
    ];
    const queue = (await app.rest('GET', '/refunds?limit=2', { viewer: moderator })).body;
    expect(queue.items).toMatchObject([
      { id: declined.id, reason: 'Too long.', buyer: { userId: viewer.userId, email: viewer.email } },
      { id: granted.id, films: [{ movieId: films[0]!.id, name: films[0]!.name, isWatched: true }] },
    ]);

    const decisions = await Promise.all([
      ...Array.from({ length: 5 }, () =>
        app.rest('POST', `/refunds/${granted.id}/approve`, { viewer: admin, body: { note: 'As a courtesy.' } }),
      ),
      ...Array.from({ length: 5 }, () =>
        app.rest('POST', `/refunds/${declined.id}/reject`, { viewer: admin, body: { note: 'Seen to the end.' } }),
      ),
    ]);
    expect(tally(decisions)).toEqual({ [reason]: 1, 'Too long.': 1, decided: 8 });
    await untilQuiet(app);
    expect(refundedOf(app, orderId)).toEqual([700]);
    expect(await libraryOf(viewer)).toEqual([films[1]!.id]);
    const order = await viewer.client.orders.get.query({ orderId });
    expect(order.refunds).toMatchObject([
      { id: granted.id, status: 'succeeded', note: 'As a courtesy.' },
      { id: declined.id, status: 'rejected', note: 'Seen to the end.' },
    ]);
    const subject = `No refund for order ${order.number}`;
    expect((await app.inbox.waitFor({ to: viewer.email, subject })).text).toContain('Seen to the end.');
    const { items } = await admin.client.admin.audit.list.query({});
    expect(
      items
        .map(({ action }) => action)
        .slice(0, 2)
        .sort(),
    ).toEqual(['refunds.approve', 'refunds.reject']);
    // What was declined can be asked for again.
    expect((await viewer.client.refunds.request.mutate({ orderId, reason })).status).toBe('requested');
  });

  test('pays back what it wants, and it is on record', async () => {
    const viewer = await app.signIn();
    const { orderId, paymentId, films } = await buy(app, viewer, 700, 800);
    await watch(viewer, films[0]!.id);
    const path = `/admin/payments/${paymentId}/refund`;
    const one = await app.rest('POST', path, { viewer: admin, body: { reason: 'Sorry.', movieIds: [films[0]!.id] } });
    expect(one.body).toMatchObject({ status: 'succeeded', origin: 'staff', amount: { amount: 700 } });
    const again = await app.rest('POST', path, { viewer: admin, body: { reason: 'Sorry.', movieIds: [films[0]!.id] } });
    expect([again.status, again.body.reason]).toEqual([409, 'already_refunded']);
    await app.rest('POST', path, { viewer: admin, body: { reason: 'Sorry.' } });
    expect((await viewer.client.orders.get.query({ orderId })).status).toBe('refunded');
    const { items } = await admin.client.admin.audit.list.query({});
    expect(items[0]).toMatchObject({
      action: 'payments.refund',
      target: { kind: 'payment', id: paymentId },
      details: { amount: 800, currency: 'USD' },
    });
    expect(JSON.stringify(items[0])).not.toContain('Sorry.');
    const opened = await openOrder(app, viewer);
    const unpaid = await app.rest('POST', `/admin/payments/${opened.paymentId}/refund`, {
      viewer: admin,
      body: { reason },
    });
    expect([unpaid.status, unpaid.body.reason]).toEqual([409, 'not_refundable']);
  });

  test('decides on what the buyer asked for, and does not pay it back beside', async () => {
    const viewer = await app.signIn();
    const { orderId, paymentId, films } = await buy(app, viewer, 700, 800);
    await watch(viewer, films[0]!.id);
    const movieIds = [films[0]!.id];
    const asked = await viewer.client.refunds.request.mutate({ orderId, movieIds, reason });
    const path = `/admin/payments/${paymentId}/refund`;
    for (const part of [{ movieIds }, {}]) {
      const refused = await app.rest('POST', path, { viewer: admin, body: { reason, ...part } });
      expect([refused.status, refused.body.reason, refused.body.refundId]).toEqual([409, 'refund_requested', asked.id]);
    }
    const other = await app.rest('POST', path, { viewer: admin, body: { reason, movieIds: [films[1]!.id] } });
    expect(other.body).toMatchObject({ status: 'succeeded', amount: { amount: 800 } });
    expect((await admin.client.refunds.approve.mutate({ refundId: asked.id })).status).toBe('succeeded');
    const again = await app.rest('POST', path, { viewer: admin, body: { reason, movieIds } });
    expect([again.status, again.body.reason]).toEqual([409, 'already_refunded']);
    expect(refundedOf(app, orderId)).toEqual([800, 700]);
  });

  test('pays money back that waits for review, whole', async () => {
    const viewer = await app.signIn();
    const { order, paymentId, sessionId } = await openOrder(app, viewer, 999);
    await app.db.updateTable('payments').where('id', '=', paymentId).set({ amount: 1000 }).execute();
    app.stripe.pay(sessionId);
    await untilQuiet(app);
    await app.db.updateTable('payments').where('id', '=', paymentId).set({ amount: 999 }).execute();
    expect(await viewer.client.orders.get.query({ orderId: order.id })).toMatchObject({ status: 'pending' });
    await admin.client.admin.payments.refund.mutate({ paymentId, reason });
    expect(refundedOf(app, order.id)).toEqual([999]);
    expect((await rowsOf(app, order.id)).payments).toMatchObject([{ status: 'refunded', reviewReason: null }]);
  });
});

test('the database lets no more go back than was paid, and no film twice', async () => {
  const viewer = await app.signIn();
  const { paymentId, films } = await buy(app, viewer, 700, 800);
  const insert = (amount: number, movieId: string) =>
    app.db.transaction().execute(async (trx) => {
      const row = { paymentId, amount, origin: 'staff', status: 'pending', reason, createdAt: new Date() } as const;
      const { id: refundId } = await trx.insertInto('refunds').values(row).returning('id').executeTakeFirstOrThrow();
      await trx.insertInto('refundItems').values({ refundId, movieId }).execute();
    });
  await insert(700, films[0]!.id);
  await expect(insert(801, films[1]!.id)).rejects.toMatchObject({ constraint: 'refunds_within_payment' });
  await expect(insert(100, films[0]!.id)).rejects.toMatchObject({ constraint: 'refunds_of_a_film_once' });
});
