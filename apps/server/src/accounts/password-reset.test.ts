import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { linkOf, registerVisitor, signInForTokens, tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => app.inbox.clear());
afterAll(() => app[Symbol.asyncDispose]());

const REQUEST = '/accounts/request-password-reset';
const RESET = '/accounts/reset-password';
const NEW_PASSWORD = 'Another-horse2';

const reset = (token: string, newPassword = NEW_PASSWORD) => app.rest('POST', RESET, { body: { token, newPassword } });
const login = (email: string, password: string) => app.rest('POST', '/accounts/login', { body: { email, password } });

/** Asks for a reset and reads the token out of its mail. */
async function askForToken(email: string): Promise<string> {
  await app.rest('POST', REQUEST, { body: { email } });
  await waitUntilDone(app, 'accounts.password-reset');
  await waitUntilDone(app, 'accounts.password-reset-mail');
  // The newest stands first.
  const mail = app.inbox
    .messages()
    .find(({ envelope, subject }) => envelope.to.includes(email) && subject === 'Reset your password');
  if (!mail) throw new Error(`no reset mail for ${email}`);
  return tokenOf(mail);
}

test('the mail has a link on PUBLIC_URL in its HTML and its text, and a Message-ID with nothing secret in it', async () => {
  const { email, userId } = await app.signIn();
  await app.rest('POST', REQUEST, {
    body: { email: ` ${email.toUpperCase()}` },
    headers: { 'x-forwarded-host': 'evil.example' },
  });

  const mail = await app.inbox.waitFor({ to: email, subject: 'Reset your password' });
  expect(linkOf(mail)).toMatch(/^http:\/\/cinema\.test\/reset-password\?token=[\w-]{64}$/);
  expect(mail.html).toContain(`<strong id="email">${email}</strong>`);
  expect(mail.text).toContain(linkOf(mail));
  expect(mail.text).toContain(email);
  expect(mail.raw.toString()).not.toContain('evil.example');
  const token = await app.db
    .selectFrom('oneTimeTokens')
    .where('userId', '=', userId)
    .select(['id', 'purpose'])
    .executeTakeFirst();
  expect(token?.purpose).toBe('password_reset');
  expect(mail.messageId).toBe(`password-reset.${token?.id}@cinema.test`);
});

test('a reset sets the password, ends every session, and is told of', async () => {
  const { client, email, userId } = await app.signIn();
  const tokens = await signInForTokens(app, email);
  const token = await askForToken(email);

  const answer = await reset(token);
  expect([answer.status, answer.body]).toEqual([
    200,
    { message: 'Your password was reset. Sign in with the new one.' },
  ]);
  expect((await login(email, PASSWORD)).status).toBe(401);
  expect((await login(email, NEW_PASSWORD)).status).toBe(200);
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  expect((await app.rest('GET', '/accounts/me', { headers })).status).toBe(401);
  const body = { refreshToken: tokens.refreshToken };
  expect((await app.rest('POST', '/accounts/refresh', { body })).body.reason).toBe('invalid_refresh_token');
  const me = await client.accounts.me.query().catch((error: unknown) => error);
  expect(isCinemaError(me, 'not_authenticated')).toBe(true);

  const mail = await app.inbox.waitFor({ to: email, subject: 'Your password was reset' });
  expect(mail.messageId).toBe(`password-reset-done.${userId}.1@cinema.test`);
  expect(mail.html).toContain(`<strong id="email">${email}</strong>`);
  expect(linkOf(mail)).toBe('http://cinema.test/sign-in');
  expect(mail.text).toContain(email);
});

test('the SDK resets too, and a token is good once', async () => {
  const { email } = await app.signIn();
  const token = await askForToken(email);
  await app.anonymous.accounts.resetPassword.mutate({ token, newPassword: NEW_PASSWORD });
  const again = await app.anonymous.accounts.resetPassword
    .mutate({ token, newPassword: 'Third-horse33' })
    .catch((error: unknown) => error);
  expect(isCinemaError(again, 'invalid_token')).toBe(true);
  expect((await login(email, NEW_PASSWORD)).status).toBe(200);
});

test('a weak password is refused with one issue per rule, and leaves the token good', async () => {
  const { email } = await app.signIn();
  const token = await askForToken(email);
  for (const [weak, issues] of [
    ['weakpopcorn', 3],
    ['P@ssw0rd', 1],
    [`Aa1!${'x'.repeat(125)}`, 1],
  ] as const) {
    const refusal = await reset(token, weak);
    expect([refusal.status, refusal.body.reason]).toEqual([400, 'weak_password']);
    expect(refusal.body.issues).toHaveLength(issues);
    expect(refusal.body.issues[0].path).toEqual(['newPassword']);
  }
  expect((await login(email, PASSWORD)).status).toBe(200);
  expect((await reset(token)).status).toBe(200);
});

test('fifty uses of one token at once set one password and send one mail', async () => {
  const { email } = await app.signIn();
  const token = await askForToken(email);
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => reset(token, `Racing-horse${index}`)));
  const winners = answers.flatMap((answer, index) => (answer.status === 200 ? [index] : []));
  expect(winners).toHaveLength(1);
  expect(answers.filter(({ status, body }) => status === 400 && body.reason === 'invalid_token')).toHaveLength(49);
  expect((await login(email, `Racing-horse${winners[0]}`)).status).toBe(200);
  await waitUntilDone(app, 'accounts.password-reset-done-mail');
  const mails = app.inbox.messages().filter(({ envelope }) => envelope.to.includes(email));
  expect(mails.map(({ subject }) => subject)).toEqual(['Your password was reset', 'Reset your password']);
});

test('a pending account becomes active with its reset, and its activation link is good no more', async () => {
  const visitor = await registerVisitor(app, 'forgot-at-once@example.com');
  const token = await askForToken(visitor.email);
  expect((await login(visitor.email, PASSWORD)).body.reason).toBe('not_active');
  expect((await reset(token)).status).toBe(200);
  expect((await login(visitor.email, NEW_PASSWORD)).status).toBe(200);
  const late = await app.rest('POST', '/accounts/activate', { body: { token: visitor.token } });
  expect(late.body.reason).toBe('invalid_token');
});

test('a reset and an activation at once both find their turn, and the account is open', async () => {
  for (let round = 0; round < 10; round++) {
    const visitor = await registerVisitor(app, `both-ways${round}@example.com`);
    const token = await askForToken(visitor.email);
    const [activation, ...resets] = await Promise.all([
      app.rest('POST', '/accounts/activate', { body: { token: visitor.token } }),
      reset(token),
      reset(token),
    ]);
    expect([200, 400]).toContain(activation.status);
    expect(resets.map(({ status }) => status).sort((one, other) => one - other)).toEqual([200, 400]);
    expect((await login(visitor.email, NEW_PASSWORD)).status).toBe(200);
  }
});

test('who was deactivated gets no mail and finds no way back', async () => {
  const { email, userId } = await app.signIn();
  const token = await askForToken(email);
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', userId).execute();
  app.inbox.clear();

  expect((await reset(token)).body.reason).toBe('invalid_token');
  const user = await app.db.selectFrom('users').where('id', '=', userId).select('isActive').executeTakeFirst();
  expect(user).toEqual({ isActive: false });
  expect((await login(email, NEW_PASSWORD)).status).toBe(401);

  expect((await app.rest('POST', REQUEST, { body: { email } })).status).toBe(200);
  await waitUntilDone(app, 'accounts.password-reset');
  await waitUntilDone(app, 'accounts.password-reset-mail');
  expect(app.inbox.messages().filter(({ envelope }) => envelope.to.includes(email))).toEqual([]);
});

test('a token is good for 24 hours, and only the last one', async () => {
  const { email } = await app.signIn();
  const first = await askForToken(email);
  const second = await askForToken(email);
  expect((await reset(first)).body.reason).toBe('invalid_token');
  app.clock.advance(86_400 - 60);
  expect((await reset(second)).status).toBe(200);
  const third = await askForToken(email);
  app.clock.advance(86_401);
  expect((await reset(third)).body.reason).toBe('invalid_token');
});

test('a token that resets nothing is refused in the same words, whatever is wrong with it', async () => {
  const waiting = await registerVisitor(app, 'waiting-for-reset@example.com');
  const token = await askForToken(waiting.email);
  const tokens = {
    unknown: app.deps.oneTimeTokens.derive('password_reset', '019a5a4e-7c00-7000-8000-000000000001'),
    'of an activation': waiting.token,
    'with its last character changed': `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
    'with more behind it': `${token}AAAA`,
    nonsense: 'x',
  };
  const bodies = new Map<string, unknown>();
  for (const [what, each] of Object.entries(tokens)) {
    const { status, body } = await reset(each);
    bodies.set(what, { status, ...body, requestId: '' });
  }
  expect(bodies.get('unknown')).toMatchObject({ status: 400, reason: 'invalid_token' });
  for (const [what, body] of bodies) expect(body, what).toEqual(bodies.get('unknown'));
  // And a reset token opens nothing else.
  for (const path of ['/accounts/activate', '/accounts/confirm-email-change'])
    expect((await app.rest('POST', path, { body: { token } })).body.reason).toBe('invalid_token');
  expect((await reset(token)).status).toBe(200);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
