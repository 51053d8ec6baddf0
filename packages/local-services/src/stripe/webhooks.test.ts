import { expect, test } from 'vitest';
import { filmCheckout, openReceiver, openShop, payFilm } from './testing/setup.ts';

const PAYMENT_EVENTS = [
  'charge.succeeded',
  'checkout.session.completed',
  'payment_intent.created',
  'payment_intent.succeeded',
];

test('an event is sent again until the receiver takes it', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  shop.simulator.configureWebhooks({ retryMs: 5 });
  receiver.answers.push(500, 302, 200);

  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  shop.simulator.expire(id);
  await receiver.waitFor(3);

  expect(new Set(receiver.events().map((event) => event.id)).size).toBe(1);
  await expect
    .poll(() => shop.simulator.deliveries())
    .toMatchObject([
      { attempt: 1, outcome: 'failed', status: 500 },
      { attempt: 2, outcome: 'failed', status: 302 },
      { attempt: 3, outcome: 'delivered', status: 200, answer: 'noted' },
    ]);
  const [event] = (await shop.stripe.events.list()).data;
  expect(event?.pending_webhooks).toBe(0);
});

test('a receiver that is away is tried again when told to flush', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: 'http://127.0.0.1:1/webhooks' });
  shop.simulator.configureWebhooks({ retryMs: 60_000 });
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  shop.simulator.expire(id);
  await expect.poll(() => shop.simulator.deliveries()).toMatchObject([{ outcome: 'failed', status: null }]);
  expect((await shop.stripe.events.list({ delivery_success: false })).data).toHaveLength(1);

  shop.simulator.setWebhookUrl(receiver.url);
  expect(await shop.simulator.flushWebhooks()).toMatchObject([{ attempt: 2, outcome: 'delivered' }]);
  expect(receiver.events()).toMatchObject([{ type: 'checkout.session.expired' }]);
});

test('held back events come with the flush, shuffled when asked', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  shop.simulator.configureWebhooks({ delayMs: 60_000, shuffle: true });
  await payFilm(shop);
  expect(receiver.received).toEqual([]);

  const deliveries = await shop.simulator.flushWebhooks();

  expect(deliveries.map((delivery) => delivery.eventType).sort()).toEqual(PAYMENT_EVENTS);
  expect(
    receiver
      .events()
      .map((event) => event.type)
      .sort(),
  ).toEqual(PAYMENT_EVENTS);
  expect(await shop.simulator.flushWebhooks()).toEqual([]);
});

test('shuffled flushes do not keep the order of events', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  shop.simulator.configureWebhooks({ delayMs: 60_000, shuffle: true });
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  for (let failure = 0; failure < 20; failure += 1) shop.simulator.decline(id);

  const sent = (await shop.simulator.flushWebhooks()).map((delivery) => delivery.eventId);

  const made = [...(await shop.stripe.events.list({ limit: 100 })).data].reverse().map((event) => event.id);
  expect(sent).toHaveLength(41);
  expect([...sent].sort()).toEqual([...made].sort());
  expect(sent).not.toEqual(made); // one chance in 41! to fail by luck
});

test('a duplicated event arrives twice with the same id', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  shop.simulator.configureWebhooks({ duplicate: true });
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  shop.simulator.expire(id);
  await receiver.waitFor(2);
  const [first, second] = receiver.events();
  expect(first?.id).toBe(second?.id);
});

test('a dropped event never arrives by itself, but can be sent again', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  shop.simulator.configureWebhooks({ drop: true });
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  shop.simulator.expire(id);
  await expect.poll(() => shop.simulator.deliveries()).toMatchObject([{ outcome: 'dropped' }]);
  shop.simulator.configureWebhooks({ drop: null });
  expect(await shop.simulator.flushWebhooks()).toEqual([]);
  expect(receiver.received).toEqual([]);

  const [event] = (await shop.stripe.events.list()).data;
  expect(event?.pending_webhooks).toBe(1);
  expect(await shop.simulator.resendEvent(String(event?.id))).toMatchObject({ outcome: 'delivered' });
  expect(receiver.events()).toMatchObject([{ id: event?.id }]);
});

test('each try is signed anew over the very bytes that are sent', async () => {
  let aheadMs = 0;
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url, now: () => Date.now() + aheadMs });
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout({ metadata: { orderId: 'Amélie – Ω' } }));
  shop.simulator.expire(id);
  await receiver.waitFor(1);
  aheadMs = 10_000;
  const [event] = receiver.events();
  await shop.simulator.resendEvent(String(event?.id));

  const [first, second] = receiver.received.map(({ headers }) => headers['stripe-signature']);
  expect(first).toMatch(/^t=\d+,v1=[0-9a-f]{64}$/);
  expect(second).not.toBe(first);
  expect(receiver.events()).toHaveLength(2);
  expect(event).toMatchObject({ data: { object: { metadata: { orderId: 'Amélie – Ω' } } } });
});

test('an event keeps the object as it was when it happened', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  await shop.stripe.refunds.create({ charge: charge.id });
  const [succeeded] = (await shop.stripe.events.list({ types: ['charge.succeeded'] })).data;
  expect(succeeded).toMatchObject({ data: { object: { id: charge.id, refunded: false } } });
});
