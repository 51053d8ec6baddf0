import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerVisitor, signInForTokens } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { accountDeletionJob, deletionScheduledMail } from './jobs.ts';

const DAY = 86_400;
const FORTNIGHT = 14 * DAY;
const SUBJECT = 'Account deletion scheduled';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ RATE_LIMITS: 'on', LOGINS_PER_MINUTE: '10000' });
});
afterEach(async () => {
  await app.db.updateTable('users').set({ role: 'user' }).execute();
});
afterAll(() => app[Symbol.asyncDispose]());

async function request(viewer: Viewer, password = PASSWORD) {
  return await app.rest('POST', '/accounts/request-deletion', { viewer, body: { password } });
}

async function cancel(viewer: Viewer) {
  return await app.rest('POST', '/accounts/cancel-deletion', { viewer });
}

async function whenDeleted(viewer: Viewer): Promise<Date | undefined> {
  return (await viewer.client.accounts.me.query()).deletesAt;
}

async function passDeletions(seconds: number): Promise<void> {
  app.clock.advance(seconds);
  await app.deps.queue.enqueue(app.db, accountDeletionJob, {});
  await waitUntilDone(app, accountDeletionJob.name);
}

async function mailsTo({ email }: Pick<Viewer, 'email'>): Promise<string[]> {
  await waitUntilDone(app, deletionScheduledMail.name);
  const mails = app.inbox
    .messages()
    .filter(({ envelope, subject }) => envelope.to.includes(email) && subject === SUBJECT);
  return mails.map(({ text }) => String(text));
}

async function standingOf({ userId }: Pick<Viewer, 'userId'>) {
  return await app.db
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['email', 'role', 'isActive', 'deletesAt', 'deletedAt'])
    .executeTakeFirstOrThrow();
}

describe('asking for it', () => {
  test('needs the password, tells the day in the answer, by mail and in `me`, and signs nobody out', async () => {
    const viewer = await app.signIn();
    expect('deletesAt' in (await viewer.client.accounts.me.query())).toBe(false);
    const wrong = await request(viewer, 'Wrong-Popcorn-0815');
    expect([wrong.status, wrong.body.reason]).toEqual([400, 'wrong_password']);
    expect(await whenDeleted(viewer)).toBeUndefined();

    const before = app.clock.now();
    const { status, body } = await request(viewer);

    expect(status).toBe(200);
    expect(body).toEqual({ deletesAt: expect.any(String) });
    const deletesAt = new Date(body.deletesAt);
    const seconds = (deletesAt.getTime() - before.getTime()) / 1_000;
    expect(seconds).toBeGreaterThanOrEqual(FORTNIGHT);
    expect(seconds).toBeLessThan(FORTNIGHT + 60);
    expect(await whenDeleted(viewer)).toEqual(deletesAt);
    const mail = await app.inbox.waitFor({ to: viewer.email, subject: SUBJECT });
    expect(mail.html).toContain(`<strong id="email">${viewer.email}</strong>`);
    expect(mail.html).toContain(body.deletesAt.slice(0, 10));
    expect(mail.text).toContain(body.deletesAt.slice(0, 10));
  });

  test('again, or a few times at once, changes nothing', async () => {
    const viewer = await app.signIn();
    const answers = await Promise.all(Array.from({ length: 5 }, () => request(viewer)));
    app.clock.advance(60);
    answers.push(await request(viewer));
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(new Set(answers.map(({ body }) => body.deletesAt)).size).toBe(1);
    expect(await mailsTo(viewer)).toHaveLength(1);
  });

  test('is for who is signed in, with a password, and not in a batch', async () => {
    const viewer = await app.signIn();
    const strangers = [
      await app.rest('POST', '/accounts/request-deletion', { body: { password: PASSWORD } }),
      await app.rest('POST', '/accounts/cancel-deletion'),
    ];
    expect(strangers.map(({ status }) => status)).toEqual([401, 401]);
    for (const body of [{}, { password: 1 }, { password: PASSWORD, userId: viewer.userId }]) {
      expect((await app.rest('POST', '/accounts/request-deletion', { viewer, body })).status).toBe(400);
    }
    const batch = await fetch(`${app.url}/trpc/accounts.requestDeletion,accounts.cancelDeletion?batch=1`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await viewer.client.$session.accessToken()}`,
      },
      body: JSON.stringify({ 0: { json: { password: PASSWORD } }, 1: {} }),
    });
    expect(batch.status).toBe(400);
    expect(await whenDeleted(viewer)).toBeUndefined();
  });

  test('lets nobody guess the password: five wrong ones, then a wait', async () => {
    const viewer = await app.signIn();
    for (let tries = 0; tries < 5; tries += 1) expect((await request(viewer, 'wrong')).status).toBe(400);
    const late = await request(viewer);
    expect([late.status, late.body.reason, late.headers.has('retry-after')]).toEqual([429, 'too_many_requests', true]);
  });

  test('is refused to the last admin, and of two who ask only the second goes on being one', async () => {
    const [one, two] = [await app.signIn({ role: 'admin' }), await app.signIn({ role: 'admin' })];
    expect((await request(one)).status).toBe(200);
    expect((await request(two)).status).toBe(200);
    await passDeletions(FORTNIGHT + 60);
    const left = [await standingOf(one), await standingOf(two)].filter(({ deletedAt }) => deletedAt === null);
    expect(left).toMatchObject([{ role: 'admin', isActive: true }]);

    const last = left[0]?.email === one.email ? one : two;
    await last.client.$session.signIn({ email: last.email, password: PASSWORD });
    await cancel(last);
    const refused = await request(last);
    expect([refused.status, refused.body.reason]).toEqual([409, 'last_admin']);
    expect(await whenDeleted(last)).toBeUndefined();
  });
});

describe('canceling it', () => {
  test('keeps the account, from any device, and is fine when there is nothing to cancel', async () => {
    const viewer = await app.signIn();
    expect((await cancel(viewer)).status).toBe(200);
    await request(viewer);
    const { accessToken } = await signInForTokens(app, viewer.email);
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await app.rest('POST', '/accounts/cancel-deletion', { headers })).body).toEqual({
      message: expect.any(String),
    });
    expect(await whenDeleted(viewer)).toBeUndefined();
    await passDeletions(FORTNIGHT + 60);
    expect(await standingOf(viewer)).toMatchObject({ email: viewer.email, isActive: true, deletedAt: null });
  });

  test('and asking anew gives another day and another mail', async () => {
    const viewer = await app.signIn();
    const { body: first } = await request(viewer);
    expect(await mailsTo(viewer)).toHaveLength(1);
    await cancel(viewer);
    app.clock.advance(60);
    const { body: second } = await request(viewer);
    expect(second.deletesAt > first.deletesAt).toBe(true);
    expect(await mailsTo(viewer)).toHaveLength(2);
  });

  test('before the mail went out leaves nothing to tell', async () => {
    const viewer = await app.signIn();
    const deletesAt = app.clock.now();
    await app.deps.queue.enqueue(app.db, deletionScheduledMail, {
      userId: viewer.userId,
      deletesAt: deletesAt.toISOString(),
    });
    expect(await mailsTo(viewer)).toEqual([]);
  });

  test('a moment before the account goes is waited for, and heard', async () => {
    const viewer = await app.signIn();
    await request(viewer);
    await sql`update users set deletes_at = ${app.clock.now()} where id = ${viewer.userId}`.execute(app.db);
    await app.db.transaction().execute(async (trx) => {
      await trx.updateTable('users').set({ deletesAt: null }).where('id', '=', viewer.userId).execute();
      await app.deps.queue.enqueue(app.db, accountDeletionJob, {});
      // It waits for our row's lock.
      await vi.waitFor(
        async () => {
          const { rows } = await sql`
            select 1 from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
          expect(rows).toHaveLength(1);
        },
        { timeout: 20_000, interval: 20 },
      );
    });
    await waitUntilDone(app, accountDeletionJob.name);
    expect(await standingOf(viewer)).toMatchObject({ email: viewer.email, isActive: true, deletedAt: null });
    expect(await whenDeleted(viewer)).toBeUndefined();
  });
});

describe('once it is done', () => {
  test('not before its time', async () => {
    const viewer = await app.signIn();
    await request(viewer);
    await passDeletions(FORTNIGHT - 60);
    expect(await standingOf(viewer)).toMatchObject({ email: viewer.email, isActive: true, deletedAt: null });
    await passDeletions(120);
    expect(await standingOf(viewer)).toMatchObject({ isActive: false, deletedAt: expect.any(Date) });
  });

  test('no token opens anything, nobody signs in, and the address is free', async () => {
    const viewer = await app.signIn();
    await request(viewer);
    app.clock.advance(FORTNIGHT - 60);
    const tokens = await signInForTokens(app, viewer.email);
    await passDeletions(120);

    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    expect((await app.rest('GET', '/accounts/me', { headers })).status).toBe(401);
    expect((await app.rest('POST', '/accounts/cancel-deletion', { headers })).status).toBe(401);
    expect((await app.rest('POST', '/accounts/refresh', { body: { refreshToken: tokens.refreshToken } })).status).toBe(
      401,
    );
    const credentials = { email: viewer.email, password: PASSWORD };
    expect((await app.rest('POST', '/accounts/login', { body: credentials })).body.reason).toBe('invalid_credentials');
    expect((await app.rest('GET', `/users/${viewer.userId}`)).status).toBe(404);

    const { id, token } = await registerVisitor(app, viewer.email);
    expect(id).not.toBe(viewer.userId);
    await app.anonymous.accounts.activate.mutate({ token });
    expect((await app.rest('POST', '/accounts/login', { body: credentials })).status).toBe(200);
  });

  test('the address that stands in its place belongs to nobody and can not be had', async () => {
    const viewer = await app.signIn();
    const email = `deleted-${viewer.userId}@deleted.invalid`;
    const register = await app.rest('POST', '/accounts/register', { body: { email, password: PASSWORD } });
    expect([register.status, register.body.reason]).toEqual([400, 'invalid_input']);
    await request(viewer);
    await passDeletions(FORTNIGHT + 60);
    expect((await standingOf(viewer)).email).toBe(email);
  });

  test('the staff can not bring it back', async () => {
    const [admin, viewer] = [await app.signIn({ role: 'admin' }), await app.signIn()];
    await request(viewer);
    await passDeletions(FORTNIGHT + 60);
    await admin.client.$session.signIn({ email: admin.email, password: PASSWORD });
    const path = `/admin/users/${viewer.userId}`;
    await app.rest('POST', `${path}/activate`, { viewer: admin });
    expect((await app.rest('POST', `${path}/change-role`, { viewer: admin, body: { role: 'admin' } })).status).toBe(
      404,
    );
    expect((await app.rest('POST', `${path}/deactivate`, { viewer: admin })).status).toBe(404);
    expect(await standingOf(viewer)).toMatchObject({ role: 'user', isActive: false });
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
});
