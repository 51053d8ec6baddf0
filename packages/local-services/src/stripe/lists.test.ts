import { expect, test } from 'vitest';
import { filmCheckout, openShop, payFilm, refusal } from './testing/setup.ts';

test('a list comes newest first, page by page in both directions', async () => {
  await using shop = await openShop();
  const { sessions } = shop.stripe.checkout;
  const ids: string[] = [];
  for (let made = 0; made < 5; made += 1) ids.unshift((await sessions.create(filmCheckout())).id);

  const first = await sessions.list({ limit: 2 });
  const second = await sessions.list({ limit: 2, starting_after: ids[1] });
  const last = await sessions.list({ limit: 2, starting_after: ids[3] });
  const back = await sessions.list({ limit: 2, ending_before: ids[4] });
  const top = await sessions.list({ limit: 2, ending_before: ids[2] });

  const shape = (page: typeof first) => [page.data.map((session) => session.id), page.has_more];
  expect(first).toMatchObject({ object: 'list', url: '/v1/checkout/sessions' });
  expect(shape(first)).toEqual([ids.slice(0, 2), true]);
  expect(shape(second)).toEqual([ids.slice(2, 4), true]);
  expect(shape(last)).toEqual([ids.slice(4), false]);
  expect(shape(back)).toEqual([ids.slice(2, 4), true]);
  expect(shape(top)).toEqual([ids.slice(0, 2), false]);
});

test('the SDK walks through all pages by itself', async () => {
  await using shop = await openShop();
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  for (let failure = 0; failure < 7; failure += 1) shop.simulator.decline(id);
  const seen: string[] = [];
  for await (const charge of shop.stripe.charges.list({ limit: 3 })) seen.push(charge.id);
  expect(new Set(seen).size).toBe(7);
});

test('lists are filtered by what they belong to, by status and by time', async () => {
  let aheadMs = -3_600_000;
  await using shop = await openShop({ now: () => Date.now() + aheadMs });
  const { checkout, charges, refunds, paymentIntents } = shop.stripe;
  const old = await payFilm(shop);
  aheadMs = 0;
  const recent = await payFilm(shop);
  const open = await checkout.sessions.create(filmCheckout());
  await refunds.create({ charge: old.charge.id, amount: 100 });
  await refunds.create({ charge: recent.charge.id, amount: 200 });
  const since = recent.session.created;

  const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
  expect(ids(await checkout.sessions.list({ payment_intent: old.intent.id }))).toEqual([old.session.id]);
  expect(ids(await checkout.sessions.list({ status: 'open' }))).toEqual([open.id]);
  expect(ids(await checkout.sessions.list({ created: { gte: since } }))).toEqual([open.id, recent.session.id]);
  expect(ids(await checkout.sessions.list({ created: { lt: since } }))).toEqual([old.session.id]);
  expect(ids(await charges.list({ payment_intent: recent.intent.id }))).toEqual([recent.charge.id]);
  expect(ids(await paymentIntents.list({ created: old.intent.created }))).toEqual([old.intent.id]);
  expect((await refunds.list({ charge: old.charge.id })).data).toMatchObject([{ amount: 100 }]);
  expect((await refunds.list({ payment_intent: recent.intent.id })).data).toMatchObject([{ amount: 200 }]);
});

test('a list can expand what its items refer to', async () => {
  await using shop = await openShop();
  const { intent } = await payFilm(shop);
  const page = await shop.stripe.checkout.sessions.list({ expand: ['data.payment_intent.latest_charge'] });
  expect(page.data).toMatchObject([{ payment_intent: { id: intent.id, latest_charge: { paid: true } } }]);
});

test('a session has its lines as a list of their own', async () => {
  await using shop = await openShop();
  const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
  const lines = await shop.stripe.checkout.sessions.listLineItems(id);
  expect(lines.data).toMatchObject([{ object: 'item', description: 'Metropolis (1927)', quantity: 1 }]);
});

test('a limit out of bounds and an unknown cursor are refused', async () => {
  await using shop = await openShop();
  const { charges } = shop.stripe;
  expect(await refusal(charges.list({ limit: 101 }))).toMatchObject({ statusCode: 400, param: 'limit' });
  expect(await refusal(charges.list({ limit: 0 }))).toMatchObject({ statusCode: 400, param: 'limit' });
  expect(await refusal(charges.list({ starting_after: 'ch_x' }))).toMatchObject({ code: 'resource_missing' });
});
