import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { connect, filmCheckout, openShop, payFilm, refusal } from './testing/setup.ts';

test('a wrong key is refused, and a missing one too', async () => {
  await using shop = await openShop();
  const wrong = await refusal(connect(shop.simulator, 'sk_test_wrong_key_1234').checkout.sessions.list());
  expect(wrong).toMatchObject({ statusCode: 401, type: 'StripeAuthenticationError' });
  expect(wrong.message).toMatch(/^Invalid API Key provided: sk_test_\*+1234$/);
  expect(wrong.requestId).toMatch(/^req_/);

  const none = await fetch(`${shop.simulator.url}/v1/charges`);
  expect(none.status).toBe(401);
  expect(await none.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});

test('an unknown id is a 404 with the code resource_missing', async () => {
  await using shop = await openShop();
  const calls = [
    shop.stripe.checkout.sessions.retrieve('cs_test_nothing'),
    shop.stripe.paymentIntents.retrieve('pi_nothing'),
    shop.stripe.charges.retrieve('ch_nothing'),
    shop.stripe.refunds.retrieve('re_nothing'),
    shop.stripe.events.retrieve('evt_nothing'),
  ];
  for (const call of calls) expect(await refusal(call)).toMatchObject({ statusCode: 404, code: 'resource_missing' });
});

test('an unknown address is a 404 in the error envelope', async () => {
  await using shop = await openShop();
  const error = await refusal(shop.stripe.rawRequest('GET', '/v1/coupons/free'));
  expect(error).toMatchObject({ statusCode: 404, message: expect.stringContaining('(GET: /v1/coupons/free)') });
});

const NOW = Math.floor(Date.now() / 1000);

function line(currency: string, amount: number): Stripe.Checkout.SessionCreateParams.LineItem {
  return { quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name: 'A film' } } };
}

test.each([
  [{ mode: undefined }, { code: 'parameter_missing', param: 'mode' }],
  [{ success_url: undefined }, { code: 'parameter_missing', param: 'success_url' }],
  [{ success_url: 'cinema.example/done' }, { code: 'url_invalid', param: 'success_url' }],
  [{ line_items: undefined }, { code: 'parameter_missing', param: 'line_items' }],
  [{ line_items: [{ quantity: 1, price: 'price_x' }] }, { code: 'resource_missing', param: 'line_items[0][price]' }],
  [{ line_items: [line('usd', 49)] }, { code: 'amount_too_small' }],
  [{ line_items: [line('usd', 100_000_000)] }, { code: 'amount_too_large' }],
  [{ line_items: [line('jpy', 49)] }, { code: 'amount_too_small' }],
  [{ line_items: [line('kwd', 1234)] }, { code: 'invalid_charge_amount' }],
  [{ line_items: [line('isk', 50_010)] }, { code: 'invalid_charge_amount_no_decimal_compatible' }],
  [{ line_items: [line('zzz', 500)] }, { param: 'line_items[0][price_data][currency]' }],
  [{ line_items: [line('usd', 500), line('eur', 500)] }, { param: 'line_items' }],
  [{ line_items: [line('usd', 5.5)] }, { code: 'parameter_invalid_integer' }],
  [{ line_items: [line('usd', -500)] }, { code: 'parameter_invalid_integer' }],
  [{ expires_at: NOW + 60 }, { param: 'expires_at' }],
  [{ expires_at: NOW + 25 * 60 * 60 }, { param: 'expires_at' }],
  [{ customer_email: 'nobody' }, { code: 'email_invalid', param: 'customer_email' }],
  [{ metadata: { long: 'x'.repeat(501) } }, { param: 'metadata[long]' }],
  [{ film: 'x' }, { code: 'parameter_unknown', param: 'film' }],
] as const)('a checkout with %o is refused as Stripe refuses it', async (change, expected) => {
  await using shop = await openShop();
  const params = Object.assign(filmCheckout(), change);
  const error = await refusal(shop.stripe.checkout.sessions.create(params));
  expect(error).toMatchObject({ statusCode: 400, ...expected });
  expect((await shop.stripe.checkout.sessions.list()).data).toEqual([]);
});

test('amounts count in the minor units of their currency', async () => {
  await using shop = await openShop();
  const inYen = {
    quantity: 3,
    price_data: { currency: 'JPY', unit_amount: 800, product_data: { name: 'Ran (1985)' } },
  };
  const inDinar = { quantity: 1, price_data: { currency: 'kwd', unit_amount: 1230, product_data: { name: 'A film' } } };
  const yen = await shop.stripe.checkout.sessions.create(filmCheckout({ line_items: [inYen] }));
  const dinar = await shop.stripe.checkout.sessions.create(filmCheckout({ line_items: [inDinar] }));

  expect(yen).toMatchObject({ currency: 'jpy', amount_total: 2400 });
  expect(await (await fetch(String(yen.url))).text()).toContain('¥2,400');
  expect(await (await fetch(String(dinar.url))).text()).toContain('KWD\u00a01.230');

  const payment_intent = String(shop.simulator.pay(dinar.id).payment_intent);
  const finer = await refusal(shop.stripe.refunds.create({ payment_intent, amount: 615 }));
  expect(finer).toMatchObject({ statusCode: 400, code: 'invalid_charge_amount' });
});

test('the same idempotency key gives the same answer and does the work once', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const refund = () => shop.stripe.refunds.create({ charge: charge.id, amount: 100 }, { idempotencyKey: 'refund-1' });

  const first = await refund();
  const second = await refund();

  expect(second.id).toBe(first.id);
  expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  expect(second.lastResponse.headers).toMatchObject({
    'idempotent-replayed': 'true',
    'original-request': first.lastResponse.requestId,
    'idempotency-key': 'refund-1',
  });
  expect((await shop.stripe.refunds.list()).data).toHaveLength(1);
});

test('an idempotency key cannot be used for something else', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const key = { idempotencyKey: 'refund-1' };
  await shop.stripe.refunds.create({ charge: charge.id, amount: 100 }, key);

  const otherAmount = await refusal(shop.stripe.refunds.create({ charge: charge.id, amount: 200 }, key));
  const otherCall = await refusal(shop.stripe.checkout.sessions.create(filmCheckout(), key));

  expect(otherAmount).toMatchObject({ statusCode: 400, type: 'StripeIdempotencyError', rawType: 'idempotency_error' });
  expect(otherCall.message).toContain("for the same endpoint they were first used for ('/v1/refunds')");
});

test('two calls with one idempotency key at once: one works, the other is told to wait', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const impatient = connect(shop.simulator, shop.simulator.secretKey, 0);
  const refund = () => impatient.refunds.create({ charge: charge.id }, { idempotencyKey: 'refund-1' });
  shop.simulator.setFaults({ latencyMs: 60_000 });

  const first = refund();
  const second = await refusal(Promise.race([first, refund()]));
  shop.simulator.setFaults({ latencyMs: null });

  expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
  expect((await first).amount).toBe(1999);
  expect((await refund()).id).toBe((await first).id);
});

test('a refused parameter leaves its idempotency key free; a refused state does not', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const key = { idempotencyKey: 'refund-1' };
  await refusal(shop.stripe.refunds.create({ charge: charge.id, amount: 0 }, key));
  await shop.stripe.refunds.create({ charge: charge.id }, key);

  const late = { idempotencyKey: 'refund-2' };
  const first = await refusal(shop.stripe.refunds.create({ charge: charge.id }, late));
  const second = await refusal(shop.stripe.refunds.create({ charge: charge.id }, late));
  expect(first.code).toBe('charge_already_refunded');
  expect(second.headers?.['idempotent-replayed']).toBe('true');
});

test('refunds never exceed the charge', async () => {
  await using shop = await openShop();
  const { charge, intent } = await payFilm(shop);
  const { refunds } = shop.stripe;

  const tooMuch = await refusal(refunds.create({ charge: charge.id, amount: 2000 }));
  await refunds.create({ payment_intent: intent.id, amount: 1500 });
  const aboveTheRest = await refusal(refunds.create({ charge: charge.id, amount: 500 }));
  const rest = await refunds.create({ charge: charge.id });
  const nothingLeft = await refusal(refunds.create({ charge: charge.id }));

  expect(tooMuch).toMatchObject({ statusCode: 400, param: 'amount' });
  expect(tooMuch.message).toBe('Refund amount ($20.00) is greater than charge amount ($19.99)');
  expect(aboveTheRest.message).toBe('Refund amount ($5.00) is greater than unrefunded amount on charge ($4.99)');
  expect(rest.amount).toBe(499);
  expect(nothingLeft).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
  expect(await shop.stripe.charges.retrieve(charge.id, { expand: ['refunds'] })).toMatchObject({
    refunded: true,
    amount_refunded: 1999,
    refunds: { data: [{ amount: 499 }, { amount: 1500 }] },
  });
});

test('fifty refunds at once refund the charge once', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const calls = Array.from({ length: 50 }, () => shop.stripe.refunds.create({ charge: charge.id }));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
  expect(shop.simulator.ledger().filter((entry) => entry.type === 'refund')).toMatchObject([{ amount: 1999 }]);
});

test('a declined payment cannot be refunded', async () => {
  await using shop = await openShop();
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  const intent = String(shop.simulator.decline(id).payment_intent);
  const error = await refusal(shop.stripe.refunds.create({ payment_intent: intent }));
  expect(error.message).toContain('does not have a successful charge to refund');
});

test('only references can be expanded', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const error = await refusal(shop.stripe.charges.retrieve(charge.id, { expand: ['shoe_size'] }));
  expect(error).toMatchObject({ statusCode: 400, message: 'This property cannot be expanded (shoe_size).' });
});

test('the balance answers, in the API version the SDK asks for', async () => {
  await using shop = await openShop();
  await payFilm(shop);
  const balance = await shop.stripe.balance.retrieve();
  expect(balance.available).toMatchObject([{ amount: 1999, currency: 'usd' }]);
  const [event] = (await shop.stripe.events.list({ limit: 1 })).data;
  expect(event?.api_version).toBe(balance.lastResponse.apiVersion);
});
