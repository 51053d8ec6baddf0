import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInForTokens, tokenOf } from '../testing/accounts.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { tally } from '../testing/shop.ts';
import { challengeFor, codeOf, completeLogin, refusalOf, signInCarefully } from '../testing/totp.ts';

let app: TestApp;
let admin: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  admin = await app.signIn({ role: 'admin' });
});
afterAll(() => app[Symbol.asyncDispose]());

const reset = (userId: string, body?: object, viewer = admin) =>
  app.rest('POST', `/admin/users/${userId}/reset-totp`, { viewer, body });

test('who lost app and codes comes in with the password again, is told, and is signed out everywhere', async () => {
  const viewer = await signInCarefully(app);
  const challenge = await challengeFor(app, viewer);

  const answer = await reset(viewer.userId, { reason: 'Lost the phone; known in person.' });

  expect([answer.status, answer.body.id]).toEqual([200, viewer.userId]);
  const late = await completeLogin(app, { challenge, code: codeOf(app, viewer.secret) });
  expect(refusalOf(late)).toEqual([401, 'invalid_code', true]);
  await expect(viewer.client.accounts.me.query()).rejects.toMatchObject({ data: { reason: 'not_authenticated' } });
  for (const table of ['sessions', 'totpSecrets', 'recoveryCodes'] as const) {
    expect(await app.db.selectFrom(table).where('userId', '=', viewer.userId).selectAll().execute()).toEqual([]);
  }
  await signInForTokens(app, viewer.email);
  const mail = await app.inbox.waitFor({ to: viewer.email, subject: 'Two-factor login is off' });
  expect(mail.text).toContain('our staff switched two-factor login off');
  expect(mail.text).toContain('http://cinema.test/forgot-password');
  const { items } = await admin.client.admin.audit.list.query({ targetId: viewer.userId });
  expect(items).toMatchObject([
    {
      actor: { id: admin.userId },
      action: 'users.resetTotp',
      details: { reason: 'Lost the phone; known in person.' },
    },
  ]);
});

test('a reset of the password alone does not switch it off', async () => {
  const viewer = await signInCarefully(app);
  await app.anonymous.accounts.requestPasswordReset.mutate({ email: viewer.email });
  const token = tokenOf(await app.inbox.waitFor({ to: viewer.email, subject: 'Reset your password' }));
  await app.anonymous.accounts.resetPassword.mutate({ token, newPassword: 'Another-horse2' });
  const body = { email: viewer.email, password: 'Another-horse2' };
  expect((await app.rest('POST', '/accounts/login', { body })).body.reason).toBe('totp_required');
});

test('fifty times at once is once, and where there is nothing to switch off it is refused', async () => {
  const viewer = await signInCarefully(app);
  const answers = await Promise.all(Array.from({ length: 50 }, () => reset(viewer.userId)));
  expect(tally(answers)).toEqual({ 200: 1, totp_not_enabled: 49 });
  const { total } = await admin.client.admin.audit.list.query({ targetId: viewer.userId });
  expect(total).toBe(1);
});

test('nobody does it to himself, but one admin to another', async () => {
  const colleague = await signInCarefully(app, { role: 'admin' });
  for (const id of [colleague.userId, colleague.userId.toUpperCase()]) {
    const answer = await reset(id, {}, colleague);
    expect([answer.status, answer.body.reason]).toEqual([403, 'own_totp']);
  }
  expect((await reset(colleague.userId)).status).toBe(200);
});

test('a reason is a short text', async () => {
  const viewer = await app.signIn();
  for (const reason of ['', ' ', 'x'.repeat(501), null, 7]) {
    expect((await reset(viewer.userId, { reason })).body.reason).toBe('invalid_input');
  }
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
