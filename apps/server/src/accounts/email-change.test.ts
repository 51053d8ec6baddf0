import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { linkOf, registerVisitor, tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => app.inbox.clear());
afterAll(() => app[Symbol.asyncDispose]());

const request = (viewer: Viewer, newEmail: string, password = PASSWORD) =>
  app.rest('POST', '/accounts/request-email-change', { viewer, body: { newEmail, password } });
const confirm = (token: string) => app.rest('POST', '/accounts/confirm-email-change', { body: { token } });
const login = (email: string) => app.rest('POST', '/accounts/login', { body: { email, password: PASSWORD } });

/** Asks for a new address and reads the token out of the mail that goes there. */
async function askForToken(viewer: Viewer, newEmail: string): Promise<string> {
  const answer = await request(viewer, newEmail);
  expect(answer.status).toBe(200);
  return tokenOf(await app.inbox.waitFor({ to: newEmail, subject: 'Confirm your new address' }));
}

test('the new address is confirmed by its mail; until then nothing changes, afterwards the old one is told', async () => {
  const viewer = await app.signIn();
  const newEmail = 'moved@example.com';
  const answer = await request(viewer, ' Moved@Example.com ');
  expect([answer.status, answer.body]).toEqual([
    200,
    { message: 'We sent a mail to moved@example.com. Follow its link to confirm the address.' },
  ]);
  const mail = await app.inbox.waitFor({ to: newEmail, subject: 'Confirm your new address' });
  expect(linkOf(mail)).toMatch(/^http:\/\/cinema\.test\/confirm-email\?token=[\w-]{64}$/);
  expect(mail.html).toContain('<strong id="email">moved@example.com</strong>');
  expect(mail.text).toContain(linkOf(mail));
  expect(mail.text).not.toContain(viewer.email);
  expect((await login(newEmail)).status).toBe(401);
  expect((await viewer.client.accounts.me.query()).email).toBe(viewer.email);

  const confirmed = await confirm(tokenOf(mail));
  expect([confirmed.status, confirmed.body]).toEqual([
    200,
    { message: 'Your address was changed. Sign in with the new one from now on.' },
  ]);
  expect((await viewer.client.accounts.me.query()).email).toBe(newEmail);
  expect((await login(newEmail)).status).toBe(200);
  expect((await login(viewer.email)).status).toBe(401);

  const notice = await app.inbox.waitFor({ to: viewer.email, subject: 'Your address was changed' });
  expect(notice.html).toContain(`<strong id="email">${viewer.email}</strong>`);
  expect(notice.text).toContain(newEmail);
  expect(linkOf(notice)).toBe('http://cinema.test/sign-in');
  // Once it has been told, the old address is forgotten.
  await waitUntilDone(app, 'accounts.email-changed-mail');
  const kept = await app.db.selectFrom('emailChanges').where('userId', '=', viewer.userId).select('id').execute();
  expect(kept).toEqual([]);
});

test('a token is good once, and for 24 hours', async () => {
  const viewer = await app.signIn();
  const token = await askForToken(viewer, 'once-moved@example.com');
  expect((await confirm(token)).status).toBe(200);
  expect((await confirm(token)).body.reason).toBe('invalid_token');

  const late = await askForToken(viewer, 'late-moved@example.com');
  app.clock.advance(86_401);
  expect((await confirm(late)).body.reason).toBe('invalid_token');
});

test('only the last request counts', async () => {
  const viewer = await app.signIn();
  const first = await askForToken(viewer, 'first-choice@example.com');
  const second = await askForToken(viewer, 'second-choice@example.com');
  expect((await confirm(first)).body.reason).toBe('invalid_token');
  expect((await confirm(second)).status).toBe(200);
  expect((await viewer.client.accounts.me.query()).email).toBe('second-choice@example.com');
});

test('a taken address is refused when it is asked for, the own one too', async () => {
  const viewer = await app.signIn();
  const other = await app.signIn();
  const pending = await registerVisitor(app, 'pending-neighbour@example.com');
  for (const email of [other.email, pending.email, viewer.email]) {
    const refusal = await request(viewer, email);
    expect([refusal.status, refusal.body.reason]).toEqual([409, 'email_taken']);
  }
  const overRpc = await viewer.client.accounts.requestEmailChange
    .mutate({ newEmail: other.email, password: PASSWORD })
    .catch((error: unknown) => error);
  expect(isCinemaError(overRpc, 'email_taken')).toBe(true);
});

test('and when it was taken between request and confirmation', async () => {
  const viewer = await app.signIn();
  const token = await askForToken(viewer, 'contested@example.com');
  await registerVisitor(app, 'contested@example.com');
  const refusal = await confirm(token);
  expect([refusal.status, refusal.body.reason]).toEqual([409, 'email_taken']);
  expect((await viewer.client.accounts.me.query()).email).toBe(viewer.email);
});

test('two who confirm one address at once: one has it, the other is told that it is taken', async () => {
  const [one, other] = [await app.signIn(), await app.signIn()];
  const newEmail = 'wanted-by-two@example.com';
  const first = await askForToken(one, newEmail);
  app.inbox.clear();
  const second = await askForToken(other, newEmail);
  const answers = await Promise.all([first, second].map(confirm));
  expect(answers.map(({ status, body }) => `${status} ${body.reason ?? ''}`).sort()).toEqual([
    '200 ',
    '409 email_taken',
  ]);
});

test('fifty confirmations at once change the address once', async () => {
  const viewer = await app.signIn();
  const token = await askForToken(viewer, 'fifty-moves@example.com');
  const answers = await Promise.all(Array.from({ length: 50 }, () => confirm(token)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(answers.filter(({ body }) => body.reason === 'invalid_token')).toHaveLength(49);
  await waitUntilDone(app, 'accounts.email-changed-mail');
  const mails = app.inbox.messages().filter(({ envelope }) => envelope.to.includes(viewer.email));
  expect(mails.map(({ subject }) => subject)).toEqual(['Your address was changed']);
});

test('without the password nobody moves an account', async () => {
  const viewer = await app.signIn();
  const refusal = await request(viewer, 'thief@example.com', 'Wrong-horse1');
  expect([refusal.status, refusal.body.reason]).toEqual([400, 'wrong_password']);
  const body = { newEmail: 'thief@example.com', password: PASSWORD };
  expect((await app.rest('POST', '/accounts/request-email-change', { body })).status).toBe(401);
  await waitUntilDone(app, 'accounts.email-change-mail');
  expect(app.inbox.messages().filter(({ envelope }) => envelope.to.includes('thief@example.com'))).toEqual([]);
});

test('a reset link in the old mailbox is good no more after the change, nor the change after a new password', async () => {
  const viewer = await app.signIn();
  await app.anonymous.accounts.requestPasswordReset.mutate({ email: viewer.email });
  const reset = tokenOf(await app.inbox.waitFor({ to: viewer.email, subject: 'Reset your password' }));
  expect((await confirm(await askForToken(viewer, 'safe-now@example.com'))).status).toBe(200);
  const body = { token: reset, newPassword: 'Another-horse2' };
  expect((await app.rest('POST', '/accounts/reset-password', { body })).body.reason).toBe('invalid_token');

  const token = await askForToken(viewer, 'planted@example.com');
  await viewer.client.accounts.changePassword.mutate({ oldPassword: PASSWORD, newPassword: 'Another-horse2' });
  expect((await confirm(token)).body.reason).toBe('invalid_token');
});

test('who was deactivated moves nowhere, and the token serves for nothing else', async () => {
  const viewer = await app.signIn();
  const token = await askForToken(viewer, 'exile@example.com');
  expect((await app.rest('POST', '/accounts/activate', { body: { token } })).body.reason).toBe('invalid_token');
  const body = { token, newPassword: 'Another-horse2' };
  expect((await app.rest('POST', '/accounts/reset-password', { body })).body.reason).toBe('invalid_token');
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', viewer.userId).execute();
  expect((await confirm(token)).body.reason).toBe('invalid_token');
});

test('a password that was changed while it was checked moves no account', async () => {
  const viewer = await app.signIn();
  const { passwords } = app.deps;
  // The password is right when it is looked at; what follows is late.
  app.deps.passwords = {
    ...passwords,
    async verify(passwordHash, password) {
      const isRight = await passwords.verify(passwordHash, password);
      await app.db
        .updateTable('users')
        .set((eb) => ({ passwordGeneration: eb('passwordGeneration', '+', 1) }))
        .where('id', '=', viewer.userId)
        .execute();
      return isRight;
    },
  };
  try {
    const answer = await request(viewer, 'late@example.com');
    expect([answer.status, answer.body.reason]).toEqual([400, 'wrong_password']);
  } finally {
    app.deps.passwords = passwords;
  }
  const tokens = await app.db.selectFrom('oneTimeTokens').where('userId', '=', viewer.userId).select('id').execute();
  expect(tokens).toEqual([]);
});

test('nobody mails strangers by asking for their addresses over and over', async () => {
  await using limited = await startTestApp({ RATE_LIMITS: 'on' });
  const viewer = await limited.signIn();
  const ask = (newEmail: string) =>
    limited.rest('POST', '/accounts/request-email-change', { viewer, body: { newEmail, password: PASSWORD } });

  expect((await ask('stranger@example.com')).status).toBe(200);
  expect((await ask('stranger@example.com')).status).toBe(429);
  const statuses = [];
  for (const number of [1, 2, 3, 4]) statuses.push((await ask(`other${number}@example.com`)).status);
  expect(statuses).toEqual([200, 200, 200, 429]);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
