import { expect, test } from 'vitest';
import { filmCheckout, openReceiver, openShop, payFilm, refusal } from './testing/setup.ts';

/** Calls the control API as a test in another process does. */
async function control(url: string, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}/_control${path}`, {
    method,
    ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, answer };
}

test('the customer can be played over HTTP', async () => {
  await using shop = await openShop();
  const { url } = shop.simulator;
  const first = await shop.stripe.checkout.sessions.create(filmCheckout());
  const second = await shop.stripe.checkout.sessions.create(filmCheckout());

  const declined = await control(url, 'POST', `/sessions/${first.id}/decline`, { reason: 'lost_card' });
  const paid = await control(url, 'POST', `/sessions/${first.id}/pay`);
  const expired = await control(url, 'POST', `/sessions/${second.id}/expire`);
  const paidAgain = await control(url, 'POST', `/sessions/${first.id}/pay`);
  const unknown = await control(url, 'POST', '/sessions/cs_test_nothing/pay');

  expect(declined).toMatchObject({ status: 200, answer: { status: 'open' } });
  expect(paid).toMatchObject({ status: 200, answer: { status: 'complete', payment_status: 'paid' } });
  expect(expired).toMatchObject({ status: 200, answer: { status: 'expired' } });
  expect(paidAgain).toMatchObject({ status: 400, answer: { error: { type: 'invalid_request_error' } } });
  expect(unknown.status).toBe(404);
});

test('the ledger names the order of every movement, by metadata or else by reference', async () => {
  await using shop = await openShop();
  const { url } = shop.simulator;
  const { charge } = await payFilm(shop);
  await payFilm(shop, { metadata: {}, payment_intent_data: {}, client_reference_id: 'order-2' });
  await control(url, 'POST', `/charges/${charge.id}/refund`, { amount: 999 });

  expect((await control(url, 'GET', '/ledger')).answer).toEqual({
    entries: [
      { type: 'charge', amount: 1999, currency: 'usd', orderId: 'order-1', at: expect.stringMatching(/^\d{4}-.*Z$/) },
      { type: 'charge', amount: 1999, currency: 'usd', orderId: 'order-2', at: expect.any(String) },
      { type: 'refund', amount: 999, currency: 'usd', orderId: 'order-1', at: expect.any(String) },
    ],
  });
});

test('the dashboard refunds and the bank disputes without an API request', async () => {
  await using shop = await openShop();
  const { url } = shop.simulator;
  const refunded = await payFilm(shop);
  const disputed = await payFilm(shop);

  await control(url, 'POST', `/charges/${refunded.charge.id}/refund`);
  const dispute = await control(url, 'POST', `/charges/${disputed.charge.id}/dispute`, {
    reason: 'product_not_received',
  });
  expect(dispute).toMatchObject({ status: 200, answer: { status: 'needs_response', reason: 'product_not_received' } });
  const [made] = (await shop.stripe.disputes.list()).data;
  await control(url, 'POST', `/disputes/${made?.id}/close`, { outcome: 'lost' });

  const types = ['charge.refunded', 'charge.dispute.created', 'charge.dispute.closed'];
  const told = await shop.stripe.events.list({ types });
  expect(told.data.map((event) => event.type)).toEqual(types.toReversed());
  expect(told.data.map((event) => event.request?.id)).toEqual([null, null, null]);
});

test('webhooks are steered over HTTP', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop();
  const { url } = shop.simulator;
  const settings = { url: receiver.url, delayMs: 60_000, duplicate: 2 };
  expect(await control(url, 'PUT', '/webhooks', settings)).toMatchObject({ status: 200, answer: settings });
  expect(await control(url, 'PUT', '/webhooks', { duplicate: null })).toMatchObject({
    answer: { url: receiver.url, delayMs: 60_000, duplicate: null },
  });

  await payFilm(shop);
  const flushed = await control(url, 'POST', '/webhooks/flush');
  expect(flushed.answer).toMatchObject({ deliveries: Array(4).fill({ outcome: 'delivered' }) });
  const [event] = receiver.events();
  expect(await control(url, 'POST', `/events/${event?.id}/resend`)).toMatchObject({ answer: { eventId: event?.id } });
  expect((await control(url, 'GET', '/deliveries')).answer).toMatchObject({ deliveries: { length: 5 } });
  expect(await control(url, 'PUT', '/webhooks', { delay: 1 })).toMatchObject({ status: 400 });
  expect(await control(url, 'PUT', '/webhooks', { delayMs: 'soon' })).toMatchObject({ status: 400 });
});

test('faults are set and lifted over HTTP', async () => {
  await using shop = await openShop();
  const { url } = shop.simulator;
  expect(await control(url, 'PUT', '/faults', { status: 400 })).toMatchObject({ status: 200, answer: { status: 400 } });
  expect(await refusal(shop.stripe.charges.list())).toMatchObject({ statusCode: 400 });
  expect(await control(url, 'PUT', '/faults', { status: 200 })).toMatchObject({ status: 400 });
  await control(url, 'PUT', '/faults', { status: null });
  expect((await shop.stripe.charges.list()).data).toEqual([]);
});

test('a reset forgets everything but the address of the webhooks', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  const { url } = shop.simulator;
  const key = { idempotencyKey: 'attempt-1' };
  const before = await shop.stripe.checkout.sessions.create(filmCheckout(), key);
  await control(url, 'PUT', '/webhooks', { delayMs: 60_000 });
  await control(url, 'PUT', '/faults', { dropResponse: true });
  shop.simulator.pay(before.id);

  expect((await control(url, 'DELETE', '')).status).toBe(204);

  expect((await control(url, 'GET', '/ledger')).answer).toEqual({ entries: [] });
  expect((await shop.stripe.events.list()).data).toEqual([]);
  expect(await shop.simulator.flushWebhooks()).toEqual([]);
  const after = await shop.stripe.checkout.sessions.create(filmCheckout(), key);
  expect(after.id).not.toBe(before.id);
  shop.simulator.expire(after.id);
  await receiver.waitFor(1);
  expect(receiver.events()).toMatchObject([{ type: 'checkout.session.expired' }]);
});
