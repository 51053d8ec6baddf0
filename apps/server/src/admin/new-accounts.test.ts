import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replaceOneTimeToken } from '../accounts/queries.ts';
import { linkOf, signInForTokens, tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { dumpDatabase } from '../testing/dump.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { createAdmin, createAdminByLink, openSetup } from './new-accounts.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
afterAll(() => app[Symbol.asyncDispose]());

const SUBJECT = 'Choose your password';

const choosePassword = (token: string, newPassword = PASSWORD) =>
  app.rest('POST', '/accounts/reset-password', { body: { token, newPassword } });

describe('an account made by an admin', () => {
  test('is pending and has no password until its owner follows the link of the mail', async () => {
    const body = { email: ' New@Staff.example ', role: 'moderator' };
    const made = await app.rest('POST', '/admin/users', { viewer: admin, body });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      email: 'new@staff.example',
      role: 'moderator',
      isActive: false,
      activatedAt: null,
    });
    const login = { email: 'new@staff.example', password: PASSWORD };
    expect((await app.rest('POST', '/accounts/login', { body: login })).body.reason).toBe('invalid_credentials');

    const mail = await app.inbox.waitFor({ to: 'new@staff.example', subject: SUBJECT });
    expect(linkOf(mail)).toMatch(/^http:\/\/cinema\.test\/reset-password\?token=[\w-]+$/);
    expect(mail.html).toContain('<strong id="email">new@staff.example</strong>');
    expect(mail.text).toContain('a moderator');
    expect(mail.text).toContain(linkOf(mail));

    const secret = tokenOf(mail).slice(-42);
    expect(await dumpDatabase(app)).toContain('admin.invitation-mail');
    expect(await dumpDatabase(app)).not.toContain(secret);
    expect(app.logs.join('')).not.toContain(secret);

    expect((await choosePassword(tokenOf(mail), 'weak')).body.reason).toBe('weak_password');
    expect((await choosePassword(tokenOf(mail))).status).toBe(200);
    const { accessToken } = await signInForTokens(app, 'new@staff.example');
    const me = await app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${accessToken}` } });
    expect(me.body).toMatchObject({ id: made.body.id, role: 'moderator', isActive: true });
    expect((await choosePassword(tokenOf(mail), 'Another-horse2')).body.reason).toBe('invalid_token');
  });

  test('keeps its link whoever asks for a reset; one link used, the other is good no more', async () => {
    for (const kept of ['Reset your password', SUBJECT]) {
      const email = `asked-${kept.length}@staff.example`;
      await admin.client.admin.users.create.mutate({ email, role: 'user' });
      const invitation = tokenOf(await app.inbox.waitFor({ to: email, subject: SUBJECT }));
      await app.anonymous.accounts.requestPasswordReset.mutate({ email });
      const reset = tokenOf(await app.inbox.waitFor({ to: email, subject: 'Reset your password' }));
      const [first, second] = kept === SUBJECT ? [invitation, reset] : [reset, invitation];
      expect((await choosePassword(first)).status).toBe(200);
      expect((await choosePassword(second, 'Another-horse2')).body.reason).toBe('invalid_token');
      await signInForTokens(app, email);
    }
  });

  test('opens by nothing that was mailed once the invitation is taken back, until the staff opens it', async () => {
    const email = 'wrong-person@staff.example';
    const { id } = await admin.client.admin.users.create.mutate({ email, role: 'admin' });
    const invitation = tokenOf(await app.inbox.waitFor({ to: email, subject: SUBJECT }));
    await app.anonymous.accounts.requestPasswordReset.mutate({ email });
    const reset = tokenOf(await app.inbox.waitFor({ to: email, subject: 'Reset your password' }));
    await app.anonymous.accounts.resendActivation.mutate({ email });
    const activation = tokenOf(await app.inbox.waitFor({ to: email, subject: 'Activate your account' }));
    app.inbox.clear();

    const deactivate = () => app.rest('POST', `/admin/users/${id}/deactivate`, { viewer: admin });
    for (const _ of [1, 2]) {
      const { status, body } = await deactivate();
      expect([status, body]).toMatchObject([200, { isActive: false, closedAt: expect.any(String), activatedAt: null }]);
    }

    // As if each link had been made at the last moment.
    const expiresAt = new Date(Date.now() + 60_000);
    for (const [purpose, token] of [
      ['set_password', invitation],
      ['password_reset', reset],
    ] as const) {
      expect((await choosePassword(token)).body.reason).toBe('invalid_token');
      const late = app.deps.oneTimeTokens.derive(
        purpose,
        await replaceOneTimeToken(app.db, { userId: id, purpose, expiresAt }),
      );
      expect((await choosePassword(late)).body.reason).toBe('invalid_token');
    }
    const purpose = 'activation';
    const late = app.deps.oneTimeTokens.derive(
      purpose,
      await replaceOneTimeToken(app.db, { userId: id, purpose, expiresAt }),
    );
    for (const token of [activation, late]) {
      expect((await app.rest('POST', '/accounts/activate', { body: { token } })).body.reason).toBe('invalid_token');
    }
    await app.anonymous.accounts.requestPasswordReset.mutate({ email });
    await app.anonymous.accounts.resendActivation.mutate({ email });
    await waitUntilDone(app, 'accounts.password-reset', 'accounts.activation');
    await waitUntilDone(app, 'accounts.password-reset-mail', 'accounts.activation-mail');
    expect(app.inbox.messages().filter(({ envelope }) => envelope.to.includes(email))).toEqual([]);
    const { items } = await admin.client.admin.audit.list.query({ targetId: id });
    expect(items.map(({ action }) => action)).toEqual(['users.deactivate', 'users.create']);

    const opened = await app.rest('POST', `/admin/users/${id}/activate`, { viewer: admin });
    expect(opened.body).toMatchObject({ isActive: true, closedAt: null });
    await app.anonymous.accounts.requestPasswordReset.mutate({ email });
    const token = tokenOf(await app.inbox.waitFor({ to: email, subject: 'Reset your password' }));
    expect((await choosePassword(token)).status).toBe(200);
    await signInForTokens(app, email);
  });

  test('is not made twice, nor for an address that is taken', async () => {
    const create = () =>
      app.rest('POST', '/admin/users', { viewer: admin, body: { email: 'same@staff.example', role: 'user' } });
    const answers = await Promise.all(Array.from({ length: 50 }, create));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.reason === 'email_taken')).toHaveLength(49);
    const taken = await app.rest('POST', '/admin/users', { viewer: admin, body: { email: admin.email, role: 'user' } });
    expect([taken.status, taken.body.reason]).toEqual([409, 'email_taken']);
  });

  test.for([
    {},
    { email: 'x@y.example' },
    { email: 'no address', role: 'user' },
    { email: 'x@y.example', role: 'king' },
    { email: 'x@y.example', role: 'user', password: PASSWORD },
    { email: 'x@y.example', role: 'user', isActive: true },
  ])('needs an address and a role, and takes nothing else: %o', async (body) => {
    const answer = await app.rest('POST', '/admin/users', { viewer: admin, body });
    expect([answer.status, answer.body.reason]).toEqual([400, 'invalid_input']);
  });

  test('whose link was replaced or is too old by the time the mail is sent gets no dead link', async () => {
    await using slow = await startTestApp({ PROCESS: 'api' });
    const { admin: administration } = (await slow.signIn({ role: 'admin' })).client;
    const invite = (email: string) => administration.users.create.mutate({ email, role: 'user' });
    const { id: userId } = await invite('replaced@staff.example');
    const expiresAt = new Date(Date.now() + 86_400_000);
    await replaceOneTimeToken(slow.db, { userId, purpose: 'set_password', expiresAt });
    const { id: late } = await invite('late@staff.example');
    await slow.db
      .updateTable('oneTimeTokens')
      .set({ expiresAt: slow.clock.now() })
      .where('userId', '=', late)
      .execute();
    await invite('in-time@staff.example');
    await slow.startReplica({ PROCESS: 'worker' });
    await slow.inbox.waitFor({ to: 'in-time@staff.example' });
    await waitUntilDone(slow, 'admin.invitation-mail');
    expect(slow.inbox.messages().flatMap(({ envelope }) => envelope.to)).toEqual(['in-time@staff.example']);
  });
});

describe('an admin from the command line', () => {
  test('may sign in at once with the password', async () => {
    await createAdmin(app.deps, { email: 'cli@staff.example', password: PASSWORD });
    const { accessToken } = await signInForTokens(app, 'cli@staff.example');
    const headers = { authorization: `Bearer ${accessToken}` };
    expect((await app.rest('GET', '/admin/users', { headers })).status).toBe(200);
  });

  test('or sets one by the link', async () => {
    const link = await createAdminByLink(app.deps, 'link@staff.example');
    const token = new URL(link).searchParams.get('token') ?? '';
    expect(link).toBe(`http://cinema.test/reset-password?token=${token}`);
    expect((await choosePassword(token)).status).toBe(200);
    await signInForTokens(app, 'link@staff.example');
  });

  test('needs a strong password and an address of his own, and is on record with no actor', async () => {
    await expect(createAdmin(app.deps, { email: 'weak@staff.example', password: 'weak' })).rejects.toMatchObject({
      reason: 'weak_password',
    });
    const again = createAdmin(app.deps, { email: admin.email, password: PASSWORD });
    await expect(again).rejects.toMatchObject({ reason: 'email_taken' });
    await expect(createAdminByLink(app.deps, admin.email)).rejects.toMatchObject({ reason: 'email_taken' });
    const { items } = await admin.client.admin.audit.list.query({ action: 'users.create' });
    const ofNobody = items.filter(({ actor }) => actor === null);
    expect(ofNobody.map(({ details }) => details)).toEqual([{ role: 'admin' }, { role: 'admin' }]);
  });
});

describe('the setup of the first admin', () => {
  const FIRST = 'first@cinema.example';

  test('gives one link however many ask, until somebody has used it', async () => {
    await using empty = await startTestApp();
    const [setup, ...others] = await Promise.all(Array.from({ length: 8 }, () => openSetup(empty.deps, FIRST)));
    expect(setup).toMatchObject({ email: FIRST, link: expect.stringContaining('http://cinema.test/reset-password?') });
    for (const other of others) expect(other).toEqual(setup);
    expect(await empty.db.selectFrom('users').select(['email', 'role', 'isActive', 'passwordHash']).execute()).toEqual([
      { email: FIRST, role: 'admin', isActive: false, passwordHash: null },
    ]);

    const token = new URL(setup?.link ?? '').searchParams.get('token') ?? '';
    await empty.anonymous.accounts.resetPassword.mutate({ token, newPassword: PASSWORD });
    await signInForTokens(empty, FIRST);
    expect(await openSetup(empty.deps, FIRST)).toBeNull();
    await empty.db.updateTable('users').set({ isActive: false }).execute();
    expect(await openSetup(empty.deps, 'thief@cinema.example')).toBeNull();
  });

  test('gives a new link when the one before is too old', async () => {
    await using empty = await startTestApp();
    const before = await openSetup(empty.deps, FIRST);
    empty.clock.advance(24 * 3_600 + 1);
    const after = await openSetup(empty.deps, FIRST);
    expect(after?.link).not.toBe(before?.link);
    for (const [setup, status] of [
      [before, 400],
      [after, 200],
    ] as const) {
      const token = new URL(setup?.link ?? '').searchParams.get('token');
      const body = { token, newPassword: PASSWORD };
      expect((await empty.rest('POST', '/accounts/reset-password', { body })).status).toBe(status);
    }
  });

  test('gives the same link after somebody has asked for a reset, and where the admin who was made has no password', async () => {
    await using empty = await startTestApp();
    const setup = await openSetup(empty.deps, FIRST);
    await empty.anonymous.accounts.requestPasswordReset.mutate({ email: FIRST });
    await empty.inbox.waitFor({ to: FIRST, subject: 'Reset your password' });
    expect(await openSetup(empty.deps, FIRST)).toEqual(setup);
    await empty.db.updateTable('users').set({ isActive: true, activatedAt: new Date() }).execute();
    expect(await openSetup(empty.deps, FIRST)).toEqual(setup);
    const token = new URL(setup?.link ?? '').searchParams.get('token') ?? '';
    await empty.anonymous.accounts.resetPassword.mutate({ token, newPassword: PASSWORD });
    expect(await openSetup(empty.deps, FIRST)).toBeNull();
  });

  test('is over where there is an admin', async () => {
    expect(await openSetup(app.deps, FIRST)).toBeNull();
  });

  test('never makes an admin of somebody who registered with that address', async () => {
    await using empty = await startTestApp();
    await empty.anonymous.accounts.register.mutate({ email: FIRST, password: PASSWORD });
    await expect(openSetup(empty.deps, FIRST)).rejects.toMatchObject({ reason: 'email_taken' });
    expect(await empty.db.selectFrom('users').select('role').execute()).toEqual([{ role: 'user' }]);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
