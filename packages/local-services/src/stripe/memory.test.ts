import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { connect, filmCheckout, openReceiver, openShop, payFilm, refusal } from './testing/setup.ts';

test('with a file, a simulator that starts again goes on where it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stripe-memory-'));
  const dataFile = join(folder, 'data', 'stripe.json');
  const key = { idempotencyKey: 'attempt-1' };
  const before = await openShop({ dataFile });
  const open = await before.stripe.checkout.sessions.create(filmCheckout(), key);
  const { intent, charge } = await payFilm(before);
  await before.stripe.refunds.create({ charge: charge.id, amount: 100 }, { idempotencyKey: 'refund-1' });
  const ledger = before.simulator.ledger();
  await before[Symbol.asyncDispose]();

  await using after = await openShop({ dataFile });
  expect(after.simulator.ledger()).toEqual(ledger);
  expect((await after.stripe.checkout.sessions.create(filmCheckout(), key)).id).toBe(open.id);
  const again = await after.stripe.refunds.create({ charge: charge.id, amount: 100 }, { idempotencyKey: 'refund-1' });
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect((await after.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  after.simulator.pay(open.id);
  expect((await after.stripe.checkout.sessions.retrieve(open.id)).payment_status).toBe('paid');
  await rm(folder, { recursive: true });
});

test('what was answered or told is in the file by then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'stripe-memory-'));
  const dataFile = join(folder, 'stripe.json');
  const file = () => readFileSync(dataFile, 'utf8');
  const told: boolean[] = [];
  {
    await using receiver = await openReceiver((body) =>
      told.push(file().includes((JSON.parse(body) as Stripe.Event).id)),
    );
    await using shop = await openShop({ dataFile, webhookUrl: receiver.url });
    const answered = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const { id } = await shop.stripe.checkout.sessions.create(filmCheckout());
        const isKept = file().includes(id);
        const paid = await fetch(`${shop.simulator.url}/_control/sessions/${id}/pay`, { method: 'POST' });
        const { payment_intent: intent } = (await paid.json()) as { payment_intent: string };
        return isKept && file().includes(`"${intent}"`);
      }),
    );
    await receiver.waitFor(20);
    expect(answered).not.toContain(false);
    expect(told).not.toContain(false);
  }
  // Nobody is told anything any more.
  await rm(folder, { recursive: true });
});

test('a 500 that is kept under a key is given again; another key gets through', async () => {
  await using shop = await openShop();
  const { charge } = await payFilm(shop);
  const impatient = connect(shop.simulator, shop.simulator.secretKey, 0);
  const create = (idempotencyKey: string) => impatient.refunds.create({ charge: charge.id }, { idempotencyKey });
  shop.simulator.setFaults({ status: 500, keepStatus: true });
  expect(await refusal(create('one'))).toMatchObject({ statusCode: 500 });
  shop.simulator.setFaults({ status: null, keepStatus: null });
  const replayed = await refusal(create('one'));
  expect(replayed).toMatchObject({ statusCode: 500, headers: { 'idempotent-replayed': 'true' } });
  expect((await create('two')).status).toBe('succeeded');
});
