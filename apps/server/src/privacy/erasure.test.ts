import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { recommendAnew } from '../community/recommendations-making.ts';
import { notify } from '../notices.ts';
import { linkOf } from '../testing/accounts.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { dumpDatabase } from '../testing/dump.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { makePicture } from '../testing/pictures.ts';
import { startServerProcess } from '../testing/process.ts';
import { openOrder, placeOrder, postWebhook, rowsOf, untilQuiet } from '../testing/shop.ts';
import { deleteDueAccounts } from './erasure.ts';
import { accountDeletionJob, dataExportJob } from './jobs.ts';

const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function makeDue({ userId }: Viewer): Promise<void> {
  await app.db.updateTable('users').set({ deletesAt: app.clock.now() }).where('id', '=', userId).execute();
}

async function deleteDue(): Promise<void> {
  await deleteDueAccounts(app.deps, new AbortController().signal);
}

async function isDeleted({ userId }: Viewer): Promise<boolean> {
  const { deletedAt } = await app.db
    .selectFrom('users')
    .where('id', '=', userId)
    .select('deletedAt')
    .executeTakeFirstOrThrow();
  return deletedAt !== null;
}

/** Every table with a column for a user, and how many rows of it are this one's. */
async function countBelongings({ userId }: Viewer): Promise<Record<string, number>> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'user_id' order by 1`.execute(app.db);
  const counts = rows.map(async ({ name }) => {
    const found = await sql<{ count: number }>`
      select count(*)::int as count from ${sql.table(name)} where user_id = ${userId}`.execute(app.db);
    return [name, found.rows[0]?.count ?? 0] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

async function listKeys(folder: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of app.deps.storage.list(folder)) keys.push(key);
  return keys;
}

/** Comments, likes and reports, in a thread with somebody else. */
async function talkAbout(movieId: string, { client }: Viewer): Promise<void> {
  const other = await app.signIn();
  const theirs = await other.client.comments.create.mutate({ movieId, text: 'Somebody else was here.' });
  const own = await client.comments.create.mutate({ movieId, text: 'Lived to see it.' });
  await other.client.comments.create.mutate({ movieId, text: 'So did I.', parentId: own.id });
  await client.comments.create.mutate({ movieId, text: 'Lived to answer it.', parentId: theirs.id });
  await client.comments.like.mutate({ commentId: theirs.id });
  await client.comments.report.mutate({ commentId: theirs.id, reason: 'other', note: 'Lived to report it.' });
}

/** Everything somebody can think of a film, and what is recommended for it. */
async function judge(movieId: string, { client, userId }: Viewer): Promise<void> {
  await client.reactions.set.mutate({ movieId, reaction: 'like' });
  await client.ratings.set.mutate({ movieId, score: 9 });
  await client.favorites.add.mutate({ movieId });
  await createMovie(app.db);
  await recommendAnew(app.db, userId);
}

/** A viewer who has left something everywhere, and has paid an order. */
async function liveFully() {
  const viewer = await app.signIn({ email: 'lived.fully@example.com' });
  const { client, userId } = viewer;
  await client.profile.update.mutate({ firstName: 'Ludovica', info: 'Knows every film.' });
  const picture = await makePicture('png', { width: 40, height: 40 });
  await client.profile.setAvatar.mutate({ image: new Blob([new Uint8Array(picture)]) });
  const film = await createMovie(app.db);
  await giveMovie(app.db, userId, film.id);
  await addVideo(app, film.id, { durationSeconds: 100 });
  const player = { movieId: film.id, deviceId: 'Lived-to-watch-it' };
  const { src } = await client.playback.start.mutate(player);
  expect((await fetch(localAddress(app, src))).status).toBe(200);
  await client.playback.progress.mutate({ ...player, position: 10, duration: 100, sequence: 1 });
  const paid = await openOrder(app, viewer);
  await fetch(`${app.stripe.url}/_control/sessions/${paid.sessionId}/pay`, { method: 'POST' });
  await untilQuiet(app);
  const asked = { origin: 'buyer', status: 'requested', amount: 999, reason: 'Lived to regret it.' } as const;
  await app.db
    .insertInto('refunds')
    .values({ ...asked, paymentId: paid.paymentId, createdAt: app.clock.now() })
    .execute();
  await client.cart.add.mutate({ movieId: (await createMovie(app.db)).id });
  const ordering = await app.rest('POST', '/orders', { viewer, headers: { 'idempotency-key': 'order-1' } });
  const pending: { id: string } = ordering.body.order;
  await client.cart.add.mutate({ movieId: (await createMovie(app.db)).id });
  await app.db.insertInto('promos').values({ code: 'LIVED', percent: 10 }).execute();
  await client.cart.applyPromo.mutate({ code: 'lived' });
  await talkAbout(film.id, viewer);
  await judge(film.id, viewer);
  await client.accounts.requestEmailChange.mutate({ newEmail: 'lived.on@example.com', password: 'Correct-horse1' });
  await client.accounts.totp.setup.mutate();
  await notify(app.db, [userId], { kind: 'movie_left_cart', text: 'Heat (1995) has left your cart.', link: '/cart' });
  await client.notifications.setPreferences.mutate({ comment_like: { inApp: true, email: false } });
  await client.accounts.exportData.mutate();
  const link = linkOf(await app.inbox.waitFor({ to: viewer.email, subject: 'Your data export' }));
  return { viewer, paid, pending, link: localAddress(app, link) };
}

describe('an account that is due', () => {
  test('leaves orders and payments behind, and nothing that leads to who it was', async () => {
    const { viewer, paid, pending, link } = await liveFully();
    const before = await countBelongings(viewer);
    const empty = Object.keys(before).filter((table) => before[table] === 0);
    // Those go with their secret, and come when the app is confirmed.
    expect(empty).toEqual(['recovery_codes']);
    expect((await fetch(link)).status).toBe(200);
    const { order, payments, lines } = await rowsOf(app, paid.order.id);
    expect(payments[0]).toMatchObject({ status: 'successful', receiptUrl: expect.any(String) });
    const dump = await dumpDatabase(app);
    for (const trace of ['lived.fully', 'lived.on', 'Ludovica', 'Lived to']) expect(dump).toContain(trace);

    await makeDue(viewer);
    await app.deps.queue.enqueue(app.db, accountDeletionJob, {});
    await waitUntilDone(app, accountDeletionJob.name);

    const after = await countBelongings(viewer);
    const kept = { orders: 2, payments: 1 };
    expect(after).toEqual({ ...Object.fromEntries(Object.keys(before).map((table) => [table, 0])), ...kept });
    const now = await rowsOf(app, paid.order.id);
    expect(now.order).toEqual(order);
    expect(now.lines).toEqual(lines);
    expect(now.payments).toEqual(payments.map((payment) => ({ ...payment, checkoutUrl: null, receiptUrl: null })));
    expect((await rowsOf(app, pending.id)).order.status).toBe('pending');
    expect([await listKeys('avatars'), await listKeys('exports')]).toEqual([[], []]);
    expect((await fetch(link)).status).toBe(404);
    const left = await dumpDatabase(app);
    expect(left).toContain(`deleted-${viewer.userId}@deleted.invalid`);
    for (const trace of ['lived.fully', 'lived.on', 'Ludovica', 'Knows every film', 'Lived to']) {
      expect(left).not.toContain(trace);
    }
    // What Stripe told can still be read as it was: the payment it is about, and how much it was.
    const { rows } = await sql<{ kept: number }>`
      select count(*)::int as kept from stripe_events
      where payload #>> '{data,object,metadata,paymentId}' = ${paid.paymentId} and payload #>> '{data,object,id}' is not null
    `.execute(app.db);
    expect(rows[0]?.kept).toBeGreaterThan(0);
  });

  test('waits as long as somebody may be paying', async () => {
    const viewer = await app.signIn();
    const { order, sessionId } = await openOrder(app, viewer);
    await makeDue(viewer);
    await deleteDue();
    expect(await isDeleted(viewer)).toBe(false);
    await fetch(`${app.stripe.url}/_control/sessions/${sessionId}/pay`, { method: 'POST' });
    await untilQuiet(app);
    await deleteDue();
    expect(await isDeleted(viewer)).toBe(true);
    expect((await rowsOf(app, order.id)).order.status).toBe('paid');
  });

  test('can be deleted by two runs at once, and again, and is so once', async () => {
    const viewers = await Promise.all(Array.from({ length: 10 }, () => app.signIn()));
    for (const viewer of viewers) await makeDue(viewer);
    const deleted = async () =>
      Number(
        /cinema_clean_up_deleted_total\{kind="accounts"\} (\d+)/.exec((await app.deps.metrics.expose()).text)?.[1] ?? 0,
      );
    const before = await deleted();
    await Promise.all([deleteDue(), deleteDue(), deleteDue()]);
    await deleteDue();
    for (const viewer of viewers) expect(await isDeleted(viewer)).toBe(true);
    expect((await deleted()) - before).toBe(10);
  });

  test('loses what a call under way has left, at the next look', async () => {
    const viewer = await app.signIn();
    await makeDue(viewer);
    await deleteDue();
    const film = await createMovie(app.db);
    await app.db.insertInto('cartItems').values({ userId: viewer.userId, movieId: film.id }).execute();
    await giveMovie(app.db, viewer.userId, film.id);
    await deleteDue();
    expect(await countBelongings(viewer)).toMatchObject({ cart_items: 0, library_movies: 0 });
  });

  test('gets no mail and no archive any more', async () => {
    const viewer = await app.signIn();
    const { id: exportId } = await app.db
      .insertInto('exports')
      .values({
        userId: viewer.userId,
        storageKey: 'exports/late.json',
        requestedAt: app.clock.now(),
        expiresAt: new Date(app.clock.now().getTime() + DAY * 1_000),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await makeDue(viewer);
    await deleteDue();
    app.inbox.clear();
    await app.deps.queue.enqueue(app.db, dataExportJob, { exportId });
    await waitUntilDone(app, dataExportJob.name);
    expect(app.inbox.messages()).toEqual([]);
    expect(await listKeys('exports')).toEqual([]);
  });
});

describe('somebody who pays while the account is deleted', () => {
  /** Waits until this many statements wait for a lock. */
  async function untilWaiting(count: number): Promise<void> {
    const look = async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
      expect(rows).toHaveLength(count);
    };
    await vi.waitFor(look, { timeout: 20_000, interval: 20 });
  }

  test('gets no page any more, when the deletion was first', async () => {
    const viewer = await app.signIn();
    const order = await placeOrder(viewer, [await createMovie(app.db)]);
    await makeDue(viewer);
    const [deletion, paying] = await app.db.transaction().execute(async (trx) => {
      // Near the last step of the deletion.
      await trx.selectFrom('profiles').where('userId', '=', viewer.userId).select('userId').forUpdate().execute();
      const deleting = deleteDue();
      await untilWaiting(1);
      const asking = app.rest('POST', `/orders/${order.id}/checkout`, { viewer });
      await untilWaiting(2);
      return [deleting, asking].map((each) => ({ done: each }));
    });
    await deletion!.done;
    expect(await paying!.done).toMatchObject({ status: 404 });
    expect(await isDeleted(viewer)).toBe(true);
    expect((await rowsOf(app, order.id)).payments).toEqual([]);
  });

  test('keeps the account until it is paid, when the deletion came second', async () => {
    const viewer = await app.signIn();
    const order = await placeOrder(viewer, [await createMovie(app.db)]);
    await makeDue(viewer);
    const [paying, deletion] = await app.db.transaction().execute(async (trx) => {
      await trx.selectFrom('orders').where('id', '=', order.id).select('id').forUpdate().execute();
      const asking = app.rest('POST', `/orders/${order.id}/checkout`, { viewer });
      await untilWaiting(1);
      const deleting = deleteDue();
      await untilWaiting(2);
      return [asking, deleting].map((each) => ({ done: each }));
    });
    await deletion!.done;
    expect(await paying!.done).toMatchObject({ status: 200 });
    expect(await isDeleted(viewer)).toBe(false);
    expect((await rowsOf(app, order.id)).payments).toMatchObject([{ status: 'pending' }]);
  });
});

describe('what Stripe tells after the deletion', () => {
  const ADDRESS = 'late.payer@example.com';

  /** Posts an event about a payment as Stripe does: without our metadata, and with who paid. */
  async function tell(type: string, object: object): Promise<string> {
    const id = `evt_${crypto.randomUUID().replaceAll('-', '')}`;
    const who = { billing_details: { email: ADDRESS, name: 'Late Payer' }, amount: 999, currency: 'usd' };
    const data = { object: { ...who, ...object }, previous_attributes: { receipt_email: ADDRESS } };
    const event = { id, object: 'event', type, livemode: false, data };
    expect((await postWebhook(app, JSON.stringify(event))).status).toBe(200);
    return id;
  }

  async function payloadOf(eventId: string): Promise<unknown> {
    const { rows } = await sql<{ payload: string }>`
      select payload::text as payload from stripe_events where id = ${eventId}`.execute(app.db);
    return JSON.parse(rows[0]?.payload ?? '').data;
  }

  test('is kept without who paid; so is what it told before without naming our order', async () => {
    const [viewer, other] = [await app.signIn({ email: ADDRESS }), await app.signIn()];
    const [paid, others] = [await openOrder(app, viewer), await openOrder(app, other)];
    for (const { sessionId } of [paid, others]) {
      await fetch(`${app.stripe.url}/_control/sessions/${sessionId}/pay`, { method: 'POST' });
    }
    await untilQuiet(app);
    const intentOf = async ({ order }: typeof paid) => (await rowsOf(app, order.id)).payments[0]!.stripePaymentIntentId;
    const dispute = { object: 'dispute', id: 'dp_1', payment_intent: await intentOf(paid), status: 'needs_response' };
    const before = await tell('charge.dispute.created', dispute);
    await makeDue(viewer);
    await deleteDue();
    expect(await dumpDatabase(app)).not.toContain(ADDRESS);

    const kept = { object: { ...dispute, amount: 999, currency: 'usd' } };
    const after = await tell('charge.dispute.updated', dispute);
    expect([await payloadOf(before), await payloadOf(after)]).toEqual([kept, kept]);
    expect(await dumpDatabase(app)).not.toContain(ADDRESS);
    const ofOther = await tell('charge.dispute.created', { ...dispute, payment_intent: await intentOf(others) });
    expect(await payloadOf(ofOther)).toMatchObject({ object: { billing_details: { email: ADDRESS } } });
  });

  test('settles a payment, and leaves no receipt that shows who paid', async () => {
    const viewer = await app.signIn({ email: 'very.late.payer@example.com' });
    const { order, sessionId } = await openOrder(app, viewer);
    const longAgo = new Date(app.clock.now().getTime() - 3 * DAY * 1_000);
    await app.db.updateTable('payments').set({ expiresAt: longAgo }).where('orderId', '=', order.id).execute();
    await makeDue(viewer);
    await deleteDue();
    expect(await isDeleted(viewer)).toBe(true);
    await fetch(`${app.stripe.url}/_control/sessions/${sessionId}/pay`, { method: 'POST' });
    await untilQuiet(app);
    const { payments } = await rowsOf(app, order.id);
    expect(payments).toMatchObject([{ status: 'successful', receiptUrl: null, checkoutUrl: null }]);
    expect(await dumpDatabase(app)).not.toContain(viewer.email);
  });
});

describe('what goes wrong', () => {
  test('with one account holds up no other, leaves that one whole, and is made good by the next run', async () => {
    const viewers = await Promise.all(Array.from({ length: 3 }, () => app.signIn()));
    const [, stuck] = viewers;
    for (const viewer of viewers) await makeDue(viewer);
    await sql
      .raw(
        `create function refuse() returns trigger language plpgsql as $$ begin raise 'full' using errcode = '53100'; end $$;
        create trigger refuse before delete on profiles for each row
          when (old.user_id = '${stuck!.userId}') execute function refuse();`,
      )
      .execute(app.db);
    const before = await countBelongings(stuck!);

    await expect(deleteDue()).rejects.toThrow('1 accounts could not be deleted');
    expect(await Promise.all(viewers.map(isDeleted))).toEqual([true, false, true]);
    expect(await countBelongings(stuck!)).toEqual(before);

    await sql`drop function refuse cascade`.execute(app.db);
    await deleteDue();
    expect(await isDeleted(stuck!)).toBe(true);
  });

  test('with the storage leaves an object for the sweep, and the account is gone', async () => {
    const viewer = await app.signIn();
    const picture = await makePicture('png', { width: 40, height: 40 });
    await viewer.client.profile.setAvatar.mutate({ image: new Blob([new Uint8Array(picture)]) });
    await makeDue(viewer);
    const storage = { ...app.deps.storage, remove: () => Promise.reject(new Error('the bucket is away')) };
    await deleteDueAccounts({ ...app.deps, storage }, new AbortController().signal);
    expect(await isDeleted(viewer)).toBe(true);
    expect(await countBelongings(viewer)).toMatchObject({ profiles: 0 });
    expect(await listKeys('avatars')).toHaveLength(1);
  });

  test('a process that is killed in the middle has done nothing, and the next run does all of it', async () => {
    await using cinema = await startTestApp({ PROCESS: 'api' });
    const viewer = await cinema.signIn();
    const film = await createMovie(cinema.db);
    await giveMovie(cinema.db, viewer.userId, film.id);
    await cinema.db.updateTable('users').set({ deletesAt: new Date() }).where('id', '=', viewer.userId).execute();
    await using other = await startServerProcess({
      PUBLIC_URL: cinema.config.publicUrl,
      DATABASE_URL: cinema.config.databaseUrl,
      DATA_DIR: cinema.config.dataDir,
    });
    await cinema.db.transaction().execute(async (trx) => {
      // Near its last step: the session, the library and the account itself were dealt with by then.
      await trx.selectFrom('profiles').where('userId', '=', viewer.userId).select('userId').forUpdate().execute();
      await cinema.deps.queue.enqueue(cinema.db, accountDeletionJob, {});
      await vi.waitFor(
        async () => {
          const { rows } = await sql`
            select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
              and query like 'delete from "profiles"%'`.execute(cinema.db);
          expect(rows).toHaveLength(1);
        },
        { timeout: 20_000, interval: 20 },
      );
      other.child.kill('SIGKILL');
      await other.exited;
    });
    const standing = async () =>
      await cinema.db
        .selectFrom('users')
        .where('id', '=', viewer.userId)
        .select(['email', 'deletedAt'])
        .executeTakeFirst();
    const owned = async () =>
      (await cinema.db.selectFrom('libraryMovies').where('userId', '=', viewer.userId).select('movieId').execute())
        .length;
    expect([await standing(), await owned()]).toEqual([{ email: viewer.email, deletedAt: null }, 1]);
    await viewer.client.accounts.me.query();

    await deleteDueAccounts(cinema.deps, new AbortController().signal);
    expect([await standing(), await owned()]).toEqual([
      { email: `deleted-${viewer.userId}@deleted.invalid`, deletedAt: expect.any(Date) },
      0,
    ]);
  });
});
