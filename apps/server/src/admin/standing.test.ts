import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { registerVisitor, signInForTokens, tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
beforeEach(() => app.inbox.clear());
afterAll(() => app[Symbol.asyncDispose]());

const act = (userId: string, what: string, body?: object, viewer = admin) =>
  app.rest('POST', `/admin/users/${userId}/${what}`, { viewer, ...(body && { body }) });

async function auditOf(userId: string): Promise<string[]> {
  const { items } = await admin.client.admin.audit.list.query({ targetId: userId });
  return items.map((entry) => entry.action);
}

describe('activating', () => {
  test('opens a pending account, ends the link of its mail, and tells its owner', async () => {
    const visitor = await registerVisitor(app, 'pending@example.com');

    const answer = await act(visitor.id, 'activate');

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ id: visitor.id, isActive: true, activatedAt: expect.any(String) });
    const mail = await app.inbox.waitFor({ to: visitor.email, subject: 'Your account is active' });
    expect(mail.html).toContain('<strong id="email">pending@example.com</strong>');
    await signInForTokens(app, visitor.email);
    expect((await app.rest('POST', '/accounts/activate', { body: { token: visitor.token } })).status).not.toBe(200);
    const tokens = await app.db.selectFrom('oneTimeTokens').where('userId', '=', visitor.id).select('id').execute();
    expect(tokens).toEqual([]);
  });

  test('an open account changes nothing, mails nobody and is no act', async () => {
    const viewer = await app.signIn();
    const mails = (await listJobs(app, 'accounts.activated-mail')).length;
    for (const _ of [1, 2]) expect((await act(viewer.userId, 'activate')).status).toBe(200);
    expect((await listJobs(app, 'accounts.activated-mail')).length).toBe(mails);
    expect(await auditOf(viewer.userId)).toEqual([]);
    await viewer.client.accounts.me.query();
  });

  test('fifty times at once is one act and one mail', async () => {
    const visitor = await registerVisitor(app, 'fifty@example.com');
    const before = (await listJobs(app, 'accounts.activated-mail')).length;
    const answers = await Promise.all(Array.from({ length: 50 }, () => act(visitor.id, 'activate')));
    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect((await listJobs(app, 'accounts.activated-mail')).length).toBe(before + 1);
    expect(await auditOf(visitor.id)).toEqual(['users.activate']);
  });

  test('while the owner follows the link ends in an open account, and in no fault', async () => {
    for (let round = 0; round < 10; round++) {
      const visitor = await registerVisitor(app, `both${round}@example.com`);
      const [byLink, byAdmin] = await Promise.all([
        app.rest('POST', '/accounts/activate', { body: { token: visitor.token } }),
        act(visitor.id, 'activate'),
      ]);
      expect(byAdmin.status).toBe(200);
      expect([200, 400, 409]).toContain(byLink.status);
      await signInForTokens(app, visitor.email);
    }
  });
});

describe('deactivating', () => {
  test('ends every session at once, in every process', async () => {
    const replica = await app.startReplica({ PROCESS: 'api' });
    const viewer = await app.signIn();
    const devices = [await signInForTokens(app, viewer.email), await signInForTokens(app, viewer.email)];

    expect((await act(viewer.userId, 'deactivate')).body).toMatchObject({ isActive: false });

    for (const { accessToken, refreshToken } of devices) {
      for (const url of [app.url, replica.url]) {
        const headers = { authorization: `Bearer ${accessToken}` };
        expect((await fetch(`${url}/api/v1/accounts/me`, { headers })).status).toBe(401);
      }
      expect((await app.rest('POST', '/accounts/refresh', { body: { refreshToken } })).status).toBe(401);
    }
    expect(await app.db.selectFrom('sessions').where('userId', '=', viewer.userId).select('id').execute()).toEqual([]);
    const login = await app.rest('POST', '/accounts/login', { body: { email: viewer.email, password: PASSWORD } });
    expect([login.status, login.body.reason]).toEqual([403, 'not_active']);
  });

  test('twice is once', async () => {
    const viewer = await app.signIn();
    for (const _ of [1, 2]) expect((await act(viewer.userId, 'deactivate')).status).toBe(200);
    expect(await auditOf(viewer.userId)).toEqual(['users.deactivate']);
  });

  test('what was signed in before stays signed out when the account opens again', async () => {
    const viewer = await app.signIn();
    const tokens = await signInForTokens(app, viewer.email);
    const { activatedAt } = (await act(viewer.userId, 'deactivate')).body;
    // A sign-in that was under way just then.
    const late = { userId: viewer.userId, idleExpiresAt: new Date(Date.now() + 60_000) };
    await app.db
      .insertInto('sessions')
      .values({ ...late, expiresAt: late.idleExpiresAt })
      .execute();

    const reopened = await act(viewer.userId, 'activate');

    expect(reopened.body).toMatchObject({ isActive: true, activatedAt });
    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    expect((await app.rest('GET', '/accounts/me', { headers })).status).toBe(401);
    expect(await app.db.selectFrom('sessions').where('userId', '=', viewer.userId).select('id').execute()).toEqual([]);
    await signInForTokens(app, viewer.email);
  });

  test('and opening again, twice, is told twice: by two mails, not by one that came twice', async () => {
    const viewer = await app.signIn();
    for (const what of ['deactivate', 'activate', 'deactivate', 'activate']) await act(viewer.userId, what);
    await waitUntilDone(app, 'accounts.activated-mail');
    const mails = app.inbox.messages().filter(({ envelope }) => envelope.to.includes(viewer.email));
    expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
  });
});

describe('changing a role', () => {
  test('counts from the next call on, with the tokens that are there', async () => {
    const colleague = await app.signIn();
    const asks = () => app.rest('GET', '/admin/users', { viewer: colleague });
    expect((await asks()).status).toBe(403);
    expect((await act(colleague.userId, 'change-role', { role: 'admin' })).body).toMatchObject({ role: 'admin' });
    expect((await asks()).status).toBe(200);
    expect((await act(colleague.userId, 'change-role', { role: 'moderator' })).status).toBe(200);
    expect((await asks()).status).toBe(403);
    expect((await colleague.client.accounts.me.query()).role).toBe('moderator');
  });

  test('to the one he has already is fine, and no act', async () => {
    const viewer = await app.signIn();
    expect((await act(viewer.userId, 'change-role', { role: 'user' })).status).toBe(200);
    expect(await auditOf(viewer.userId)).toEqual([]);
  });

  test('of oneself is refused, whatever the role', async () => {
    for (const role of ['user', 'moderator', 'admin']) {
      for (const id of [admin.userId, admin.userId.toUpperCase()]) {
        const answer = await act(id, 'change-role', { role });
        expect([answer.status, answer.body.reason]).toEqual([403, 'own_role']);
      }
    }
  });

  test('takes nothing but the roles there are', async () => {
    const viewer = await app.signIn();
    for (const body of [{}, { role: 'king' }, { role: null }, { role: 'admin', isActive: true }]) {
      expect((await act(viewer.userId, 'change-role', body)).status).toBe(400);
    }
  });
});

test('a link from before the account was closed is good no more when it is open again', async () => {
  const viewer = await app.signIn();
  await app.anonymous.accounts.requestPasswordReset.mutate({ email: viewer.email });
  const token = tokenOf(await app.inbox.waitFor({ to: viewer.email, subject: 'Reset your password' }));

  for (const what of ['deactivate', 'activate']) expect((await act(viewer.userId, what)).status).toBe(200);

  const body = { token, newPassword: 'Another-horse2' };
  const answer = await app.rest('POST', '/accounts/reset-password', { body });
  expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_token']);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
