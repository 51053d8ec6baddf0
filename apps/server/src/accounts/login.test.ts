import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: '1' });
});
afterAll(() => app[Symbol.asyncDispose]());

test('a login answers with a pair of tokens that no cache may keep', async () => {
  const { userId, email } = await app.signIn();
  const answer = await app.rest('POST', '/accounts/login', {
    body: { email: ` ${email.toUpperCase()}`, password: PASSWORD },
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.body).toEqual({
    accessToken: expect.any(String),
    refreshToken: expect.any(String),
    tokenType: 'Bearer',
    expiresIn: 900,
  });

  const me = await app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${answer.body.accessToken}` } });
  expect(me.headers.get('cache-control')).toBe('no-store');
  expect(me.body).toMatchObject({ id: userId, email, role: 'user', isActive: true, totpEnabled: false });
  expect(me.body.profile).toEqual({
    firstName: null,
    lastName: null,
    gender: null,
    dateOfBirth: null,
    info: null,
    avatarUrl: null,
  });
  const refreshed = await app.rest('POST', '/accounts/refresh', { body: { refreshToken: answer.body.refreshToken } });
  expect(refreshed.headers.get('cache-control')).toBe('no-store');
});

test('over RPC no cache may keep the tokens either', async () => {
  const { email } = await app.signIn();
  const response = await fetch(`${app.url}/trpc/accounts.login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ json: { email, password: PASSWORD } }),
  });
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a login is refused alike for an unknown address, a wrong password and an account without one', async () => {
  const { email } = await app.signIn();
  const invited = await app.signIn();
  await app.db.updateTable('users').set({ passwordHash: null }).where('id', '=', invited.userId).execute();
  const tries = [
    { email: 'nobody@example.com', password: PASSWORD },
    { email, password: 'Wrong-horse1' },
    { email, password: '' },
    { email: invited.email, password: PASSWORD },
    { email: invited.email, password: '' },
  ];
  for (const body of tries) {
    const answer = await app.rest('POST', '/accounts/login', { body });
    expect(answer.status).toBe(401);
    expect(answer.body).toEqual({
      type: 'urn:online-cinema:error:invalid_credentials',
      title: 'Invalid credentials',
      status: 401,
      detail: 'The address or the password is wrong.',
      reason: 'invalid_credentials',
      requestId: answer.headers.get('x-request-id'),
    });
  }
});

test('the SDK holds the session, and tells who is signed in', async () => {
  const { client, email } = await app.signIn();
  const me = await client.accounts.me.query();
  expect(me.email).toBe(email);
  expect(me.createdAt).toBeInstanceOf(Date);
  await client.$session.signOut();
  expect(client.$session.current()).toBeNull();
  const refusal = await client.accounts.me.query().catch((error: unknown) => error);
  expect(isCinemaError(refusal, 'not_authenticated')).toBe(true);
});

test.for([
  ['an address', '203.0.113.7', '203.0.113.7'],
  ['an address of IPv6', '2001:db8::7', '2001:db8::7'],
  ['an address with its zone', 'fe80::1%eth0', 'fe80::1'],
  ['an address of IPv4 within IPv6', '::ffff:203.0.113.7', '203.0.113.7'],
  ['what is none', 'unknown', null],
  ['an obfuscated one', '_hidden', null],
] as const)('a login remembers the device; a proxy may name %s', async ([, forwarded, kept]) => {
  const { email, userId } = await app.signIn();
  await app.db.deleteFrom('sessions').where('userId', '=', userId).execute();
  const answer = await app.rest('POST', '/accounts/login', {
    body: { email, password: PASSWORD },
    headers: { 'x-forwarded-for': forwarded, 'user-agent': `Popcorn/1.0 ${'x'.repeat(500)}` },
  });
  expect(answer.status).toBe(200);
  const session = await app.db
    .selectFrom('sessions')
    .where('userId', '=', userId)
    .select(['ip', 'userAgent'])
    .executeTakeFirst();
  expect(session?.ip ?? null).toBe(kept);
  expect(session?.userAgent).toMatch(/^Popcorn\/1\.0 x{388}$/);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
