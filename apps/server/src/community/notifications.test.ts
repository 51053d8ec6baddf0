import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Notice, notify } from '../notices.ts';
import { linkOf } from '../testing/accounts.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { digestJob } from './digest-jobs.ts';
import { likesDigestMail, replyMail } from './notifications-jobs.ts';
import { tell } from './notifications.ts';

const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const REPLY: Notice = { kind: 'comment_reply', text: 'Ada replied to you.', link: '/movies/heat-1995#comments' };
const LIKE: Notice = { kind: 'comment_like', text: 'Ada likes your comment.', link: null };

async function tellNow(viewers: Viewer[], notice: Notice): Promise<void> {
  const userIds = viewers.map(({ userId }) => userId);
  await app.db.transaction().execute((trx) => tell(app.deps, trx, userIds, notice));
}

const textsOf = (items: { text: string }[]) => items.map(({ text }) => text);
const mailsTo = ({ email }: Viewer) => app.inbox.messages().filter(({ envelope }) => envelope.to.includes(email));

describe('the list', () => {
  test('has what its reader was told, newest first, page by page, and nothing of anybody else', async () => {
    const [viewer, other] = [await app.signIn(), await app.signIn()];
    for (let number = 1; number <= 5; number++)
      await notify(app.db, [viewer.userId], { ...REPLY, text: `No. ${number}` });
    await notify(app.db, [other.userId], LIKE);

    const first = await app.rest('GET', '/notifications?limit=2', { viewer });
    expect([first.status, textsOf(first.body.items), first.body.total]).toEqual([200, ['No. 5', 'No. 4'], 5]);
    expect(first.body.items[0]).toEqual({
      id: expect.any(String),
      kind: 'comment_reply',
      text: 'No. 5',
      link: '/movies/heat-1995#comments',
      createdAt: expect.any(String),
      readAt: null,
    });
    await notify(app.db, [viewer.userId], { ...REPLY, text: 'No. 6' });
    const second = await viewer.client.notifications.list.query({ limit: 3, cursor: first.body.nextCursor });
    expect([textsOf(second.items), second.nextCursor]).toEqual([['No. 3', 'No. 2', 'No. 1'], null]);
    expect(textsOf((await other.client.notifications.list.query({})).items)).toEqual([LIKE.text]);
  });

  test('tells what is unread, and how much, until it is read or deleted', async () => {
    const viewer = await app.signIn();
    for (const text of ['one', 'two', 'three']) await notify(app.db, [viewer.userId], { ...REPLY, text });
    const { notifications } = viewer.client;
    const count = async () => (await notifications.unreadCount.query()).count;
    const [three, two] = (await notifications.list.query({ unreadOnly: true })).items;
    expect(await count()).toBe(3);

    const read = await app.rest('PATCH', `/notifications/${two!.id}`, { viewer, body: { read: true } });
    expect([read.status, read.body]).toEqual([204, undefined]);
    const readAt = app.clock.now();
    app.clock.advance(1);
    // Read once: a second time changes nothing.
    await notifications.markRead.mutate({ notificationId: two!.id });
    const [, again] = (await notifications.list.query({})).items;
    expect([again?.id, again!.readAt! <= readAt]).toEqual([two!.id, true]);
    expect(textsOf((await notifications.list.query({ unreadOnly: true })).items)).toEqual(['three', 'one']);
    expect((await app.rest('DELETE', `/notifications/${three!.id}`, { viewer })).status).toBe(204);
    expect(await count()).toBe(1);
    expect((await app.rest('POST', '/notifications/read-all', { viewer })).status).toBe(204);
    expect((await app.rest('GET', '/notifications/unread-count', { viewer })).body).toEqual({ count: 0 });
    expect(textsOf((await notifications.list.query({})).items)).toEqual(['two', 'one']);
    expect((await app.rest('DELETE', `/notifications/${three!.id}`, { viewer })).status).toBe(404);
  });

  test('gives every one of many that come at once a number of its own, without a gap', async () => {
    const viewer = await app.signIn();
    await Promise.all(Array.from({ length: 50 }, () => notify(app.db, [viewer.userId], LIKE)));
    const rows = await app.db
      .selectFrom('notifications')
      .where('userId', '=', viewer.userId)
      .select('eventId')
      .execute();
    expect(rows.map(({ eventId }) => eventId).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, n) => n + 1),
    );
  });
});

describe('preferences', () => {
  test('say yes to everything until somebody says no, and then decide what is told where', async () => {
    const viewer = await app.signIn();
    const both = { inApp: true, email: true };
    expect((await app.rest('GET', '/notifications/preferences', { viewer })).body).toEqual({
      comment_reply: both,
      comment_like: both,
      movie_left_cart: both,
      movie_in_carts: both,
    });
    const body = { comment_reply: { inApp: false, email: true }, comment_like: { inApp: false, email: false } };
    const set = await app.rest('PUT', '/notifications/preferences', { viewer, body });
    expect([set.status, set.body]).toEqual([200, { ...body, movie_left_cart: both, movie_in_carts: both }]);

    const cart: Notice = { kind: 'movie_left_cart', text: 'Heat (1995) has left your cart.', link: '/cart' };
    expect(await notify(app.db, [viewer.userId], cart)).toHaveLength(1);
    await viewer.client.notifications.setPreferences.mutate({ movie_left_cart: { inApp: false, email: false } });
    // What is to be mailed.
    expect(await notify(app.db, [viewer.userId], cart)).toEqual([]);
    await viewer.client.notifications.markAllRead.mutate();

    await tellNow([viewer], REPLY);
    await tellNow([viewer], LIKE);
    await app.inbox.waitFor({ to: viewer.email, subject: 'Reply to your comment' });
    expect((await viewer.client.notifications.list.query({})).items).toMatchObject([{ kind: 'movie_left_cart' }]);
    expect((await viewer.client.notifications.unreadCount.query()).count).toBe(0);
    const rows = app.db.selectFrom('notifications').where('userId', '=', viewer.userId);
    expect(await rows.select('kind').orderBy('id').execute()).toMatchObject(
      [cart, REPLY].map(({ kind }) => ({ kind })),
    );
    // What is not in the app is nothing a caller could read or delete.
    const { id } = await rows.where('inApp', '=', false).select('id').executeTakeFirstOrThrow();
    expect((await app.rest('PATCH', `/notifications/${id}`, { viewer, body: {} })).status).toBe(404);
  });

  test('leave the staff what it has to do', async () => {
    const viewer = await app.signIn({ role: 'moderator' });
    const body = { movie_in_carts: { inApp: false, email: false } };
    expect((await app.rest('PUT', '/notifications/preferences', { viewer, body })).status).toBe(400);
  });
});

describe('a reply', () => {
  test('goes out by mail at once, as text, with a way to end such mails', async () => {
    const viewer = await app.signIn();
    const text = 'A<script>alert(1)</script> replied: “\u202eevil\u200b & co”';
    await tellNow([viewer], { ...REPLY, text });
    const mail = await app.inbox.waitFor({ to: viewer.email, subject: 'Reply to your comment' });
    expect(mail.html).toContain('A&lt;script&gt;alert(1)&lt;/script&gt; replied: “\u202eevil\u200b &amp; co”');
    expect(mail.text).toContain(text);
    expect(linkOf(mail)).toBe('http://cinema.test/movies/heat-1995#comments');
    const headers = Object.fromEntries(mail.headers.map(({ name, value }) => [name.toLowerCase(), value]));
    const address = /^<(http:\/\/cinema\.test\/unsubscribe\/comment_reply\/[\w-]{64})>$/.exec(
      headers['list-unsubscribe']!,
    )?.[1];
    expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    expect(mail.text).toContain(`No more mails like this: ${address}`);
    expect(mail.html).toContain(`href="${address}"`);
  });

  test('is not mailed when its transaction fails, nor twice, nor to who unsubscribed meanwhile', async () => {
    const [failing, twice, gone] = [await app.signIn(), await app.signIn(), await app.signIn()];
    const undone = app.db.transaction().execute(async (trx) => {
      await tell(app.deps, trx, [failing.userId], REPLY);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    const [notificationId = ''] = await notify(app.db, [twice.userId], REPLY);
    for (let run = 0; run < 2; run++) {
      await app.deps.queue.enqueue(app.db, replyMail, { notificationId });
      await waitUntilDone(app, replyMail.name);
    }
    const [late = ''] = await notify(app.db, [gone.userId], REPLY);
    await gone.client.notifications.setPreferences.mutate({ comment_reply: { inApp: true, email: false } });
    await app.deps.queue.enqueue(app.db, replyMail, { notificationId: late });
    await waitUntilDone(app, replyMail.name);
    expect([failing, twice, gone].map((viewer) => mailsTo(viewer).length)).toEqual([0, 1, 0]);
  });
});

test('replies are mailed twenty times an hour at most; the rest is told in the app', async () => {
  const viewer = await app.signIn();
  const ids: string[] = [];
  for (let number = 0; number < 20; number++) ids.push(...(await notify(app.db, [viewer.userId], REPLY)));
  await app.db.updateTable('notifications').set({ mailedAt: app.clock.now() }).where('id', 'in', ids).execute();
  await tellNow([viewer], REPLY);
  await waitUntilDone(app, replyMail.name);
  expect([mailsTo(viewer).length, (await viewer.client.notifications.unreadCount.query()).count]).toEqual([0, 21]);
  app.clock.advance(3_601);
  await tellNow([viewer], REPLY);
  await waitUntilDone(app, replyMail.name);
  expect(mailsTo(viewer)).toHaveLength(1);
});

describe('the digest', () => {
  async function runDigests(times: number): Promise<void> {
    for (let run = 0; run < times; run++) await app.deps.queue.enqueue(app.db, digestJob, {});
    await waitUntilDone(app, digestJob.name);
    await waitUntilDone(app, likesDigestMail.name);
  }

  test('is one mail a day of the likes that were not read, however many runs there are', async () => {
    const [viewer, reader, silent] = [await app.signIn(), await app.signIn(), await app.signIn()];
    await silent.client.notifications.setPreferences.mutate({ comment_like: { inApp: true, email: false } });
    for (let number = 1; number <= 22; number++) await tellNow([viewer], { ...LIKE, text: `Fan ${number} likes it.` });
    await tellNow([reader, silent], LIKE);
    await reader.client.notifications.markAllRead.mutate();

    await runDigests(5);
    expect([viewer, reader, silent].map((each) => mailsTo(each).length)).toEqual([1, 0, 0]);
    const mail = await app.inbox.waitFor({ to: viewer.email, subject: 'Your comments were liked 22 times' });
    expect(mail.text).toMatch(/Fan 22 likes it\.[\s\S]*Fan 3 likes it\.\n\nAnd 2 more\./);
    expect(mail.text).toContain('/unsubscribe/comment_like/');

    await tellNow([viewer], { ...LIKE, text: 'A late fan likes it.' });
    await runDigests(2);
    expect(mailsTo(viewer)).toHaveLength(1);
    app.clock.advance(DAY + 1);
    await runDigests(2);
    expect(mailsTo(viewer)).toHaveLength(2);
    const next = await app.inbox.waitFor({ to: viewer.email, subject: 'Your comment was liked' });
    expect(next.text).toContain('A late fan likes it.');
    expect(next.text).not.toContain('Fan 22');
    // No likes, no mail.
    app.clock.advance(DAY + 1);
    await runDigests(1);
    expect(mailsTo(viewer)).toHaveLength(2);
    expect((await listJobs(app, digestJob.name)).every(({ state }) => state === 'completed')).toBe(true);
  });
});

describe('unsubscribing', () => {
  async function addressFor(viewer: Viewer): Promise<string> {
    await tellNow([viewer], REPLY);
    const mail = await app.inbox.waitFor({ to: viewer.email, subject: 'Reply to your comment' });
    const path = /\/unsubscribe\/comment_reply\/[\w-]+/.exec(mail.text ?? '')?.[0];
    return `${app.url}${path}`;
  }
  const emailOf = async ({ client }: Viewer) => (await client.notifications.preferences.query()).comment_reply;

  test('takes a press of a button, not a look at the page', async () => {
    const viewer = await app.signIn();
    const address = await addressFor(viewer);
    const page = await fetch(address);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toContain('<form method="post"><button>');
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(200);
    expect(await emailOf(viewer)).toEqual({ inApp: true, email: true });

    const done = await fetch(address, { method: 'POST', body: new URLSearchParams() });
    expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('You will get no more mails')]);
    expect(await emailOf(viewer)).toEqual({ inApp: true, email: false });
  });

  test('is done by a mail program in one step, as often as it likes, and leaves the rest as it is', async () => {
    const viewer = await app.signIn();
    const address = await addressFor(viewer);
    await viewer.client.notifications.setPreferences.mutate({ comment_reply: { inApp: false, email: true } });
    const form = new FormData();
    form.set('List-Unsubscribe', 'One-Click');
    for (const body of [new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }), form]) {
      expect((await fetch(address, { method: 'POST', body })).status).toBe(200);
    }
    expect(await emailOf(viewer)).toEqual({ inApp: false, email: false });
    expect((await viewer.client.notifications.preferences.query()).comment_like.email).toBe(true);
    expect(app.logs.join('')).not.toContain(address.split('/').at(-1));
  });

  test('needs the address of this mail', async () => {
    const viewer = await app.signIn();
    const address = await addressFor(viewer);
    for (const wrong of [
      address.replace('comment_reply', 'comment_like'),
      `${address.slice(0, -2)}AA`,
      `${app.url}/unsubscribe/x/y`,
    ]) {
      for (const method of ['GET', 'POST']) expect((await fetch(wrong, { method })).status).toBe(404);
    }
    expect(await emailOf(viewer)).toEqual({ inApp: true, email: true });
  });

  test('leaves nothing of an account that was deleted', async () => {
    const viewer = await app.signIn();
    const address = await addressFor(viewer);
    await sql`update users set email = 'deleted-' || id || '@deleted.invalid', password_hash = null, is_active = false,
      deleted_at = now() where id = ${viewer.userId}`.execute(app.db);
    expect((await fetch(address, { method: 'POST' })).status).toBe(200);
    const rows = app.db.selectFrom('notificationPreferences').where('userId', '=', viewer.userId);
    expect(await rows.select('kind').execute()).toEqual([]);
  });
});
