import { expect, test } from 'vitest';
import { connect, filmCheckout, openShop, payFilm, refusal } from './testing/setup.ts';

test('a lost answer is retried by the SDK, and the refund is made once', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  shop.simulator.setFaults({ dropResponse: 1 });

  const refund = await shop.stripe.refunds.create({ charge: charge.id }, { idempotencyKey: 'refund-1' });

  expect(refund.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(shop.simulator.ledger().map((entry) => entry.type)).toEqual(['charge', 'refund']);
});

test('an answer lost at every try leaves the work done for the next call with the key', async () => {
  await using shop = await openShop();
  shop.simulator.setFaults({ dropResponse: true });
  const create = () => shop.stripe.checkout.sessions.create(filmCheckout(), { idempotencyKey: 'attempt-1' });

  expect(await refusal(create())).toMatchObject({ type: 'StripeConnectionError' });
  shop.simulator.setFaults({ dropResponse: null });
  const session = await create();

  expect((await shop.stripe.checkout.sessions.list()).data.map(({ id }) => id)).toEqual([session.id]);
});

test('a cut connection does nothing, and the SDK gets through on the next try', async () => {
  await using shop = await openShop();
  shop.simulator.setFaults({ dropConnection: 1 });
  const session = await shop.stripe.checkout.sessions.create(filmCheckout());
  expect(session.lastResponse.headers['idempotent-replayed']).toBeUndefined();
  expect((await shop.stripe.checkout.sessions.list()).data).toHaveLength(1);
});

test('a broken gateway answers with its status and does nothing', async () => {
  await using shop = await openShop();
  const impatient = connect(shop.simulator, shop.simulator.secretKey, 0);
  const key = { idempotencyKey: 'attempt-1' };

  shop.simulator.setFaults({ status: 503 });
  const down = await refusal(impatient.checkout.sessions.create(filmCheckout(), key));
  shop.simulator.setFaults({ status: 429 });
  const busy = await refusal(impatient.checkout.sessions.create(filmCheckout(), key));
  shop.simulator.setFaults({ status: null });

  expect(down).toMatchObject({ statusCode: 503, type: 'StripeAPIError' });
  expect(busy).toMatchObject({ statusCode: 429, type: 'StripeRateLimitError' });
  expect((await shop.stripe.checkout.sessions.list()).data).toEqual([]);
  expect(await impatient.checkout.sessions.create(filmCheckout(), key)).toMatchObject({ status: 'open' });
});

test('a fault can concern one kind of call, and never the customer', async () => {
  await using shop = await openShop();
  const { session, charge } = await payFilm(shop);
  shop.simulator.setFaults({ status: 500, match: 'POST /v1/refunds' });

  const impatient = connect(shop.simulator, shop.simulator.secretKey, 0);
  expect(await refusal(impatient.refunds.create({ charge: charge.id }))).toMatchObject({ statusCode: 500 });
  expect((await shop.stripe.charges.retrieve(charge.id)).refunded).toBe(false);
  const page = await fetch(`${shop.simulator.url}/c/pay/${session.id}`);
  expect(page.status).toBe(200);
});

test('a slow gateway goes on at once when the latency is lifted', async () => {
  await using shop = await openShop();
  shop.simulator.setFaults({ latencyMs: 60_000 });
  const call = shop.stripe.checkout.sessions.create(filmCheckout());
  shop.simulator.setFaults({ latencyMs: null });
  expect(await call).toMatchObject({ status: 'open' });
});
