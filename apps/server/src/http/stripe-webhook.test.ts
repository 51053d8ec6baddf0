import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { stripeEventJob } from '../payments/events.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { countJobs, eventsOf, openOrder, type Posting, postWebhook, rowsOf, untilQuiet } from '../testing/shop.ts';

const NEXT_SECRET = 'whsec_the_next_one';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ STRIPE_WEBHOOK_SECRETS: `${NEXT_SECRET},whsec_simulator` });
});
afterAll(() => app[Symbol.asyncDispose]());

/** An event as Stripe writes it, about nothing that concerns a payment unless told otherwise. */
function eventOf(event: { type?: string; livemode?: boolean; data?: object } = {}): { id: string; body: string } {
  const id = `evt_${randomUUID().replaceAll('-', '')}`;
  const body = { id, object: 'event', type: 'customer.created', livemode: false, data: { object: {} }, ...event };
  return { id, body: JSON.stringify(body, null, 2) };
}

async function countAll(): Promise<{ events: number; jobs: number }> {
  const { count } = await app.db
    .selectFrom('stripeEvents')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const states = ['created', 'active', 'retry', 'completed', 'failed'] as const;
  return { events: count, jobs: await countJobs(app, [...states], stripeEventJob.name) };
}

async function processedAt(id: string): Promise<Date | null | undefined> {
  const row = await app.db.selectFrom('stripeEvents').where('id', '=', id).select('processedAt').executeTakeFirst();
  return row?.processedAt;
}

test('an event that concerns no payment is kept as it came, and done with', async () => {
  const { id, body } = eventOf({ data: { object: { some_key: 'ä' } } });
  const response = await postWebhook(app, body);
  expect([response.status, await response.json()]).toEqual([200, { received: true }]);
  await untilQuiet(app);
  expect(await processedAt(id)).toBeInstanceOf(Date);
  const { rows } = await sql<{ same: boolean }>`
    select payload = ${body}::jsonb as same from stripe_events where id = ${id}
  `.execute(app.db);
  expect(rows).toEqual([{ same: true }]);
});

test('an event is kept once, with one job, however often it comes', async () => {
  const before = await countAll();
  const { body } = eventOf();
  const answers = await Promise.all(Array.from({ length: 50 }, () => postWebhook(app, body)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
  await untilQuiet(app);
  expect((await postWebhook(app, body)).status).toBe(200);
  expect(await countAll()).toEqual({ events: before.events + 1, jobs: before.jobs + 1 });
});

test('every secret is good while one is being replaced', async () => {
  for (const secret of [NEXT_SECRET, 'whsec_simulator']) {
    const { id, body } = eventOf();
    expect((await postWebhook(app, body, { secret })).status).toBe(200);
    expect(await processedAt(id)).not.toBeUndefined();
  }
});

test('Stripe signs with all of its secrets: one that fits is enough', async () => {
  const { body } = eventOf();
  const timestamp = Math.floor(app.clock.now().getTime() / 1000);
  const sign = (secret: string) =>
    app.deps.stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp }).split(',')[1];
  const signature = `t=${timestamp},${sign('whsec_of_another_shop')},${sign(NEXT_SECRET)}`;
  expect((await postWebhook(app, body, { signature })).status).toBe(200);
});

describe('refused with 400, and leaves neither a row nor a job:', () => {
  let before: Awaited<ReturnType<typeof countAll>>;
  beforeEach(async () => {
    await untilQuiet(app);
    before = await countAll();
  });

  async function expectRefused(body: string, posting: Posting): Promise<void> {
    const response = await postWebhook(app, body, posting);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    expect(await response.json()).toMatchObject({ reason: 'invalid_signature' });
    expect(await countAll()).toEqual(before);
  }

  const ago = (seconds: number) => new Date(app.clock.now().getTime() - seconds * 1000);

  test('a signature with a secret that is not ours', () => expectRefused(eventOf().body, { secret: 'whsec_guessed' }));
  test('no signature', () => expectRefused(eventOf().body, { signature: null }));
  test('a signature more than 300 s old', () => expectRefused(eventOf().body, { signedAt: ago(302) }));
  test('a signature more than 300 s ahead', () => expectRefused(eventOf().body, { signedAt: ago(-302) }));
  test('an event of real money in a shop for tests', () => expectRefused(eventOf({ livemode: true }).body, {}));
  test('what is signed, but no event', () => expectRefused('hello', {}));
  test('nothing at all', () => expectRefused('', {}));

  test('a signature that is none', async () => {
    for (const signature of [
      '',
      't=1',
      'v1=00',
      'nonsense',
      't=,v1=',
      `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}`,
    ]) {
      await expectRefused(eventOf().body, { signature });
    }
  });

  test('a body that was altered on its way', async () => {
    const { body } = eventOf();
    const timestamp = Math.floor(app.clock.now().getTime() / 1000);
    const secret = app.stripe.webhookSecret;
    const signature = app.deps.stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
    for (const altered of [body.replace('customer', 'Customer'), `${body} `, JSON.stringify(JSON.parse(body))]) {
      await expectRefused(altered, { signature });
    }
    const [, fits] = signature.split(',');
    await expectRefused(body, { signature: `t=${timestamp + 1},${fits}` });
    await expectRefused(body, { signature: `t=${timestamp},${fits?.replace('v1', 'v0')}` });
  });

  test('which a signature just within the time is not', async () => {
    for (const seconds of [295, -295]) {
      expect((await postWebhook(app, eventOf().body, { signedAt: ago(seconds) })).status).toBe(200);
    }
  });
});

test('a megabyte is taken, more is 413', async () => {
  const empty = eventOf({ data: { object: { text: '' } } }).body;
  const largest = eventOf({ data: { object: { text: 'a'.repeat(1_048_576 - empty.length) } } });
  expect((await postWebhook(app, largest.body)).status).toBe(200);
  const larger = eventOf({ data: { object: { text: 'a'.repeat(1_048_577 - empty.length) } } });
  const refused = await postWebhook(app, larger.body);
  expect([refused.status, await processedAt(larger.id)]).toEqual([413, undefined]);
});

test.for(['GET', 'PUT', 'DELETE'])('the webhook does not answer %s', async (method) => {
  expect((await fetch(`${app.url}/webhooks/stripe`, { method })).status).toBeOneOf([404, 405]);
});

test('when the job can not be queued, the event is not kept either, and Stripe is told to come again', async () => {
  await sql`create function refuse_jobs() returns trigger language plpgsql as
    $$ begin raise exception 'no room' using errcode = '53300'; end $$`.execute(app.db);
  await sql`create trigger refuse_jobs before insert on boss.job for each row execute function refuse_jobs()`.execute(
    app.db,
  );
  const { id, body } = eventOf();
  const refused = await postWebhook(app, body);
  await sql`drop function refuse_jobs cascade`.execute(app.db);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2']);
  expect(await processedAt(id)).toBeUndefined();

  expect((await postWebhook(app, body)).status).toBe(200);
  await untilQuiet(app);
  expect(await processedAt(id)).toBeInstanceOf(Date);
});

test('Stripe has its answer before the work is done', async () => {
  await using door = await startTestApp({ PROCESS: 'api' });
  const viewer = await door.signIn();
  const { order, sessionId, paymentId } = await openOrder(door, viewer);
  door.stripe.pay(sessionId);
  const deliveries = await door.stripe.flushWebhooks();
  expect(deliveries.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(await countJobs(door, ['created'], stripeEventJob.name)).toBe(4);
  expect((await rowsOf(door, order.id)).order.status).toBe('pending');
  expect(await eventsOf(door, paymentId)).toHaveLength(3);

  await door.startReplica({ PROCESS: 'worker' });
  await untilQuiet(door);
  expect((await rowsOf(door, order.id)).order.status).toBe('paid');
});

describe('an event about', () => {
  test.for([
    [
      'a payment nobody knows',
      'payment_intent.succeeded',
      { id: 'pi_x', object: 'payment_intent', metadata: { paymentId: randomUUID() } },
    ],
    ['a session nobody knows', 'checkout.session.completed', { id: 'cs_x', object: 'checkout.session', metadata: {} }],
    [
      'a charge nobody knows',
      'charge.succeeded',
      { id: 'ch_x', object: 'charge', payment_intent: 'pi_y', metadata: null },
    ],
    [
      'a payment whose name is no id',
      'charge.failed',
      { id: 'ch_x', object: 'charge', metadata: { paymentId: "'; --" } },
    ],
    ['what it does not say', 'checkout.session.completed', {}, 'failed'],
  ] as const)('%s is kept, not done with, and tried again if that may help', async (given) => {
    const [, type, object, state = 'retry'] = given;
    const { id, body } = eventOf({ type, data: { object } });
    expect((await postWebhook(app, body)).status).toBe(200);
    await vi.waitFor(
      async () => {
        const { rows } = await sql<{ state: string }>`
          select state::text from boss.job where name = ${stripeEventJob.name} and data->>'eventId' = ${id}
        `.execute(app.db);
        expect(rows).toEqual([{ state }]);
      },
      { timeout: 10_000, interval: 25 },
    );
    expect(await processedAt(id)).toBeNull();
  });
});
