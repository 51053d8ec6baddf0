import { sql } from 'kysely';
import { type S3, startS3 } from '@online-cinema/local-services/s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recommendAnew } from '../community/recommendations-making.ts';
import { notify } from '../notices.ts';
import { linkOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { dumpDatabase } from '../testing/dump.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { openOrder, placeOrder, tally } from '../testing/shop.ts';
import { dataExportJob, dataExportMail, exportCleanUpJob } from './jobs.ts';

const HOUR = 3_600;
const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** Where the archive tells of the rows a user has in a table. */
const TOLD_OF: Record<string, string> = {
  cart_items: 'cart',
  cart_promos: 'cartPromo',
  comment_likes: 'commentLikes',
  comment_reports: 'commentReports',
  comments: 'comments',
  favorites: 'favorites',
  library_movies: 'library',
  notification_preferences: 'notificationPreferences',
  notifications: 'notifications',
  orders: 'orders',
  payments: 'payments',
  playback_served: 'served',
  playback_streams: 'playback',
  profiles: 'profile',
  ratings: 'ratings',
  reactions: 'reactions',
  recommendations: 'recommendations',
  sessions: 'sessions',
  watch_progress: 'progress',
};

/** Why it does not tell of those in others. */
const NOT_TOLD_OF: Record<string, string> = {
  email_changes: 'an address that may be of somebody else until its link is followed; then it is that of the account',
  exports: 'the archive itself',
  idempotency_keys: 'answers that were given already, for a day',
  notification_inboxes: 'how many notifications there were',
  one_time_tokens: 'links that were mailed',
  playback_devices: 'how many words a player has sent, for a day',
  recovery_codes: 'secrets; that there is a second factor, the account tells',
  totp_secrets: 'secrets; that there is a second factor, the account tells',
  viewer_acts: 'when the last of the acts was that the archive tells of',
};

async function ask(viewer: Viewer) {
  return await app.rest('POST', '/accounts/export', { viewer });
}

/** Asks for an archive and gives the address in the mail, as a test reaches it. */
async function askForLink(viewer: Viewer, from = app): Promise<string> {
  expect((await from.rest('POST', '/accounts/export', { viewer })).status).toBe(202);
  return localAddress(from, linkOf(await from.inbox.waitFor({ to: viewer.email, subject: 'Your data export' })));
}

/** Lets time pass, which ends an access token, and signs in again. */
async function signInLater({ client, email }: Viewer, seconds: number): Promise<void> {
  app.clock.advance(seconds);
  await client.$session.signIn({ email, password: PASSWORD });
}

async function listKeys({ deps }: Pick<TestApp, 'deps'> = app): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of deps.storage.list('exports')) keys.push(key);
  return keys;
}

async function cleanUp(): Promise<void> {
  await app.deps.queue.enqueue(app.db, exportCleanUpJob, {});
  await waitUntilDone(app, exportCleanUpJob.name);
}

test('an archive that no row names is deleted, once it is a day old', async () => {
  await app.deps.storage.put('exports/orphan.json', Buffer.from('{}'));
  await cleanUp();
  expect(await listKeys()).toContain('exports/orphan.json');
  app.clock.advance(DAY + 60);
  await cleanUp();
  expect(await listKeys()).not.toContain('exports/orphan.json');
});

describe('an export', () => {
  test('holds everything that belongs to the account, and nothing of anybody else', async () => {
    const [viewer, other] = [await app.signIn(), await app.signIn()];
    await viewer.client.profile.update.mutate({ firstName: 'Ada', dateOfBirth: '1990-12-10' });
    await other.client.profile.update.mutate({ firstName: 'Somebody else' });
    const [owned, wanted, ordered] = [await createMovie(app.db), await createMovie(app.db), await createMovie(app.db)];
    await giveMovie(app.db, viewer.userId, owned.id);
    await addVideo(app, owned.id, { durationSeconds: 100 });
    const { src } = await viewer.client.playback.start.mutate({ movieId: owned.id, deviceId: 'sofa' });
    expect((await fetch(localAddress(app, src))).status).toBe(200);
    await viewer.client.playback.progress.mutate({ movieId: owned.id, position: 42.5, duration: 100 });
    const order = await placeOrder(viewer, [ordered]);
    const paying = await openOrder(app, viewer, 1_299);
    await openOrder(app, other);
    const asked = { origin: 'buyer', status: 'requested', amount: 1_299, reason: 'Asked in vain.' } as const;
    await app.db
      .insertInto('refunds')
      .values({ ...asked, paymentId: paying.paymentId, createdAt: app.clock.now() })
      .execute();
    await viewer.client.cart.add.mutate({ movieId: wanted.id });
    await app.db.insertInto('promos').values({ code: 'FIRST-10', percent: 10 }).execute();
    await viewer.client.cart.applyPromo.mutate({ code: 'FIRST-10' });
    const { id: commentId } = await viewer.client.comments.create.mutate({ movieId: owned.id, text: 'Seen it twice.' });
    const theirs = await other.client.comments.create.mutate({ movieId: owned.id, text: 'What others say.' });
    await viewer.client.comments.like.mutate({ commentId });
    await viewer.client.reactions.set.mutate({ movieId: owned.id, reaction: 'like' });
    await viewer.client.ratings.set.mutate({ movieId: owned.id, score: 9 });
    await viewer.client.favorites.add.mutate({ movieId: owned.id });
    await other.client.ratings.set.mutate({ movieId: owned.id, score: 1 });
    const { name: unseen } = await createMovie(app.db);
    await recommendAnew(app.db, viewer.userId);
    await viewer.client.comments.report.mutate({ commentId: theirs.id, reason: 'spam', note: 'Says nothing.' });
    const notice = { kind: 'movie_left_cart', text: 'A film left your cart.', link: '/cart' } as const;
    await notify(app.db, [viewer.userId], notice);
    await notify(app.db, [other.userId], notice);
    await viewer.client.notifications.setPreferences.mutate({ comment_like: { inApp: true, email: false } });

    const archive = (await (await fetch(await askForLink(viewer))).json()) as Record<string, object>;

    expect(archive).toEqual({
      madeAt: expect.any(String),
      account: expect.objectContaining({ id: viewer.userId, email: viewer.email, role: 'user', isActive: true }),
      profile: {
        firstName: 'Ada',
        lastName: null,
        gender: null,
        dateOfBirth: '1990-12-10',
        info: null,
        avatarUrl: null,
      },
      sessions: [expect.objectContaining({ ip: '127.0.0.1', createdAt: expect.any(String) })],
      orders: [
        expect.objectContaining({
          number: order.number,
          status: 'pending',
          totalAmount: 999,
          currency: 'USD',
          items: [{ movieId: ordered.id, name: ordered.name, year: 2000, priceAmount: 999 }],
        }),
        expect.objectContaining({ id: paying.order.id, totalAmount: 1_299 }),
      ],
      payments: [
        expect.objectContaining({ id: paying.paymentId, orderId: paying.order.id, amount: 1_299, status: 'pending' }),
      ],
      refunds: [expect.objectContaining({ paymentId: paying.paymentId, reason: 'Asked in vain.', amount: 1_299 })],
      library: [expect.objectContaining({ movieId: owned.id, name: owned.name, orderId: null })],
      progress: [expect.objectContaining({ movieId: owned.id, positionSeconds: 42.5, durationSeconds: 100 })],
      playback: [expect.objectContaining({ movieId: owned.id, name: owned.name, deviceId: 'sofa' })],
      served: [expect.objectContaining({ movieId: owned.id, name: owned.name, share: expect.any(Number) })],
      cart: [expect.objectContaining({ movieId: wanted.id, name: wanted.name })],
      cartPromo: 'FIRST-10',
      reactions: [expect.objectContaining({ movieId: owned.id, kind: 'like', reactedAt: expect.any(String) })],
      ratings: [expect.objectContaining({ name: owned.name, score: 9, ratedAt: expect.any(String) })],
      favorites: [expect.objectContaining({ movieId: owned.id, addedAt: expect.any(String) })],
      recommendations: expect.arrayContaining([expect.objectContaining({ name: unseen, why: expect.any(Object) })]),
      comments: [expect.objectContaining({ id: commentId, name: owned.name, text: 'Seen it twice.', editedAt: null })],
      commentLikes: [expect.objectContaining({ commentId, takenBackAt: null })],
      commentReports: [expect.objectContaining({ commentId: theirs.id, reason: 'spam', note: 'Says nothing.' })],
      notifications: [expect.objectContaining({ kind: 'movie_left_cart', link: '/cart', readAt: null })],
      notificationPreferences: [{ kind: 'comment_like', inApp: true, email: false }],
    });
    expect(Object.keys(archive)).toEqual(expect.arrayContaining(Object.values(TOLD_OF)));
    const text = JSON.stringify(archive);
    for (const secret of ['password', 'argon2', other.userId, other.email, 'What others say'])
      expect(text).not.toContain(secret);
  });

  test('tells of every table that knows a user, or there is a reason why not', async () => {
    const { rows } = await sql<{ name: string }>`
      select table_name as name from information_schema.columns
      where table_schema = 'public' and column_name = 'user_id' order by 1`.execute(app.db);
    expect(rows.map(({ name }) => name)).toEqual([...Object.keys(TOLD_OF), ...Object.keys(NOT_TOLD_OF)].sort());
  });

  test('may be asked for once in 24 hours, and again after them', async () => {
    const viewer = await app.signIn();
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(viewer)));
    expect(tally(answers)).toEqual({ 202: 1, too_many_requests: 49 });
    await signInLater(viewer, DAY - HOUR);
    const refused = await ask(viewer);
    expect([refused.status, refused.body.reason]).toEqual([429, 'too_many_requests']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(HOUR - 60);
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(HOUR);
    await waitUntilDone(app, dataExportJob.name, dataExportMail.name);
    const mails = () => app.inbox.messages().filter(({ envelope }) => envelope.to.includes(viewer.email));
    expect(mails()).toHaveLength(1);

    await signInLater(viewer, HOUR + 1);
    expect((await ask(viewer)).status).toBe(202);
    await waitUntilDone(app, dataExportJob.name, dataExportMail.name);
    expect(mails()).toHaveLength(2);
  });

  test('is for who is signed in', async () => {
    expect((await app.rest('POST', '/accounts/export')).status).toBe(401);
  });

  test('is made once when its job runs twice, and is neither made nor mailed once it is gone', async () => {
    const viewer = await app.signIn();
    await askForLink(viewer);
    const row = () =>
      app.db.selectFrom('exports').where('userId', '=', viewer.userId).selectAll().executeTakeFirstOrThrow();
    const made = await row();
    app.clock.advance(60);
    for (const job of [dataExportJob, dataExportJob]) {
      await app.deps.queue.enqueue(app.db, job, { exportId: made.id });
      await app.deps.queue.enqueue(app.db, job, { exportId: crypto.randomUUID() });
    }
    await app.deps.queue.enqueue(app.db, dataExportMail, { exportId: crypto.randomUUID() });
    await waitUntilDone(app, dataExportJob.name, dataExportMail.name);
    expect(await row()).toEqual(made);
    expect(app.inbox.messages().filter(({ envelope }) => envelope.to.includes(viewer.email))).toHaveLength(1);
  });
});

describe('its link', () => {
  test('needs nobody to be signed in, and gives a file that no cache keeps', async () => {
    const viewer = await app.signIn();
    const answer = await fetch(await askForLink(viewer));
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-disposition': expect.stringMatching(/^attachment; filename="online-cinema-\d{4}-\d\d-\d\d\.json"$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(((await answer.json()) as { account: { email: string } }).account.email).toBe(viewer.email);
  });

  test('is good for seven days', async () => {
    const link = await askForLink(await app.signIn());
    app.clock.advance(7 * DAY - 60);
    expect((await fetch(link)).status).toBe(200);
    app.clock.advance(120);
    expect((await fetch(link)).status).toBe(404);
  });

  test('can not be made up: every wrong one is answered alike', async () => {
    const viewer = await app.signIn();
    const link = new URL(await askForLink(viewer));
    const token = link.pathname.split('/').at(-1) ?? '';
    const { id } = await app.db
      .selectFrom('exports')
      .where('userId', '=', viewer.userId)
      .select('id')
      .executeTakeFirstOrThrow();
    const flipped = `${token.slice(0, -2)}${token.at(-2) === 'A' ? 'B' : 'A'}${token.at(-1)}`;
    const forged = [
      id,
      flipped,
      `${token}A`,
      token.slice(0, 22),
      app.deps.oneTimeTokens.derive('password_reset', id),
      app.deps.oneTimeTokens.derive('data_export', crypto.randomUUID()),
      '..%2F..%2Fetc%2Fpasswd',
    ];
    for (const wrong of forged) {
      const answer = await fetch(new URL(`/exports/${wrong}`, link));
      expect([wrong, answer.status, ((await answer.json()) as { reason: string }).reason]).toEqual([
        wrong,
        404,
        'not_found',
      ]);
    }
    expect((await fetch(link)).status).toBe(200);
  });

  test('opens nothing else, and stands in neither tables nor logs', async () => {
    const token = (await askForLink(await app.signIn())).split('/').at(-1) ?? '';
    await fetch(`${app.url}/exports/${token}`);
    await fetch(`${app.url}/exports/${token}/more`);
    await fetch(`${app.url}/%65xports/${token}`);
    for (const path of ['/accounts/reset-password', '/accounts/activate', '/accounts/confirm-email-change']) {
      const body = { token, ...(path.includes('password') && { newPassword: 'Right-Popcorn-4711' }) };
      expect((await app.rest('POST', path, { body })).body.reason).toBe('invalid_token');
    }
    const proof = token.slice(-42);
    expect(await dumpDatabase(app)).not.toContain(proof);
    expect(app.logs.join('')).not.toContain(proof);
  });
});

describe('the clean-up', () => {
  test('deletes what nobody can fetch any more, and leaves the rest', async () => {
    const old = await askForLink(await app.signIn());
    app.clock.advance(4 * DAY);
    const young = await askForLink(await app.signIn());
    app.clock.advance(3 * DAY + 60);
    await cleanUp();
    await cleanUp();
    const rows = await app.db.selectFrom('exports').select('storageKey').execute();
    expect((await listKeys()).sort()).toEqual(rows.map(({ storageKey }) => storageKey).sort());
    expect([(await fetch(old)).status, (await fetch(young)).status]).toEqual([404, 200]);
  });
});

describe('with the storage in a bucket', () => {
  let s3: S3;
  let cinema: TestApp;
  beforeAll(async () => {
    s3 = await startS3();
    cinema = await startTestApp({
      STORAGE_URL: `s3://${s3.bucket}?endpoint=${s3.url}`,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    });
  });
  afterAll(async () => {
    await cinema[Symbol.asyncDispose]();
    await s3.stop();
  });

  test('the link leads there, to a file as well', async () => {
    const viewer = await cinema.signIn();
    const link = await askForLink(viewer, cinema);
    const redirect = await fetch(link, { redirect: 'manual' });
    expect([redirect.status, redirect.headers.get('cache-control')]).toEqual([302, 'no-store']);
    const answer = await fetch(redirect.headers.get('location') ?? '');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="online-cinema-/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(((await answer.json()) as { account: { id: string } }).account.id).toBe(viewer.userId);
    expect(await listKeys(cinema)).toHaveLength(1);
  });
});

test('the link of a closed account opens nothing', async () => {
  const viewer = await app.signIn();
  const link = await askForLink(viewer);
  expect((await fetch(link)).status).toBe(200);
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', viewer.userId).execute();
  expect((await fetch(link)).status).toBe(404);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
});
