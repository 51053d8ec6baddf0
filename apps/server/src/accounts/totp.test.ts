import { Secret } from 'otpauth';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signInForTokens } from '../testing/accounts.ts';
import { PASSWORD, type RestAnswer, startTestApp, type TestApp } from '../testing/app.ts';
import { dumpDatabase } from '../testing/dump.ts';
import { tally } from '../testing/shop.ts';
import { challengeFor, codeOf, completeLogin, refusalOf, signInCarefully, wrongCodeOf } from '../testing/totp.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const FIFTY = Array.from({ length: 50 });

async function login({ email }: { email: string }, password = PASSWORD): Promise<RestAnswer> {
  return await app.rest('POST', '/accounts/login', { body: { email, password } });
}

describe('setting it up', () => {
  test('an app gets its secret, and with the first right code sign-ins ask for one', async () => {
    const viewer = await app.signIn();
    const setup = await app.rest('POST', '/accounts/totp/setup', { viewer, body: {} });
    expect(setup.status).toBe(200);
    expect(setup.headers.get('cache-control')).toBe('no-store');
    const uri = new URL(setup.body.otpauthUri);
    expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
    expect(decodeURIComponent(uri.pathname)).toBe(`/Online Cinema:${viewer.email}`);
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Online Cinema',
      secret: setup.body.secret,
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
    expect(setup.body.secret).toMatch(/^[A-Z2-7]{32}$/);
    expect((await login(viewer)).status).toBe(200);

    const code = codeOf(app, setup.body.secret);
    const enabled = await app.rest('POST', '/accounts/totp/enable', { viewer, body: { code } });
    expect(enabled.status).toBe(200);
    expect(enabled.headers.get('cache-control')).toBe('no-store');
    expect(new Set(enabled.body.recoveryCodes).size).toBe(10);
    for (const each of enabled.body.recoveryCodes)
      expect(each).toMatch(/^[0-9a-hjkmnp-tv-z]{5}-[0-9a-hjkmnp-tv-z]{5}$/);
    expect((await viewer.client.accounts.me.query()).totpEnabled).toBe(true);
    expect(refusalOf(await login(viewer))).toEqual([401, 'totp_required', undefined]);
    const mail = await app.inbox.waitFor({ to: viewer.email, subject: 'Two-factor login is on' });
    expect(mail.text).toContain('asks for a code');
    expect(mail.text).toContain('Reset the password: http://cinema.test/forgot-password');
  });

  test('takes the password once the sign-in is a quarter of an hour ago, however often the session was refreshed', async () => {
    const viewer = await app.signIn();
    const setUp = (body?: object) => app.rest('POST', '/accounts/totp/setup', { viewer, body });
    app.clock.advance(14 * 60);
    expect((await setUp()).status).toBe(200);
    app.clock.advance(60);
    // The client refreshes the session here, for its access token has expired.
    await viewer.client.accounts.me.query();
    for (const body of [undefined, {}]) {
      expect(refusalOf(await setUp(body))).toEqual([400, 'password_required', undefined]);
    }
    await expect(viewer.client.accounts.totp.setup.mutate()).rejects.toMatchObject({
      data: { reason: 'password_required' },
    });
    expect(refusalOf(await setUp({ password: 'Wrong-horse1' }))).toEqual([400, 'wrong_password', undefined]);
    const { body } = await setUp({ password: PASSWORD });
    await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, body.secret) });
  });

  test('ends the other sessions, which began without a code', async () => {
    const viewer = await app.signIn();
    const other = await signInForTokens(app, viewer.email);
    const { secret } = await viewer.client.accounts.totp.setup.mutate();
    await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, secret) });
    const headers = { authorization: `Bearer ${other.accessToken}` };
    expect((await app.rest('GET', '/accounts/me', { headers })).status).toBe(401);
    const refresh = await app.rest('POST', '/accounts/refresh', { body: { refreshToken: other.refreshToken } });
    expect(refresh.body.reason).toBe('invalid_refresh_token');
    expect((await viewer.client.accounts.me.query()).totpEnabled).toBe(true);
  });

  test('a wrong code enables nothing, and the secret still waits', async () => {
    const viewer = await app.signIn();
    const { secret } = await viewer.client.accounts.totp.setup.mutate();
    const wrong = await app.rest('POST', '/accounts/totp/enable', { viewer, body: { code: wrongCodeOf(app, secret) } });
    expect(refusalOf(wrong)).toEqual([400, 'invalid_code', undefined]);
    expect((await viewer.client.accounts.me.query()).totpEnabled).toBe(false);
    await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, secret) });
    expect((await viewer.client.accounts.me.query()).totpEnabled).toBe(true);
  });

  test('a second setup replaces the secret that waits', async () => {
    const viewer = await app.signIn();
    const first = await viewer.client.accounts.totp.setup.mutate();
    const second = await viewer.client.accounts.totp.setup.mutate();
    const late = await app.rest('POST', '/accounts/totp/enable', { viewer, body: { code: codeOf(app, first.secret) } });
    expect(refusalOf(late)).toEqual([400, 'invalid_code', undefined]);
    await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, second.secret) });
  });

  test('each step is refused where the one before it is missing, or was taken already', async () => {
    const viewer = await app.signIn();
    const post = async (path: string, body?: object) => refusalOf(await app.rest('POST', path, { viewer, body }));
    const code = '123456';
    expect(await post('/accounts/totp/enable', { code })).toEqual([409, 'totp_not_set_up', undefined]);
    expect(await post('/accounts/totp/recovery-codes', { code })).toEqual([409, 'totp_not_enabled', undefined]);
    expect(await post('/accounts/totp/disable', { password: PASSWORD })).toEqual([409, 'totp_not_enabled', undefined]);
    const { secret } = await viewer.client.accounts.totp.setup.mutate();
    expect(await post('/accounts/totp/disable', { password: PASSWORD })).toEqual([409, 'totp_not_enabled', undefined]);
    await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, secret) });
    expect(await post('/accounts/totp/setup')).toEqual([409, 'totp_already_enabled', undefined]);
    expect(await post('/accounts/totp/enable', { code })).toEqual([409, 'totp_already_enabled', undefined]);
  });

  test('fifty times at once enables once', async () => {
    const viewer = await app.signIn();
    const { secret } = await viewer.client.accounts.totp.setup.mutate();
    const body = { code: codeOf(app, secret) };
    const answers = await Promise.all(FIFTY.map(() => app.rest('POST', '/accounts/totp/enable', { viewer, body })));
    expect(tally(answers)).toEqual({ 200: 1, totp_already_enabled: 49 });
    const rows = await app.db.selectFrom('recoveryCodes').where('userId', '=', viewer.userId).selectAll().execute();
    expect(rows).toHaveLength(10);
  });
});

describe('recovery codes', () => {
  test('each signs in once, however it is typed, fifty times at once too', async () => {
    const viewer = await signInCarefully(app);
    const challenge = await challengeFor(app, viewer);
    const [first = '', second = ''] = viewer.recoveryCodes;
    const answers = await Promise.all(FIFTY.map(() => completeLogin(app, { challenge, recoveryCode: first })));
    expect(tally(answers)).toEqual({ 200: 1, invalid_code: 49 });
    const typed = ` ${second.toUpperCase().replace('-', ' ').replaceAll('0', 'O')} `;
    expect((await completeLogin(app, { challenge, recoveryCode: typed })).status).toBe(200);
    expect((await completeLogin(app, { challenge, recoveryCode: second })).status).toBe(401);
  });

  test('new ones cost a code and replace all that are left', async () => {
    const viewer = await signInCarefully(app);
    const renew = (code: string) => app.rest('POST', '/accounts/totp/recovery-codes', { viewer, body: { code } });
    expect(refusalOf(await renew(wrongCodeOf(app, viewer.secret)))).toEqual([400, 'invalid_code', undefined]);
    const code = codeOf(app, viewer.secret);
    const renewed = await renew(code);
    expect(renewed.headers.get('cache-control')).toBe('no-store');
    expect(renewed.body.recoveryCodes).toHaveLength(10);
    expect((await renew(code)).status).toBe(400);

    const challenge = await challengeFor(app, viewer);
    expect((await completeLogin(app, { challenge, recoveryCode: viewer.recoveryCodes[0] })).status).toBe(401);
    expect((await completeLogin(app, { challenge, recoveryCode: renewed.body.recoveryCodes[0] })).status).toBe(200);
  });
});

describe('switching it off', () => {
  test('takes the password, and leaves neither secret nor codes', async () => {
    const viewer = await signInCarefully(app);
    const disable = (password: string) => app.rest('POST', '/accounts/totp/disable', { viewer, body: { password } });
    expect((await disable('Wrong-horse1')).body.reason).toBe('wrong_password');
    expect((await viewer.client.accounts.me.query()).totpEnabled).toBe(true);
    expect((await disable(PASSWORD)).status).toBe(200);
    for (const table of ['totpSecrets', 'recoveryCodes'] as const) {
      expect(await app.db.selectFrom(table).where('userId', '=', viewer.userId).selectAll().execute()).toEqual([]);
    }
    expect((await login(viewer)).status).toBe(200);
    await app.inbox.waitFor({ to: viewer.email, subject: 'Two-factor login is off' });
  });
});

test('neither a dump nor the log holds a secret, a code or a challenge', async () => {
  const viewer = await signInCarefully(app);
  const challenge = await challengeFor(app, viewer);
  const [used = ''] = viewer.recoveryCodes;
  await completeLogin(app, { challenge, recoveryCode: used });
  await completeLogin(app, { challenge, code: codeOf(app, viewer.secret) });
  const raw = Secret.fromBase32(viewer.secret);
  const codes = viewer.recoveryCodes.flatMap((code) => [code, code.replace('-', '')]);
  const secrets = [viewer.secret, raw.hex, raw.hex.toLowerCase(), challenge, ...codes];
  const seen = `${await dumpDatabase(app)}\n${app.logs.join('')}`;
  expect(seen).toContain(viewer.email);
  for (const secret of [...secrets, ...secrets.map((each) => Buffer.from(each).toString('hex'))]) {
    expect(seen.includes(secret), secret).toBe(false);
  }
});

test("a secret copied into another user's row opens nothing", async () => {
  const [thief, victim] = [await signInCarefully(app), await signInCarefully(app)];
  const { sealed } = await app.db
    .selectFrom('totpSecrets')
    .where('userId', '=', thief.userId)
    .select('sealed')
    .executeTakeFirstOrThrow();
  expect(app.deps.totp.findStep(sealed, thief.userId, codeOf(app, thief.secret), app.clock.now())).not.toBeNull();
  expect(app.deps.totp.findStep(sealed, victim.userId, codeOf(app, thief.secret), app.clock.now())).toBeNull();
});
