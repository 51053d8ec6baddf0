import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTotp } from '../lib/totp.ts';
import { signInForTokens } from '../testing/accounts.ts';
import { PASSWORD, type RestAnswer, startTestApp, type TestApp } from '../testing/app.ts';
import { tally } from '../testing/shop.ts';
import { challengeFor, codeOf, completeLogin, refusalOf, signInCarefully } from '../testing/totp.ts';
import { startSession } from './sessions.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const FIFTY = Array.from({ length: 50 });

async function login({ email }: { email: string }, password = PASSWORD): Promise<RestAnswer> {
  return await app.rest('POST', '/accounts/login', { body: { email, password } });
}

test('the challenge and a code give what a login gives', async () => {
  const viewer = await signInCarefully(app);
  const first = await login(viewer);
  expect(first.headers.get('cache-control')).toBe('no-store');
  expect(first.body.accessToken).toBeUndefined();

  const code = codeOf(app, viewer.secret);
  const second = await completeLogin(app, {
    challenge: first.body.challenge,
    code: `${code.slice(0, 3)} ${code.slice(3)}`,
  });
  expect(second.status).toBe(200);
  expect(second.headers.get('cache-control')).toBe('no-store');
  expect(second.body).toEqual({
    accessToken: expect.any(String),
    refreshToken: expect.any(String),
    tokenType: 'Bearer',
    expiresIn: 900,
  });
  const headers = { authorization: `Bearer ${second.body.accessToken}` };
  expect((await app.rest('GET', '/accounts/me', { headers })).body.id).toBe(viewer.userId);
});

test('the SDK goes from the refusal to the second step', async () => {
  const { client, email, secret } = await signInCarefully(app);
  await client.$session.signOut();
  const refused = await client.$session.signIn({ email, password: PASSWORD }).catch((error: unknown) => error);
  if (!isCinemaError(refused, 'totp_required')) throw refused;
  await client.$session.completeTotp({ challenge: refused.data.challenge, code: codeOf(app, secret) });
  expect((await client.accounts.me.query()).email).toBe(email);
});

test('without the right password nothing is said of codes', async () => {
  const viewer = await signInCarefully(app);
  const [wrong, unknown] = [await login(viewer, 'Wrong-horse1'), await login({ email: 'nobody@example.com' })];
  expect({ ...wrong.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  expect(wrong.body.reason).toBe('invalid_credentials');
});

test('the code before and the code after are good too, for clocks that differ, and no other', async () => {
  for (const [steps, status] of [
    [-2, 401],
    [-1, 200],
    [1, 200],
    [2, 401],
  ] as const) {
    const viewer = await signInCarefully(app);
    // Away from the end of a step, which must not pass between reading the clock here and there.
    app.clock.advance(30 - (Math.floor(app.clock.now().getTime() / 1000) % 30));
    const code = codeOf(app, viewer.secret, steps);
    expect((await completeLogin(app, { challenge: await challengeFor(app, viewer), code })).status).toBe(status);
  }
});

test('a code is good once, fifty times at once too, and none before it is good after it', async () => {
  const viewer = await signInCarefully(app);
  const [before, code] = [codeOf(app, viewer.secret, -1), codeOf(app, viewer.secret)];
  const challenge = await challengeFor(app, viewer);
  const answers = await Promise.all(FIFTY.map(() => completeLogin(app, { challenge, code })));
  expect(tally(answers)).toEqual({ 200: 1, invalid_code: 49 });
  expect(refusalOf(await completeLogin(app, { challenge: await challengeFor(app, viewer), code: before }))).toEqual([
    401,
    'invalid_code',
    undefined,
  ]);
});

test('the code that enabled it signs nobody in', async () => {
  const viewer = await app.signIn();
  const { secret } = await viewer.client.accounts.totp.setup.mutate();
  const code = codeOf(app, secret);
  await viewer.client.accounts.totp.enable.mutate({ code });
  expect((await completeLogin(app, { challenge: await challengeFor(app, viewer), code })).status).toBe(401);
});

test('a challenge is good for five minutes', async () => {
  const viewer = await signInCarefully(app);
  const challenge = await challengeFor(app, viewer);
  app.clock.advance(300);
  expect(refusalOf(await completeLogin(app, { challenge, code: codeOf(app, viewer.secret) }))).toEqual([
    401,
    'invalid_code',
    true,
  ]);
});

test('a challenge ends with the password it followed, with the account, and with two-factor login', async () => {
  const changed = await signInCarefully(app);
  const closed = await signInCarefully(app);
  const disabled = await signInCarefully(app);
  const challenges = await Promise.all([changed, closed, disabled].map((each) => challengeFor(app, each)));
  await changed.client.accounts.changePassword.mutate({ oldPassword: PASSWORD, newPassword: 'Other-horse1' });
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', closed.userId).execute();
  await disabled.client.accounts.totp.disable.mutate({ password: PASSWORD });
  for (const [index, viewer] of [changed, closed, disabled].entries()) {
    const answer = await completeLogin(app, { challenge: challenges[index], code: codeOf(app, viewer.secret) });
    expect(refusalOf(answer)).toEqual([401, 'invalid_code', true]);
  }
  // And none of the codes was lost by that.
  const challenge = await challengeFor(app, changed, 'Other-horse1');
  expect((await completeLogin(app, { challenge, code: codeOf(app, changed.secret) })).status).toBe(200);
});

test("nobody's code is good for somebody else's challenge", async () => {
  const [one, other] = [await signInCarefully(app), await signInCarefully(app)];
  const challenge = await challengeFor(app, one);
  expect((await completeLogin(app, { challenge, code: codeOf(app, other.secret) })).status).toBe(401);
  expect((await completeLogin(app, { challenge, recoveryCode: other.recoveryCodes[0] })).status).toBe(401);
});

test('of a secret that was sealed before TOKEN_SECRET was changed, every code is wrong', async () => {
  const viewer = await signInCarefully(app);
  const sealed = createTotp('what TOKEN_SECRET was until yesterday').createSecret(viewer.userId);
  await app.db.updateTable('totpSecrets').set({ sealed }).where('userId', '=', viewer.userId).execute();
  const challenge = await challengeFor(app, viewer);
  const answer = await completeLogin(app, { challenge, code: codeOf(app, viewer.secret) });
  expect(refusalOf(answer)).toEqual([401, 'invalid_code', undefined]);
});

test('a challenge is refused wherever other tokens go, and they where it goes', async () => {
  const viewer = await signInCarefully(app);
  const challenge = await challengeFor(app, viewer);
  const code = codeOf(app, viewer.secret);
  const statusOf = async (path: string, body: object) => (await app.rest('POST', path, { body })).status;
  expect((await app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${challenge}` } })).status).toBe(
    401,
  );
  expect(await statusOf('/accounts/refresh', { refreshToken: challenge })).toBe(401);
  expect(await statusOf('/accounts/activate', { token: challenge })).toBe(400);
  expect(await statusOf('/accounts/reset-password', { token: challenge, newPassword: PASSWORD })).toBe(400);
  expect(await statusOf('/accounts/confirm-email-change', { token: challenge })).toBe(400);

  const tokens = await signInForTokens(app, (await app.signIn()).email);
  const oneTime = app.deps.oneTimeTokens.derive('password_reset', viewer.userId);
  for (const token of [tokens.accessToken, tokens.refreshToken, oneTime]) {
    const answer = await completeLogin(app, { challenge: token.slice(0, 500), code });
    expect(refusalOf(answer)).toEqual([401, 'invalid_code', true]);
  }
  expect((await completeLogin(app, { challenge, code })).status).toBe(200);
});

test('exactly one proof is taken, and it must look like one', async () => {
  const challenge = await challengeFor(app, await signInCarefully(app));
  const bodies = [{}, { code: '123456', recoveryCode: 'k3m9x-7qpt2' }, { code: '12345' }, { code: '１２３４５６' }];
  for (const body of bodies)
    expect((await completeLogin(app, { challenge, ...body })).body.reason).toBe('invalid_input');
});

test('who had only the password verified when it was switched on is not signed in', async () => {
  const viewer = await signInCarefully(app);
  const before = { id: viewer.userId, passwordGeneration: 0, totpEnabledAt: null };
  const late = startSession(app.deps, before, { ip: '127.0.0.1', userAgent: undefined });
  await expect(late).rejects.toThrow('invalid_credentials');
});
