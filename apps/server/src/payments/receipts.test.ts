import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { buy } from '../testing/refunds.ts';
import { openOrder, placeOrder, sessionIdOf, untilQuiet } from '../testing/shop.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    SELLER_NAME: 'Кіно & Sons <Ltd>',
    SELLER_ADDRESS: '1 High Street\nLondon',
    SELLER_TAX_ID: 'GB123',
    TAX_RATE_PERCENT: '20',
  });
});
afterAll(() => app[Symbol.asyncDispose]());

async function receiptOf(viewer: Viewer, paymentId: string, accept = 'application/json') {
  const { headers, ...answer } = await app.rest('GET', `/payments/${paymentId}/receipt`, {
    viewer,
    headers: { accept },
  });
  return { ...answer, headers, type: headers.get('content-type') };
}

async function fetchPdf(viewer: Viewer, paymentId: string): Promise<{ type: string | null; bytes: Buffer }> {
  const authorization = `Bearer ${await viewer.client.$session.accessToken()}`;
  const headers = { accept: 'application/pdf', authorization };
  const answer = await fetch(`${app.url}/api/v1/payments/${paymentId}/receipt`, { headers });
  return { type: answer.headers.get('content-type'), bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe('a receipt', () => {
  test('says who sold what to whom, for how much, and what of it is tax', async () => {
    const viewer = await app.signIn();
    await viewer.client.profile.update.mutate({ firstName: 'Zoë', lastName: 'Страуструп' });
    const { paymentId, orderId, films } = await buy(app, viewer, 1000, 799);
    const { number } = await viewer.client.orders.get.query({ orderId });
    const expected = {
      number: expect.any(Number),
      orderNumber: number,
      seller: { name: 'Кіно & Sons <Ltd>', address: '1 High Street\nLondon', taxId: 'GB123' },
      buyer: { name: 'Zoë Страуструп', email: viewer.email },
      lines: films.map(({ name }, index) => {
        const price = { amount: [1000, 799][index], currency: 'USD' };
        return { name, year: 2000, price, discount: { amount: 0, currency: 'USD' }, total: price };
      }),
      total: { amount: 1799, currency: 'USD' },
      tax: { ratePercent: 20, amount: { amount: 300, currency: 'USD' } },
      refunds: [],
    };
    expect(await viewer.client.payments.receipt.query({ paymentId })).toMatchObject(expected);
    expect((await receiptOf(viewer, paymentId)).body).toMatchObject(expected);
  });

  test('is a page that loads nothing and shows text as text, or a file', async () => {
    const viewer = await app.signIn();
    const name = '<script>alert(1)</script> "Ż"';
    const film = await createMovie(app.db, { name, priceAmount: 1299 });
    const { id: orderId } = await placeOrder(viewer, [film]);
    app.stripe.pay(sessionIdOf((await viewer.client.orders.checkout.mutate({ orderId })).checkoutUrl));
    await untilQuiet(app);
    const { payment } = await viewer.client.orders.get.query({ orderId });
    const paymentId = payment!.id;

    const page = await receiptOf(viewer, paymentId, 'text/html,application/xhtml+xml,*/*;q=0.8');
    expect([page.status, page.type]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(page.body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &quot;Ż&quot; (2000)');
    expect(page.body).toContain('Кіно &amp; Sons &lt;Ltd&gt;');
    expect(page.body).toContain('$12.99');
    expect(page.body).not.toMatch(/<script|src=|https?:\/\//);
    expect((await receiptOf(viewer, paymentId, '*/*')).type).toBe('text/html; charset=utf-8');
    expect((await receiptOf(viewer, paymentId, 'application/json, text/html;q=0.5')).type).toMatch(
      /^application\/json/,
    );

    const { type, bytes } = await fetchPdf(viewer, paymentId);
    expect(type).toBe('application/pdf');
    expect(bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(bytes.includes('DejaVuSans')).toBe(true);
  });

  test('of an order with many films is a file of several pages', async () => {
    const viewer = await app.signIn();
    const { paymentId } = await buy(app, viewer, ...Array.from({ length: 60 }, (_, index) => index));
    const { bytes } = await fetchPdf(viewer, paymentId);
    expect(bytes.toString('latin1').match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1);
  });

  test('keeps what it said, and tells of what went back', async () => {
    const viewer = await app.signIn();
    const { paymentId, orderId, films } = await buy(app, viewer, 1000, 500);
    const before = await viewer.client.payments.receipt.query({ paymentId });
    const changes = { name: 'Renamed', year: 1999, priceAmount: 1 };
    for (const { id } of films) await app.db.updateTable('movies').where('id', '=', id).set(changes).execute();
    app.config.seller.name = 'Somebody else';
    app.config.taxRatePercent = 7;
    const refund = await viewer.client.refunds.request.mutate({ orderId, movieIds: [films[0]!.id], reason: 'x' });
    const after = await viewer.client.payments.receipt.query({ paymentId });
    expect(after).toEqual({
      ...before,
      refunds: [{ number: refund.number, refundedAt: refund.finishedAt, amount: { amount: 1000, currency: 'USD' } }],
    });
    const { body } = await receiptOf(viewer, paymentId, 'text/html');
    expect(body).toContain(`credit note ${refund.number}`);
  });

  test('is there for what was bought, and for nobody else', async () => {
    const [viewer, stranger] = [await app.signIn(), await app.signIn()];
    const { paymentId } = await buy(app, viewer, 500);
    const unpaid = await openOrder(app, viewer);
    for (const accept of ['text/html', 'application/pdf', 'application/json']) {
      const foreign = await receiptOf(stranger, paymentId, accept);
      const missing = await receiptOf(viewer, unpaid.paymentId, accept);
      for (const answer of [foreign, missing]) {
        expect([answer.status, answer.body.reason, answer.type]).toEqual([
          404,
          'not_found',
          'application/problem+json; charset=utf-8',
        ]);
      }
    }
    expect((await app.rest('GET', `/payments/${paymentId}/receipt`)).status).toBe(401);
  });
});

test('receipts are numbered without gaps, however many orders are paid at once', async () => {
  const numbers = async (): Promise<number[]> =>
    (await app.db.selectFrom('receipts').orderBy('number').select('number').execute()).map(({ number }) => number);
  const before = await numbers();
  const buyers = await Promise.all(Array.from({ length: 6 }, () => app.signIn()));
  const free = await Promise.all(
    buyers.map(async (viewer) => ({
      viewer,
      ...(await placeOrder(viewer, [await createMovie(app.db, { priceAmount: 0 })])),
    })),
  );
  const opened = await Promise.all(buyers.map((viewer) => openOrder(app, viewer)));
  for (const { sessionId } of opened) app.stripe.pay(sessionId);
  await Promise.all(free.map(({ viewer, id }) => viewer.client.orders.checkout.mutate({ orderId: id })));
  await untilQuiet(app);
  const after = await numbers();
  expect(after).toHaveLength(before.length + 12);
  expect(after).toEqual(after.map((_, index) => index + 1));
});
