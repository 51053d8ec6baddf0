import Stripe from 'stripe';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filmCheckout, openShop, refusal, type Shop } from './testing/setup.ts';

/** What the same assertions are held against: the simulator, and Stripe itself where a key of its test mode is given. */
type Gateway = {
  stripe: Stripe;
  /** Pays 1999 USD cents with a good card, and gives the payment intent. */
  pay(): Promise<string>;
  close(): Promise<void>;
};

const { STRIPE_CONTRACT_SECRET_KEY, STRIPE_CONTRACT_API_URL = 'https://api.stripe.com' } = process.env;
const GATEWAYS: [name: string, open: () => Promise<Gateway>][] = [
  ['the simulator', openSimulator],
  ...(STRIPE_CONTRACT_SECRET_KEY === undefined ? [] : [['Stripe', openStripe] as [string, () => Promise<Gateway>]]),
];

async function openSimulator(): Promise<Gateway> {
  const shop: Shop = await openShop();
  return {
    stripe: shop.stripe,
    async pay() {
      const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
      return String(shop.simulator.pay(id).payment_intent);
    },
    close: () => shop.simulator.stop(),
  };
}

async function openStripe(): Promise<Gateway> {
  const key = STRIPE_CONTRACT_SECRET_KEY ?? '';
  if (!/^(sk|rk)_test_/.test(key)) throw new Error('STRIPE_CONTRACT_SECRET_KEY must be a key of the test mode');
  const { hostname, port, protocol } = new URL(STRIPE_CONTRACT_API_URL);
  const stripe = new Stripe(key, {
    host: hostname,
    ...(port !== '' && { port }),
    protocol: protocol === 'http:' ? 'http' : 'https',
    telemetry: false,
  });
  return {
    stripe,
    // Nobody clicks here: what the payment page would make is made by the API.
    async pay() {
      const intent = await stripe.paymentIntents.create({
        amount: 1999,
        currency: 'usd',
        payment_method: 'pm_card_visa',
        confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
      });
      return intent.id;
    },
    close: async () => {},
  };
}

describe.for(GATEWAYS)('%s', ([, open]) => {
  let gateway: Gateway;
  let stripe: Stripe;
  beforeAll(async () => {
    gateway = await open();
    ({ stripe } = gateway);
  });
  afterAll(() => gateway.close());
  const newKey = () => ({ idempotencyKey: crypto.randomUUID() });

  test('makes a session once for a key, and tells what it is', async () => {
    const key = newKey();
    const params = filmCheckout({ expires_at: Math.floor(Date.now() / 1000) + 3600 });
    const session = await stripe.checkout.sessions.create(params, key);
    expect(session).toMatchObject({
      object: 'checkout.session',
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: 1999,
      currency: 'usd',
      client_reference_id: 'order-1',
      metadata: { orderId: 'order-1' },
      url: expect.stringMatching(/^https?:/),
    });
    const again = await stripe.checkout.sessions.create(params, key);
    expect([again.id, again.lastResponse.headers['idempotent-replayed']]).toEqual([session.id, 'true']);
    const other = await refusal(stripe.checkout.sessions.create({ ...params, client_reference_id: 'order-2' }, key));
    expect(other).toMatchObject({ type: 'StripeIdempotencyError', statusCode: 400 });
    const found: string[] = [];
    for await (const each of stripe.checkout.sessions.list({ created: { gte: session.created }, limit: 100 })) {
      found.push(each.id);
    }
    expect(found).toContain(session.id);
  });

  test('closes an open session, once', async () => {
    const { id } = await stripe.checkout.sessions.create(filmCheckout());
    expect(await stripe.checkout.sessions.expire(id)).toMatchObject({ status: 'expired', url: null });
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: 'expired', payment_status: 'unpaid' });
    const again = await refusal(stripe.checkout.sessions.expire(id));
    expect(again).toMatchObject({ type: 'StripeInvalidRequestError', statusCode: 400 });
  });

  test('refuses what can not be paid, and what it does not know', async () => {
    const soon = Math.floor(Date.now() / 1000) + 60;
    expect(await refusal(stripe.checkout.sessions.create(filmCheckout({ expires_at: soon })))).toMatchObject({
      statusCode: 400,
      param: 'expires_at',
    });
    const [line] = filmCheckout().line_items ?? [];
    const cheap = { ...line, price_data: { ...line!.price_data!, unit_amount: 1 } };
    expect(await refusal(stripe.checkout.sessions.create(filmCheckout({ line_items: [cheap] })))).toMatchObject({
      statusCode: 400,
      code: 'amount_too_small',
    });
    expect(await refusal(stripe.checkout.sessions.retrieve('cs_test_nobody'))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    });
  });

  test('pays back in parts, once for a key, and never more than was paid', async () => {
    const payment_intent = await gateway.pay();
    const key = newKey();
    const params = { payment_intent, amount: 500, metadata: { refundId: 'r-1' } };
    const part = await stripe.refunds.create(params, key);
    expect(part).toMatchObject({ object: 'refund', amount: 500, currency: 'usd', status: 'succeeded', payment_intent });
    expect((await stripe.refunds.create(params, key)).id).toBe(part.id);
    expect(await refusal(stripe.refunds.create({ payment_intent, amount: 1500 }, newKey()))).toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
    });
    const rest = await stripe.refunds.create({ payment_intent }, newKey());
    expect(rest.amount).toBe(1499);
    const late = newKey();
    for (const _ of [1, 2]) {
      const refused = await refusal(stripe.refunds.create({ payment_intent, amount: 1 }, late));
      expect(refused).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
    }
    const { data } = await stripe.refunds.list({ payment_intent, limit: 100 });
    expect(data.map(({ id, metadata }) => [id, metadata?.['refundId']])).toEqual([
      [rest.id, undefined],
      [part.id, 'r-1'],
    ]);
    const intent = await stripe.paymentIntents.retrieve(payment_intent, { expand: ['latest_charge'] });
    expect(intent).toMatchObject({ status: 'succeeded', latest_charge: { refunded: true, amount_refunded: 1999 } });
    expect((await stripe.disputes.list({ payment_intent })).data).toEqual([]);
  });
});
