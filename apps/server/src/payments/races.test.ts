import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { int, randomFrom } from '../catalogue/poster-shapes.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { expectBooksToAgree } from '../testing/books.ts';
import { libraryOf } from '../testing/refunds.ts';
import { eventsOf, type OpenOrder, openOrder, receiptsOf, rowsOf, untilQuiet } from '../testing/shop.ts';
import { cancelExpiredOrders } from './cancel.ts';

// `pnpm test:chaos` races longer, with a seed of its own; a failure prints the seed.
const RACES = Number(process.env['CHAOS_RACES'] ?? 30);
const SEED = process.env['CHAOS_SEED'] ?? 'suite';
const AT_ONCE = 10;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('the events of a payment, each twice, come in all twenty-four orders, and end in the same rows and one mail', async () => {
  const viewer = await app.signIn();
  const payments: { opened: OpenOrder; eventIds: string[] }[] = [];
  app.stripe.setWebhookUrl(null);
  for (const order of permutations([0, 1, 2, 3])) {
    const opened = await openOrder(app, viewer);
    app.stripe.decline(opened.sessionId);
    app.stripe.pay(opened.sessionId);
    const events = (await eventsOf(app, opened.paymentId)).filter(({ type }) => type !== 'charge.failed');
    expect(events).toHaveLength(4);
    payments.push({ opened, eventIds: order.map((index) => events[index]?.id ?? '') });
  }
  app.stripe.setWebhookUrl(`${app.url}/webhooks/stripe`);

  const ended = new Map<string, unknown>();
  for (const turn of [0, 1, 2, 3]) {
    const now = payments.flatMap(({ eventIds }) => [eventIds[turn] ?? '', eventIds[turn] ?? '']);
    await Promise.all(now.map((id) => app.stripe.resendEvent(id)));
    await untilQuiet(app);
    for (const { opened } of payments) {
      const rows = await rowsOf(app, opened.order.id);
      // Stripe is asked how it stands, so that the first event is as good as the last.
      expect(ended.get(opened.order.id) ?? rows).toEqual(rows);
      ended.set(opened.order.id, rows);
    }
  }
  for (const { opened } of payments) {
    const { order, payments: attempts, library } = await rowsOf(app, opened.order.id);
    expect([order.status, attempts.map(({ status, declineCode }) => [status, declineCode]), library.length]).toEqual([
      'paid',
      [['successful', null]],
      1,
    ]);
    expect(receiptsOf(app, viewer, opened.order)).toBe(1);
  }
});

test(
  `canceled and paid at once, ${RACES} times, an order is paid and has its film, or canceled with the money back`,
  { timeout: 60_000 + RACES * 1_000 },
  async () => {
    const random = randomFrom(SEED);
    for (let done = 0; done < RACES; done += AT_ONCE) {
      const viewers = await Promise.all(Array.from({ length: Math.min(AT_ONCE, RACES - done) }, () => app.signIn()));
      const opened = await Promise.all(viewers.map((viewer) => openOrder(app, viewer)));
      const ends = await Promise.all(
        opened.map((each, index) => race(viewers[index]!, each, [int(random, 30), int(random, 30), int(random, 3)])),
      );
      await untilQuiet(app);
      for (const [index, { order, film }] of opened.entries()) {
        const { order: row } = await rowsOf(app, order.id);
        const { isCharged, canceled } = ends[index]!;
        const owned = await libraryOf(viewers[index]!);
        expect([SEED, row.status, owned]).toEqual([SEED, ...(isCharged ? ['paid', [film.id]] : ['canceled', []])]);
        expect(canceled.status).toBeOneOf(isCharged ? [409] : [200, 409]);
        expect(receiptsOf(app, viewers[index]!, order)).toBe(isCharged ? 1 : 0);
      }
    }
  },
);

/** Cancels and pays an order, each a little later than the other, beside somebody who cancels or opens a page too. */
async function race(viewer: Viewer, { order, sessionId }: OpenOrder, [payMs, cancelMs, third]: number[]) {
  const path = `/orders/${order.id}`;
  const [isCharged, canceled] = await Promise.all([
    setTimeout(payMs).then(async () => {
      return (await fetch(`${app.stripe.url}/_control/sessions/${sessionId}/pay`, { method: 'POST' })).ok;
    }),
    setTimeout(cancelMs).then(() => app.rest('POST', `${path}/cancel`, { viewer })),
    third === 1 && app.rest('POST', `${path}/checkout`, { viewer }),
    third === 2 && runOut(order.id),
  ]);
  return { isCharged, canceled };
}

async function runOut(orderId: string): Promise<void> {
  await app.db.updateTable('orders').set({ expiresAt: new Date() }).where('id', '=', orderId).execute();
  await cancelExpiredOrders(app.deps, new AbortController().signal);
}

test('after all this, what Stripe took is what was bought', () => expectBooksToAgree(app));

function permutations<Item>(items: Item[]): Item[][] {
  if (items.length <= 1) return [items];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
