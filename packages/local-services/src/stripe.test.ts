import { expect, test } from 'vitest';
import { startStripeSimulator } from './stripe.ts';
import { filmCheckout, openReceiver, openShop, payFilm, refusal } from './stripe/testing/setup.ts';

test('a checkout is paid, told by signed webhooks, and refunded', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  const { stripe, simulator } = shop;

  const session = await stripe.checkout.sessions.create(filmCheckout());
  expect(session).toMatchObject({
    object: 'checkout.session',
    amount_total: 1999,
    currency: 'usd',
    status: 'open',
    payment_status: 'unpaid',
    payment_intent: null,
    client_reference_id: 'order-1',
    metadata: { orderId: 'order-1' },
    livemode: false,
  });
  expect(session.id).toMatch(/^cs_test_/);
  expect(session.lastResponse.requestId).toMatch(/^req_/);
  expect(session.url).toBe(`${simulator.url}/c/pay/${session.id}`);

  const paid = await fetch(String(session.url), {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ cardNumber: '4242424242424242' }),
  });
  expect(paid.status).toBe(303);
  expect(paid.headers.get('location')).toBe(`http://127.0.0.1:8000/orders/1?session=${session.id}`);

  await receiver.waitFor(4);
  const events = receiver.events();
  expect(events.map((event) => event.type).sort()).toEqual([
    'charge.succeeded',
    'checkout.session.completed',
    'payment_intent.created',
    'payment_intent.succeeded',
  ]);
  expect(events.every((event) => !event.livemode && event.pending_webhooks === 1)).toBe(true);
  expect(receiver.received[0]?.headers['user-agent']).toBe('Stripe/1.0 (+https://stripe.com/docs/webhooks)');

  const found = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['payment_intent.latest_charge', 'line_items'],
  });
  expect(found).toMatchObject({
    status: 'complete',
    payment_status: 'paid',
    url: null,
    line_items: { data: [{ description: 'Metropolis (1927)', amount_total: 1999, price: { unit_amount: 1999 } }] },
    payment_intent: {
      status: 'succeeded',
      amount_received: 1999,
      metadata: { orderId: 'order-1' },
      latest_charge: { paid: true, status: 'succeeded', payment_method_details: { card: { last4: '4242' } } },
    },
  });

  const intentId = typeof found.payment_intent === 'string' ? found.payment_intent : String(found.payment_intent?.id);
  const refund = await stripe.refunds.create({ payment_intent: intentId, amount: 500, metadata: { refundId: 'r1' } });
  expect(refund).toMatchObject({
    amount: 500,
    status: 'succeeded',
    payment_intent: intentId,
    metadata: { refundId: 'r1' },
  });
  await receiver.waitFor(7);
  const refunded = receiver.events().find((event) => event.type === 'charge.refunded');
  expect(refunded).toMatchObject({
    data: { object: { amount_refunded: 500, refunded: false }, previous_attributes: { amount_refunded: 0 } },
    request: { id: refund.lastResponse.requestId },
  });

  expect(simulator.ledger()).toMatchObject([
    { type: 'charge', amount: 1999, currency: 'usd', orderId: 'order-1' },
    { type: 'refund', amount: 500, currency: 'usd', orderId: 'order-1' },
  ]);
});

test('a declined card leaves the session open, and the next card pays', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  const { stripe, simulator } = shop;
  const session = await stripe.checkout.sessions.create(filmCheckout());

  simulator.decline(session.id, 'insufficient_funds');
  const afterDecline = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  simulator.pay(session.id);
  const afterPay = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });

  expect(afterDecline).toMatchObject({
    status: 'open',
    payment_status: 'unpaid',
    payment_intent: {
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
    },
  });
  expect(afterPay).toMatchObject({
    status: 'complete',
    payment_intent: { status: 'succeeded', last_payment_error: null },
  });
  await receiver.waitFor(6);
  expect(
    receiver
      .events()
      .map((event) => event.type)
      .sort(),
  ).toEqual([
    'charge.failed',
    'charge.succeeded',
    'checkout.session.completed',
    'payment_intent.created',
    'payment_intent.payment_failed',
    'payment_intent.succeeded',
  ]);
  const charges = await stripe.charges.list();
  expect(charges.data.map((charge) => charge.status)).toEqual(['succeeded', 'failed']);
  expect(simulator.ledger()).toHaveLength(1);
});

test('an expired session is told, and can be neither paid nor expired again', async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  const { stripe, simulator } = shop;
  const { id } = await stripe.checkout.sessions.create(filmCheckout());

  const expired = await stripe.checkout.sessions.expire(id);

  expect(expired).toMatchObject({ status: 'expired', url: null });
  await receiver.waitFor(1);
  expect(receiver.events()).toMatchObject([{ type: 'checkout.session.expired', data: { object: { id } } }]);
  const again = await refusal(stripe.checkout.sessions.expire(id));
  expect(again).toMatchObject({ statusCode: 400, type: 'StripeInvalidRequestError' });
  expect(again.message).toContain('This Checkout Session has a status of `expired`.');
  expect(() => simulator.pay(id)).toThrow('can no longer be paid');
});

test('a session expires by itself when its time is over', async () => {
  let aheadMs = 0;
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url, now: () => Date.now() + aheadMs });
  const { stripe } = shop;
  const { id } = await stripe.checkout.sessions.create(filmCheckout());

  aheadMs = 24 * 60 * 60 * 1000 + 1000;
  await receiver.waitFor(1);

  expect(receiver.events()).toMatchObject([{ type: 'checkout.session.expired', data: { object: { id } } }]);
  expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'expired' });
});

test('a session whose time is over is not paid in its last second', async () => {
  let aheadMs = 0;
  await using shop = await openShop({ now: () => Date.now() + aheadMs });
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  aheadMs = 24 * 60 * 60 * 1000 + 1000;
  expect(() => shop.simulator.pay(id)).toThrow('has a status of `expired`');
  expect(shop.simulator.ledger()).toEqual([]);
});

test('a payment that was begun is canceled with its session', async () => {
  await using shop = await openShop();
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  const intent = String(shop.simulator.decline(id).payment_intent);
  await shop.stripe.checkout.sessions.expire(id);
  expect(await shop.stripe.paymentIntents.retrieve(intent)).toMatchObject({ status: 'canceled' });
});

test('an order that costs nothing completes without a payment', async () => {
  await using shop = await openShop();
  const free = { price_data: { currency: 'usd', unit_amount: 0, product_data: { name: 'A gift' } }, quantity: 1 };
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout({ line_items: [free] }));

  expect(shop.simulator.pay(id)).toMatchObject({
    status: 'complete',
    payment_status: 'no_payment_required',
    payment_intent: null,
  });
  expect(shop.simulator.ledger()).toEqual([]);
});

test('a dispute withdraws the money and stops refunds', async () => {
  await using shop = await openShop();
  const { stripe, simulator } = shop;
  const { charge } = await payFilm(shop);

  const dispute = simulator.disputeCharge(charge.id);

  expect(await stripe.disputes.retrieve(dispute.id)).toMatchObject({ charge: charge.id, status: 'needs_response' });
  expect(await stripe.charges.retrieve(charge.id)).toMatchObject({ disputed: true });
  expect(await refusal(stripe.refunds.create({ charge: charge.id }))).toMatchObject({ code: 'charge_disputed' });
  expect(simulator.closeDispute(dispute.id, 'won')).toMatchObject({ status: 'won' });
  const told = await stripe.events.list({ type: 'charge.dispute.*' });
  expect(told.data.map((event) => event.type)).toEqual([
    'charge.dispute.funds_reinstated',
    'charge.dispute.closed',
    'charge.dispute.funds_withdrawn',
    'charge.dispute.created',
  ]);
});

test('a taken port is named', async () => {
  await using shop = await openShop();
  const { port } = shop.simulator;
  await expect(startStripeSimulator({ port })).rejects.toThrow(`Port ${port} is taken`);
});

test('a stopped simulator gives its port back', async () => {
  const first = await startStripeSimulator();
  await first.stop();
  await using second = await startStripeSimulator({ port: first.port });
  expect(second.port).toBe(first.port);
});
