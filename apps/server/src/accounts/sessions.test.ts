import { createCinemaClient, isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../app.ts';
import { signInForTokens, type Tokens } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';

let app: TestApp;
let replica: App;
beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: '1' });
  replica = await app.startReplica({ PROCESS: 'api' });
});
afterAll(() => app[Symbol.asyncDispose]());

const DAY = 86_400;
const GRACE = 10;

/** Sends to one of the two processes; the answers of `app.rest` come from the first one. */
async function post(url: string | null, path: string, body: unknown) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
}

const refresh = (tokens: Pick<Tokens, 'refreshToken'>) =>
  app.rest('POST', '/accounts/refresh', { body: { refreshToken: tokens.refreshToken } });
const logout = (tokens: Pick<Tokens, 'refreshToken'>) =>
  app.rest('POST', '/accounts/logout', { body: { refreshToken: tokens.refreshToken } });
const whoAmI = (tokens: Pick<Tokens, 'accessToken'>) =>
  app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${tokens.accessToken}` } });

/** Makes an account with one session of its own beside that of its client. */
async function visit(): Promise<{ userId: string; email: string; tokens: Tokens }> {
  const { userId, email } = await app.signIn();
  return { userId, email, tokens: await signInForTokens(app, email) };
}

async function expectDead(tokens: Tokens): Promise<void> {
  const [me, next] = [await whoAmI(tokens), await refresh(tokens)];
  expect([me.status, me.body.reason, next.status, next.body.reason]).toEqual([
    401,
    'not_authenticated',
    401,
    'invalid_refresh_token',
  ]);
}

describe('signing in', () => {
  test('answers with a pair of tokens that no cache may keep', async () => {
    const { userId, email } = await app.signIn();
    const answer = await app.rest('POST', '/accounts/login', { body: { email: ` ${email.toUpperCase()}`, password: PASSWORD } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.body).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 900,
    });

    const me = await whoAmI(answer.body);
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
    expect((await refresh(answer.body)).headers.get('cache-control')).toBe('no-store');
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

  test('is refused alike for an unknown address, a wrong password and an account without one', async () => {
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
  ] as const)('remembers the device; a proxy may name %s', async ([, forwarded, kept]) => {
    const { email, userId } = await app.signIn();
    await app.db.deleteFrom('sessions').where('userId', '=', userId).execute();
    const answer = await app.rest('POST', '/accounts/login', {
      body: { email, password: PASSWORD },
      headers: { 'x-forwarded-for': forwarded, 'user-agent': `Popcorn/1.0 ${'x'.repeat(500)}` },
    });
    expect(answer.status).toBe(200);
    const session = await app.db.selectFrom('sessions').where('userId', '=', userId).select(['ip', 'userAgent']).executeTakeFirst();
    expect(session?.ip ?? null).toBe(kept);
    expect(session?.userAgent).toMatch(/^Popcorn\/1\.0 x{388}$/);
  });
});

describe('refreshing', () => {
  test('gives a new pair; the old access token lives on to its end', async () => {
    const { tokens } = await visit();
    const next = await refresh(tokens);
    expect(next.status).toBe(200);
    expect(next.body.refreshToken).not.toBe(tokens.refreshToken);
    expect(next.body.accessToken).not.toBe(tokens.accessToken);
    expect((await whoAmI(next.body)).status).toBe(200);
    expect((await whoAmI(tokens)).status).toBe(200);
  });

  test('the parent gets the same pair within the grace, as often as it asks', async () => {
    const { tokens } = await visit();
    const next = await refresh(tokens);
    app.clock.advance(GRACE - 1);
    const answers = [await refresh(tokens), await post(replica.url, '/accounts/refresh', { refreshToken: tokens.refreshToken })];
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(next.body);
    }
  });

  test('the parent after the grace ends the session, and its access tokens die at once', async () => {
    const { tokens } = await visit();
    const { body: next } = await refresh(tokens);
    app.clock.advance(GRACE + 1);
    expect((await whoAmI(next)).status).toBe(200);
    expect((await refresh(tokens)).body.reason).toBe('invalid_refresh_token');
    await expectDead(next);
    await expectDead(tokens);
  });

  test('the grandparent ends the session even within the grace', async () => {
    const { tokens } = await visit();
    const { body: second } = await refresh(tokens);
    const { body: third } = await refresh(second);
    expect((await refresh(tokens)).status).toBe(401);
    await expectDead(third);
  });

  test('what ends one session leaves the others of the account alone', async () => {
    const { tokens, email } = await visit();
    const other = await signInForTokens(app, email);
    await refresh((await refresh(tokens)).body);
    expect((await refresh(tokens)).status).toBe(401);
    expect((await refresh(other)).status).toBe(200);
  });

  test('two hundred at once over two processes rotate once and get one pair', async () => {
    const { userId, tokens } = await visit();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        post(index % 2 ? app.url : replica.url, '/accounts/refresh', { refreshToken: tokens.refreshToken }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const pairs = new Set(answers.map((answer) => JSON.stringify(answer.body)));
    expect(pairs.size).toBe(1);
    const generations = await app.db.selectFrom('sessions').where('userId', '=', userId).select('generation').execute();
    expect(generations.map((session) => session.generation).sort()).toEqual([0, 1]);
    expect((await refresh(JSON.parse([...pairs][0]!))).status).toBe(200);
  });

  test('ends after seven days without use', async () => {
    const used = await visit();
    const unused = await visit();
    app.clock.advance(7 * DAY - 60);
    const next = await refresh(used.tokens);
    expect(next.status).toBe(200);
    app.clock.advance(61);
    await expectDead(unused.tokens);
    expect((await refresh(next.body)).status).toBe(200);
  });

  test('ends thirty days after signing in, however often it was used', async () => {
    let { tokens } = await visit();
    for (let day = 0; day < 30; day += 6) {
      const next = await refresh(tokens);
      expect(next.status).toBe(200);
      tokens = next.body;
      app.clock.advance(6 * DAY - (day === 24 ? 60 : 0));
    }
    const last = await refresh(tokens);
    expect(last.status).toBe(200);
    expect(last.body.expiresIn).toBeLessThanOrEqual(60);
    expect((await whoAmI(last.body)).status).toBe(200);
    app.clock.advance(61);
    await expectDead(last.body);
  });

  test('a client of the SDK renews a session whose access token has expired', async () => {
    const { client, email } = await app.signIn();
    app.clock.advance(16 * 60);
    const answers = await Promise.all([client.accounts.me.query(), client.cart.get.query(), client.accounts.me.query()]);
    expect(answers[0].email).toBe(email);
  });
});

describe('signing out', () => {
  test('kills the access token on the very next call, on every process, and inside a batch', async () => {
    const { tokens } = await visit();
    const answer = await logout(tokens);
    expect([answer.status, answer.body]).toEqual([200, { message: 'You are signed out.' }]);

    const headers = { authorization: `Bearer ${tokens.accessToken}` };
    expect((await fetch(`${replica.url}/api/v1/accounts/me`, { headers })).status).toBe(401);
    await expectDead(tokens);
    const input = encodeURIComponent('{"0":{"json":{}},"1":{"json":{}},"2":{"json":{}}}');
    const batch = await fetch(`${app.url}/trpc/accounts.me,movies.list,cart.get?batch=1&input=${input}`, { headers });
    const results = (await batch.json()) as { error?: { json: { data: { reason: string } } } }[];
    expect(results.map((result) => result.error?.json.data.reason)).toEqual(['not_authenticated', undefined, 'not_authenticated']);
  });

  test('may be said twice, and of any text that is no token of ours', async () => {
    const { tokens } = await visit();
    const first = await logout(tokens);
    for (const refreshToken of [tokens.refreshToken, tokens.accessToken, 'nonsense', 'a.b.c', 'x'.repeat(4_000)]) {
      const again = await logout({ refreshToken });
      expect([again.status, again.body]).toEqual([200, first.body]);
    }
  });

  test.for([{}, { refreshToken: '' }, { refreshToken: 7 }, { refreshToken: null }, { refreshToken: 'x', more: 1 }])(
    'but %j is no refresh token: 400',
    async (body) => {
      expect((await app.rest('POST', '/accounts/logout', { body })).body.reason).toBe('invalid_input');
    },
  );

  test('with an older token of the session ends it all the same', async () => {
    const { tokens } = await visit();
    const { body: next } = await refresh(tokens);
    expect((await logout(tokens)).status).toBe(200);
    await expectDead(next);
  });

  test('at the same time as a refresh leaves no token that works', async () => {
    for (let round = 0; round < 20; round++) {
      const { tokens } = await visit();
      const [next] = await Promise.all([
        post(replica.url, '/accounts/refresh', { refreshToken: tokens.refreshToken }),
        logout(tokens),
      ]);
      if (next.status === 200) await expectDead(next.body);
      await expectDead(tokens);
    }
  });
});

test('an account that was deactivated is out on its next call, and signs in no more', async () => {
  const { userId, email, tokens } = await visit();
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', userId).execute();
  await expectDead(tokens);
  const replicaClient = createCinemaClient({ baseUrl: replica.url ?? '' });
  const refusal = await replicaClient.$session.signIn({ email, password: PASSWORD }).catch((error: unknown) => error);
  expect(isCinemaError(refusal, 'not_active')).toBe(true);
});

test('a new role acts on the next call', async () => {
  const { userId, tokens } = await visit();
  await app.db.updateTable('users').set({ role: 'moderator' }).where('id', '=', userId).execute();
  expect((await whoAmI(tokens)).body.role).toBe('moderator');
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
