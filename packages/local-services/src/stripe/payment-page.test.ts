import { expect, test } from 'vitest';
import { filmCheckout, openShop, payFilm } from './testing/setup.ts';

async function submit(url: string | null, fields: Record<string, string>): Promise<Response> {
  return await fetch(String(url), { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) });
}

test('the page shows the order as text, and loads and runs nothing', async () => {
  await using shop = await openShop();
  const line = (name: string, quantity: number) => ({
    quantity,
    price_data: { currency: 'usd', unit_amount: 1250, product_data: { name } },
  });
  const lines = [line('<script>alert(1)</script>', 1), line('M (1931)', 2)];
  const session = await shop.stripe.checkout.sessions.create(filmCheckout({ line_items: lines }));

  const page = await fetch(String(session.url));
  const text = await page.text();

  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(page.headers.get('content-security-policy')).toContain("form-action 'self' http://127.0.0.1:8000");
  expect(text).not.toContain('<script');
  expect(text).toContain('&#60;script&#62;');
  expect(text).toContain('$37.50');
  expect(text).toContain('2 × $12.50');
  expect(text).toContain('href="http://127.0.0.1:8000/cart"');
});

test.each([
  ['4000000000000002', 'Your card was declined.'],
  ['4000 0000 0000 9995', 'Your card has insufficient funds.'],
  ['4000000000000069', 'Your card has expired.'],
  ['4000000000000127', 'Your card&#39;s security code is incorrect.'],
  ['4012888888881881', 'used a non test card'],
])('the card %s is refused, and another may be tried', async (cardNumber, message) => {
  await using shop = await openShop();
  const { url } = await shop.stripe.checkout.sessions.create(filmCheckout());

  const refused = await submit(url, { cardNumber });
  expect(refused.status).toBe(402);
  expect(await refused.text()).toContain(message);

  expect((await submit(url, { cardNumber: '5555 5555 5555 4444' })).status).toBe(303);
  expect(shop.simulator.ledger()).toHaveLength(1);
});

test.each([
  [{ cardNumber: '' }, 'Your card number is incomplete.'],
  [{ cardNumber: '4242424242424241' }, 'Your card number is invalid.'],
  [{ cardNumber: '4242424242424242', expiry: '13/30' }, 'expiration date is incomplete'],
  [{ cardNumber: '4242424242424242', expiry: '01 / 20' }, 'expiration date is in the past'],
  [{ cardNumber: '4242424242424242', expiry: '12/34', cvc: '1' }, 'security code is incomplete'],
])('what is typed wrong (%o) never reaches the bank', async (fields, message) => {
  await using shop = await openShop();
  const { url } = await shop.stripe.checkout.sessions.create(filmCheckout());
  const refused = await submit(url, fields);
  expect(refused.status).toBe(402);
  expect(await refused.text()).toContain(message);
  expect((await shop.stripe.charges.list()).data).toEqual([]);
});

test('what the customer types reaches the session and the charge', async () => {
  await using shop = await openShop();
  const session = await shop.stripe.checkout.sessions.create(filmCheckout());
  const fields = { cardNumber: '378282246310005', expiry: '11 / 31', cvc: '1234', email: 'ada@demo.test', name: 'Ada' };
  await submit(session.url, fields);

  const paid = await shop.stripe.checkout.sessions.retrieve(session.id);
  const [charge] = (await shop.stripe.charges.list()).data;
  expect(paid.customer_details).toMatchObject({ email: 'ada@demo.test', name: 'Ada' });
  expect(charge?.payment_method_details?.card).toMatchObject({
    brand: 'amex',
    last4: '0005',
    exp_month: 11,
    exp_year: 2031,
  });
});

test('two clicks at once pay once', async () => {
  await using shop = await openShop();
  const { url } = await shop.stripe.checkout.sessions.create(filmCheckout());
  await Promise.all([1, 2].map(() => submit(url, { cardNumber: '4242424242424242' })));
  expect(shop.simulator.ledger()).toHaveLength(1);
});

test('a paid, an expired and an unknown page say so and take no card', async () => {
  await using shop = await openShop();
  const { sessions } = shop.stripe.checkout;
  const paid = await sessions.create(filmCheckout());
  shop.simulator.pay(paid.id);
  const expired = await sessions.create(filmCheckout());
  shop.simulator.expire(expired.id);

  expect(await (await fetch(String(paid.url))).text()).toContain('This payment was completed.');
  expect(await (await fetch(String(expired.url))).text()).toContain('This checkout has expired');
  expect((await submit(paid.url, { cardNumber: '4242424242424242' })).status).toBe(410);
  expect((await submit(expired.url, { cardNumber: '4242424242424242' })).status).toBe(410);
  expect((await fetch(`${shop.simulator.url}/c/pay/cs_test_nothing`)).status).toBe(404);
});

test('the card of a distrustful owner pays and is disputed', async () => {
  await using shop = await openShop();
  const { url } = await shop.stripe.checkout.sessions.create(filmCheckout());
  expect((await submit(url, { cardNumber: '4000000000000259' })).status).toBe(303);
  expect((await shop.stripe.disputes.list()).data).toMatchObject([{ amount: 1999, status: 'needs_response' }]);
});

test('a bank that asks the owner is answered before the card pays', async () => {
  await using shop = await openShop();
  const { id, url } = await shop.stripe.checkout.sessions.create(filmCheckout());
  const card = { cardNumber: '4000 0025 0000 3155', email: 'ada@demo.test' };

  const asked = await submit(url, card);
  expect(await asked.text()).toContain('Complete authentication');
  const failed = await submit(url, { ...card, authentication: 'fail' });
  expect(failed.status).toBe(402);
  expect(await shop.stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent'] })).toMatchObject({
    status: 'open',
    payment_intent: { latest_charge: null, last_payment_error: { code: 'payment_intent_authentication_failure' } },
  });
  expect((await submit(url, { ...card, authentication: 'complete' })).status).toBe(303);
  expect((await shop.stripe.charges.list()).data).toMatchObject([{ paid: true }]);
});

test('the receipt exists', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const receipt = await fetch(String(charge.receipt_url));
  expect(receipt.status).toBe(200);
  expect(await receipt.text()).toContain('$19.99 paid on');
});

test('the dashboard shows sessions, charges, events and deliveries', async () => {
  await using shop = await openShop();
  const { session, charge } = await payFilm(shop);
  const text = await (await fetch(shop.simulator.url)).text();
  expect(text).toContain(session.id);
  expect(text).toContain(charge.id);
  expect(text).toContain('checkout.session.completed');
  expect(text).toContain('Webhook deliveries');
});
