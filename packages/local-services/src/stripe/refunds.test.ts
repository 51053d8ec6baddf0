import { expect, test } from 'vitest';
import { openReceiver, openShop, payFilm } from './testing/setup.ts';

test("a refund can begin pending and succeed later, or fail: then the money is the shop's again", async () => {
  await using receiver = await openReceiver();
  await using shop = await openShop({ webhookUrl: receiver.url });
  const { charge } = await payFilm(shop);
  shop.simulator.beginRefunds('pending');
  const [good, bad] = [
    await shop.stripe.refunds.create({ charge: charge.id, amount: 500 }),
    await shop.stripe.refunds.create({ charge: charge.id, amount: 700 }),
  ];
  expect([good.status, bad.status]).toEqual(['pending', 'pending']);
  shop.simulator.finishRefund(good.id, 'succeeded');
  const call = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"outcome":"failed"}' };
  expect((await fetch(`${shop.simulator.url}/_control/refunds/${bad.id}/finish`, call)).status).toBe(200);

  expect((await shop.stripe.refunds.retrieve(good.id)).status).toBe('succeeded');
  expect(await shop.stripe.refunds.retrieve(bad.id)).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  });
  expect(await shop.stripe.charges.retrieve(charge.id)).toMatchObject({ amount_refunded: 500, refunded: false });
  expect(shop.simulator.ledger().map(({ type, amount }) => [type, amount])).toEqual([
    ['charge', 1999],
    ['refund', 500],
    ['refund', 700],
    ['refund_failure', 700],
  ]);
  await shop.simulator.flushWebhooks();
  const told = receiver.events().map(({ type }) => type);
  // As at Stripe, events may come in another order than they happened in.
  expect(told.filter((type) => type.startsWith('refund.')).toSorted()).toEqual([
    'refund.created',
    'refund.created',
    'refund.failed',
    'refund.updated',
    'refund.updated',
  ]);
  expect(() => shop.simulator.finishRefund(bad.id, 'succeeded')).toThrow('cannot become succeeded');
});
