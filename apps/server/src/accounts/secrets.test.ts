import { isCinemaError } from '@online-cinema/client';
import { Secret } from 'otpauth';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAdminByLink } from '../admin/new-accounts.ts';
import { linkOf, registerVisitor, signInForTokens, tokenOf, type Tokens } from '../testing/accounts.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { dumpDatabase } from '../testing/dump.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { challengeFor, codeOf, completeLogin, wrongCodeOf } from '../testing/totp.ts';

const EMAIL = 'secretive@example.com';
const NEXT_EMAIL = 'still-secretive@example.com';
const SECRET_PASSWORDS = {
  right: 'Right-Popcorn-4711',
  wrong: 'Wrong-Popcorn-0815',
  weak: 'weakpopcorn',
  next: 'Next-Popcorn-1234',
  last: 'Last-Popcorn-5678',
};

let app: TestApp;
/** Everything that was handed out or typed in, and that nobody else may ever read. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  app = await startTestApp({ LOG_LEVEL: 'trace' });
  await live();
});
afterAll(() => app[Symbol.asyncDispose]());

test('neither tables nor jobs hold a password or a token that was issued', async () => {
  const dump = await dumpDatabase(app);
  // What must be there is: the dump is not empty, and it reaches into the queue.
  expect(dump).toContain(EMAIL);
  expect(dump).toMatch(/^boss\.job\S* .*accounts\.activation-mail/m);
  for (const table of ['totp_secrets', 'recovery_codes', 'exports', 'sessions'])
    expect(dump.includes(`\npublic.${table} `), table).toBe(true);
  expect(secretsIn(dump)).toEqual([]);
});

test('nor does the log', () => {
  const log = app.logs.join('');
  expect(log).toContain('/api/v1/accounts/login');
  expect(log).toContain('/api/v1/accounts/login/totp');
  expect(log).toContain('/exports/');
  expect(secretsIn(log)).toEqual([]);
});

test('and each of them would be found where it stood', () => {
  for (const [what, secret] of secrets) expect(secretsIn(`{"it":"${secret}"}`), what).not.toEqual([]);
});

test('but an error keeps the code by which it is known', () => {
  app.deps.log.error({
    err: Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }),
    password: 'x',
    user: { token: 'y' },
  });
  const line = JSON.parse(app.logs.at(-1) ?? '');
  expect(line).toMatchObject({ err: { code: 'ECONNREFUSED' }, password: '[redacted]', user: { token: '[redacted]' } });
});

/** A whole life of an account, with everything that goes wrong on the way. */
async function live(): Promise<void> {
  for (const [kind, password] of Object.entries(SECRET_PASSWORDS)) secrets.set(`the ${kind} password`, password);
  const { weak, wrong, right } = SECRET_PASSWORDS;
  await app.rest('POST', '/accounts/register', { body: { email: EMAIL, password: weak } });
  await app.rest('POST', '/accounts/register', { body: { email: EMAIL, password: right, more: right } });
  await app.rest('POST', '/accounts/register', { body: `{"email":"${EMAIL}","password":"${right}"` });

  const { token: replaced } = await registerVisitor(app, EMAIL, right);
  secrets.set('the first activation token', replaced);
  app.inbox.clear();
  await app.rest('POST', '/accounts/resend-activation', { body: { email: EMAIL } });
  const token = tokenOf(await app.inbox.waitFor({ to: EMAIL, subject: 'Activate' }));
  secrets.set('the activation token', token);
  await app.rest('POST', '/accounts/activate', { body: { token: replaced } });
  await fetch(`${app.url}/activate?token=${token}`);
  await fetch(`${app.url}/activate?from=mail&token=${token}#x`);
  await app.rest('POST', '/accounts/login', { body: { email: EMAIL, password: right } });
  await app.rest('POST', '/accounts/activate', { body: { token } });
  await app.inbox.waitFor({ to: EMAIL, subject: 'Your account is active' });

  await app.rest('POST', '/accounts/login', { body: { email: EMAIL, password: wrong } });
  const refusal = await app.anonymous.$session
    .signIn({ email: EMAIL, password: wrong })
    .catch((error: unknown) => error);
  expect(isCinemaError(refusal, 'invalid_credentials')).toBe(true);
  const first = keep(await signInForTokens(app, EMAIL, right), 'first');
  const { body: second } = await app.rest('POST', '/accounts/refresh', { body: { refreshToken: first.refreshToken } });
  keep(second, 'second');
  // Where tokens do not belong.
  await fetch(`${app.url}/api/v1/accounts/me?token=${second.accessToken}`);
  const input = encodeURIComponent(JSON.stringify({ json: { refreshToken: second.refreshToken } }));
  await fetch(`${app.url}/trpc/accounts.refresh?input=${input}`);
  await fetch(`${app.url}/trpc/accounts.me?batch=1&input=${input}`, {
    headers: { authorization: `Bearer ${second.accessToken}` },
  });
  await app.rest('GET', '/accounts/me', {
    headers: { authorization: `Bearer ${second.accessToken}`, cookie: `a=${second.accessToken}` },
  });
  await app.rest('POST', '/accounts/logout', { body: { refreshToken: second.refreshToken } });
  await recover(keep(await signInForTokens(app, EMAIL, right), 'living'));
  keep(await signInForTokens(app, NEXT_EMAIL, SECRET_PASSWORDS.last), 'last');
  await useSecondStep();
  await fetchByLinks();
  await inviteStaff();
}

/** Changes the password, the address, and the password again by a link, each with its failures. */
async function recover({ accessToken }: Tokens): Promise<void> {
  const { weak, wrong, right, next, last } = SECRET_PASSWORDS;
  const headers = { authorization: `Bearer ${accessToken}` };
  for (const [oldPassword, newPassword] of [
    [wrong, next],
    [right, weak],
    [right, right],
    [right, next],
  ]) {
    await app.rest('POST', '/accounts/change-password', { headers, body: { oldPassword, newPassword } });
  }
  for (const password of [wrong, next])
    await app.rest('POST', '/accounts/request-email-change', { headers, body: { newEmail: NEXT_EMAIL, password } });
  const confirmation = tokenOf(await app.inbox.waitFor({ to: NEXT_EMAIL, subject: 'Confirm your new address' }));
  secrets.set('the token of the new address', confirmation);
  await fetch(`${app.url}/confirm-email?token=${confirmation}`);
  await app.rest('POST', '/accounts/confirm-email-change', { body: { token: confirmation } });

  for (const round of ['first', 'second']) {
    app.inbox.clear();
    await app.rest('POST', '/accounts/request-password-reset', { body: { email: NEXT_EMAIL } });
    const token = tokenOf(await app.inbox.waitFor({ to: NEXT_EMAIL, subject: 'Reset your password' }));
    secrets.set(`the ${round} reset token`, token);
    await fetch(`${app.url}/reset-password?token=${token}`);
    if (round === 'first') continue;
    for (const newPassword of [weak, last, last])
      await app.rest('POST', '/accounts/reset-password', { body: { token, newPassword } });
  }
}

/** Signs in with codes of an app and of a list, right and wrong ones, over both faces. */
async function useSecondStep(): Promise<void> {
  const viewer = await app.signIn();
  const { secret, otpauthUri } = await viewer.client.accounts.totp.setup.mutate();
  secrets.set("the authenticator's secret", secret);
  secrets.set("the authenticator's secret as bytes", Secret.fromBase32(secret).hex.toLowerCase());
  secrets.set("the authenticator's address", otpauthUri);
  const codes = [0, 2, 4].map((steps) => codeOf(app, secret, steps));
  const wrong = wrongCodeOf(app, secret);
  for (const code of [wrong, ...codes]) secrets.set(`the code ${code}`, code);
  await viewer.client.accounts.totp.enable.mutate({ code: wrong }).catch(() => {});
  const { recoveryCodes } = await viewer.client.accounts.totp.enable.mutate({ code: codes[0]! });

  app.clock.advance(60);
  const challenge = await challengeFor(app, viewer);
  secrets.set('the challenge', challenge);
  const [recoveryCode = ''] = recoveryCodes;
  for (const body of [
    { code: wrong },
    { code: codes[1] },
    { recoveryCode },
    { recoveryCode },
    { code: codes[1], more: 1 },
  ])
    await completeLogin(app, { challenge, ...body });
  await fetch(`${app.url}/api/v1/accounts/login/totp?challenge=${challenge}&recoveryCode=${recoveryCode}`);
  app.clock.advance(60);
  const renewed = await viewer.client.accounts.totp.newRecoveryCodes.mutate({ code: codes[2]! });
  for (const [index, code] of [...recoveryCodes, ...renewed.recoveryCodes].entries()) {
    secrets.set(`recovery code ${index}`, code);
    secrets.set(`recovery code ${index} without its dash`, code.replace('-', ''));
  }
}

/** Fetches what an address alone opens: a film, and a copy of all that is known of the viewer. */
async function fetchByLinks(): Promise<void> {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id);
  const { src } = await viewer.client.playback.start.mutate({ movieId: film.id });
  secrets.set('the grant', new URL(src).pathname.split('/')[2] ?? '');

  await app.rest('POST', '/accounts/export', { viewer });
  const link = linkOf(await app.inbox.waitFor({ to: viewer.email, subject: 'Your data export' }));
  secrets.set("the archive's token", link.split('/').at(-1) ?? '');
  for (const address of [src, `${src}x`, link, `${link}/more`, `${link}?again=${link}`]) {
    expect((await fetch(localAddress(app, address))).status).toBeLessThan(500);
  }
}

/** Lets staff in by the links that make them choose a password: one mailed, one printed. */
async function inviteStaff(): Promise<void> {
  const admin = await app.signIn({ role: 'admin' });
  await admin.client.admin.users.create.mutate({ email: 'invited@example.com', role: 'moderator' });
  const invitation = await app.inbox.waitFor({ to: 'invited@example.com', subject: 'Choose your password' });
  const links = [linkOf(invitation), await createAdminByLink(app.deps, 'second.admin@example.com')];
  for (const [index, link] of links.entries()) {
    const token = new URL(link).searchParams.get('token') ?? '';
    secrets.set(`invitation ${index}`, token);
    await fetch(localAddress(app, link));
    await app.rest('POST', '/accounts/reset-password', { body: { token, newPassword: SECRET_PASSWORDS.weak } });
    await app.rest('POST', '/accounts/reset-password', { body: { token, newPassword: SECRET_PASSWORDS.right } });
  }
}

function keep(tokens: Tokens, name: string): Tokens {
  secrets.set(`the ${name} access token`, tokens.accessToken);
  secrets.set(`the ${name} refresh token`, tokens.refreshToken);
  return tokens;
}

function secretsIn(text: string): string[] {
  return [...secrets].flatMap(([what, secret]) =>
    formsOf(secret)
      .filter((form) => (form.length > 6 ? text.includes(form) : standsIn(text, form)))
      .map((form) => `${what} as ${form}`),
  );
}

// Six digits are part of many a moment and id.
function standsIn(text: string, code: string): boolean {
  return new RegExp(`(?<![\\w.-])${code}(?![\\w.-])`).test(text);
}

/** A secret as it is, as bytes a table would show in hex, and the part of a token nobody can compute. */
function formsOf(secret: string): string[] {
  const isToken = secret.length > 50;
  const proof = isToken ? secret.slice(-42) : secret;
  return [
    secret,
    proof,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64url'),
    ...(isToken
      ? [
          Buffer.from(secret.split('.').at(-1) ?? '', 'base64url')
            .subarray(-32)
            .toString('hex'),
        ]
      : []),
  ];
}
