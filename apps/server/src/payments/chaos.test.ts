import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { int, pick, randomFrom } from '../catalogue/poster-shapes.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { expectBooksToAgree } from '../testing/books.ts';
import { createMovie } from '../testing/factories.ts';
import { holdAnswers } from '../testing/held-answers.ts';
import { noticeDeadWorkers } from '../testing/jobs.ts';
import { type ServerProcess, startServerProcess } from '../testing/process.ts';
import { buy, libraryOf, refundedOf } from '../testing/refunds.ts';
import { countJobs, openOrder, placeOrder, sessionIdOf, untilQuiet } from '../testing/shop.ts';
import { type Shop, shopUntil } from '../testing/shopper.ts';
import { cancelExpiredOrders } from './cancel.ts';
import { reconcilePayments } from './reconcile.ts';

// `pnpm test:chaos` runs longer, with a seed of its own, which the test's name tells.
const SECONDS = Number(process.env['CHAOS_SECONDS'] ?? 5);
const SEED = process.env['CHAOS_SEED'] ?? 'suite';
const VIEWERS = 8;
const FILMS = 24;

let app: TestApp;
beforeAll(async () => {
  // It answers what the test asks, and does no work.
  app = await startTestApp({ PROCESS: 'api' });
});
afterAll(() => app[Symbol.asyncDispose]());

type Half = 'api' | 'worker';

async function start(half: Half, env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
  const { databaseUrl, dataDir, publicUrl } = app.config;
  return await startServerProcess({
    PROCESS: half,
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PUBLIC_URL: publicUrl,
    SMTP_URL: app.inbox.smtpUrl,
    STRIPE_API_URL: app.stripe.url,
    ...env,
  });
}

describe('a process that is killed when Stripe has done something, but before it is written down', () => {
  /** Does something while there is a worker: nobody else does what the killed one left. */
  async function withWorker<Result>(act: () => Promise<Result>): Promise<Result> {
    const worker = await app.startReplica({ PROCESS: 'worker' });
    try {
      return await act();
    } finally {
      await worker.stop();
    }
  }

  /** Sends a request to a process, and kills that as soon as Stripe has done what it is asked for. */
  async function killAt(call: string, { viewer, path, body = '' }: { viewer: Viewer; path: string; body?: string }) {
    await using answers = await holdAnswers(app.stripe.url);
    await using server = await start('api', { STRIPE_API_URL: answers.url });
    const authorization = `Bearer ${await viewer.client.$session.accessToken()}`;
    const type = body !== '' && { 'content-type': 'application/json' };
    const answered = answers.hold(call);
    const sent = fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization, ...type, 'idempotency-key': path },
      ...(body !== '' && { body }),
    }).catch(() => null);
    // An answer would come instead where Stripe was not asked at all.
    expect(await Promise.race([answered, sent.then((answer) => answer?.text())])).toBeUndefined();
    server.child.kill('SIGKILL');
    await Promise.all([server.exited, sent]);
    // Its claim on the key has run out.
    await app.db.updateTable('idempotencyKeys').set({ claimedUntil: new Date() }).execute();
  }

  test('has made a refund: it is made once, and known', async () => {
    const viewer = await app.signIn();
    const { orderId } = await withWorker(() => buy(app, viewer, 700, 800));
    const [path, body] = [`/orders/${orderId}/refund`, { reason: 'x' }];
    await killAt('POST /v1/refunds', { viewer, path, body: JSON.stringify(body) });
    await withWorker(() => untilQuiet(app));
    expect([refundedOf(app, orderId), await libraryOf(viewer)]).toEqual([[1500], []]);
    const again = await app.rest('POST', path, { viewer, body, headers: { 'idempotency-key': path } });
    expect([again.status, again.body.amount.amount]).toEqual([201, 1500]);
    expect(refundedOf(app, orderId)).toEqual([1500]);
  });

  test('has closed a page: the order can be canceled, or paid on another page', async () => {
    const viewer = await app.signIn();
    const [canceled, kept] = [await openOrder(app, viewer), await openOrder(app, viewer)];
    for (const { order, sessionId } of [canceled, kept]) {
      await killAt('POST /v1/checkout/sessions/', { viewer, path: `/orders/${order.id}/cancel` });
      expect((await app.deps.stripe.checkout.sessions.retrieve(sessionId)).status).toBe('expired');
    }
    await withWorker(() => untilQuiet(app));
    await viewer.client.orders.cancel.mutate({ orderId: canceled.order.id });
    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: kept.order.id });
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await withWorker(() => untilQuiet(app));
    expect(await libraryOf(viewer)).toEqual([kept.film.id]);
    expect((await viewer.client.cart.get.query()).items.map(({ movie }) => movie.id)).toEqual([canceled.film.id]);
  });

  test('has opened a page: the buyer gets it when he asks again, and there is no other', async () => {
    const viewer = await app.signIn();
    const order = await placeOrder(viewer, [await createMovie(app.db)]);
    const path = `/orders/${order.id}/checkout`;
    await killAt('POST /v1/checkout/sessions', { viewer, path });
    const { body } = await app.rest('POST', path, { viewer, headers: { 'idempotency-key': path } });
    const { data } = await app.deps.stripe.checkout.sessions.list({ limit: 100 });
    const made = data.filter(({ client_reference_id: id }) => id === order.id).map(({ id }) => id);
    expect(made).toEqual([sessionIdOf(body.checkoutUrl)]);
  });
});

test(
  `killed at any moment, again and again, the cinema ends with money and films where they belong (seed ${SEED})`,
  { timeout: SECONDS * 1_000 + 120_000 },
  async () => {
    const [first, ...others] = await Promise.all(
      Array.from({ length: FILMS }, (_, index) => createMovie(app.db, { priceAmount: 500 + index })),
    );
    if (!first) throw new Error('no films');
    const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => app.signIn()));
    const mails = new Map<string, number>();
    const shop: Shop = { url: '', stripe: app.stripe, films: [first, ...others] };
    app.stripe.configureWebhooks({ duplicate: 1, shuffle: true, retryMs: 250 });

    const halves = { api: await start('api'), worker: await start('worker') };
    const until = Date.now() + SECONDS * 1_000;
    const open = (url: string) => {
      shop.url = url;
      app.stripe.setWebhookUrl(`${url}/webhooks/stripe`);
    };
    open(halves.api.url);
    const random = randomFrom(SEED);
    const killAgain = async () => {
      while (Date.now() < until) {
        await setTimeout(200 + int(random, 1_000));
        // Some of Stripe's answers and some of its events are lost as well.
        app.stripe.setFaults({ dropResponse: int(random, 4) || null });
        app.stripe.configureWebhooks({ drop: int(random, 4) || null });
        const half = pick<Half>(random, ['api', 'worker']);
        await halves[half][Symbol.asyncDispose]();
        countMails(mails);
        halves[half] = await start(half);
        if (half === 'api') open(halves.api.url);
      }
      // The last moment is one, too.
      await Promise.all([halves.api, halves.worker].map((each) => each[Symbol.asyncDispose]()));
    };
    const faults = await Promise.all([
      ...viewers.map((viewer, index) => shopUntil(until, shop, viewer, randomFrom(`${SEED} ${index}`))),
      killAgain().then(() => []),
    ]);
    expect(faults.flat()).toEqual([]);

    await comeToRest();
    countMails(mails);
    const orders = await expectBooksToAgree(app);
    expect(orders.filter(({ status }) => status === 'pending')).toEqual([]);
    await expectMails(mails, orders);
  },
);

/** Lets what the dead have left be done, the reconciler come round, and everything run out that waits. */
async function comeToRest(): Promise<void> {
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);
  app.stripe.configureWebhooks({ duplicate: null, shuffle: null, drop: null });
  app.stripe.setFaults({ dropResponse: null });
  await noticeDeadWorkers(app);
  const worker = await app.startReplica({ PROCESS: 'worker' });
  await untilIdle();
  app.clock.advance(601);
  await reconcilePayments(app.deps, new AbortController().signal);
  app.clock.advance(3 * 3_600);
  await cancelExpiredOrders(app.deps, new AbortController().signal);
  await reconcilePayments(app.deps, new AbortController().signal);
  await untilIdle();
  await worker.stop();
  expect(await countJobs(app, ['failed'])).toBe(0);
}

async function untilIdle(): Promise<void> {
  const look = async () => {
    await app.stripe.flushWebhooks();
    await sql`update boss.job set start_after = now() where state = 'retry'`.execute(app.db);
    expect(await countJobs(app, ['created', 'active', 'retry'])).toBe(0);
  };
  await vi.waitFor(look, { timeout: 60_000, interval: 100 });
}

// The inbox keeps a thousand.
function countMails(mails: Map<string, number>): void {
  for (const { messageId } of app.inbox.messages()) mails.set(messageId, (mails.get(messageId) ?? 0) + 1);
  app.inbox.clear();
}

/** Every paid order and every refund has its mail, nothing else has; one may come twice, to who was killed meanwhile. */
async function expectMails(mails: Map<string, number>, orders: { id: string; status: string }[]): Promise<void> {
  const refunds = await app.db.selectFrom('refunds').where('status', '=', 'succeeded').select('id').execute();
  const due = [
    ...orders.filter(({ status }) => status === 'paid').map(({ id }) => `order-paid.${id}@cinema.test`),
    ...refunds.map(({ id }) => `refund.${id}@cinema.test`),
  ];
  expect(due.filter((id) => !mails.has(id))).toEqual([]);
  // One that is refunded by now may have had its receipt before.
  const possible = new Set([...due, ...orders.map(({ id }) => `order-paid.${id}@cinema.test`)]);
  expect([...mails].filter(([id, count]) => count > 2 || !possible.has(id))).toEqual([]);
}
