import { createCinemaClient, isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { App } from '../app.ts';
import { signInForTokens, type Tokens } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';

let app: TestApp;
let replica: App;
beforeAll(async () => {
  app = await startTestApp();
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

/** What a pair of tokens still opens: nothing, when its session is over. */
async function openedBy(tokens: Tokens): Promise<string[]> {
  const [me, next] = [await whoAmI(tokens), await refresh(tokens)];
  const answers = [
    [me, 'not_authenticated'],
    [next, 'invalid_refresh_token'],
  ] as const;
  return answers.flatMap(([{ status, body }, reason]) =>
    status === 401 && body.reason === reason ? [] : [`${status} ${body.reason ?? ''}, not ${reason}`],
  );
}

describe('refreshing', () => {
  test('gives a new pair; the old access token lives on to its end', async () => {
    const { tokens } = await visit();
    const next = await refresh(tokens);
    expect(next.status).toBe(200);
    expect(next.body.refreshToken).not.toBe(tokens.refreshToken);
    expect(next.body.accessToken).not.toBe(tokens.accessToken);
    expect((await whoAmI(next.body)).status).toBe(200);
    expect((await whoAmI(tokens)).status).toBe(200);
    expect(await openedBy(next.body)).toHaveLength(2);
  });

  test('the parent gets the same pair within the grace, as often as it asks', async () => {
    const { tokens } = await visit();
    const next = await refresh(tokens);
    app.clock.advance(GRACE - 1);
    const answers = [
      await refresh(tokens),
      await post(replica.url, '/accounts/refresh', { refreshToken: tokens.refreshToken }),
    ];
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
    expect(await openedBy(next)).toEqual([]);
    expect(await openedBy(tokens)).toEqual([]);
  });

  test('the grandparent ends the session even within the grace', async () => {
    const { tokens } = await visit();
    const { body: second } = await refresh(tokens);
    const { body: third } = await refresh(second);
    expect((await refresh(tokens)).status).toBe(401);
    expect(await openedBy(third)).toEqual([]);
  });

  test('what ends one session leaves the others of the account alone', async () => {
    const { tokens, email } = await visit();
    const other = await signInForTokens(app, email);
    await refresh((await refresh(tokens)).body);
    expect((await refresh(tokens)).status).toBe(401);
    expect((await refresh(other)).status).toBe(200);
  });

  test('ends after seven days without use', async () => {
    const used = await visit();
    const unused = await visit();
    app.clock.advance(7 * DAY - 60);
    const next = await refresh(used.tokens);
    expect(next.status).toBe(200);
    app.clock.advance(61);
    expect(await openedBy(unused.tokens)).toEqual([]);
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
    expect(await openedBy(last.body)).toEqual([]);
  });

  test('a session that its row ended is over, whatever its tokens say', async () => {
    const { userId, tokens, email } = await visit();
    const other = await signInForTokens(app, email);
    const end = (changes: { idleExpiresAt?: Date; expiresAt?: Date }) =>
      app.db.updateTable('sessions').set(changes).where('userId', '=', userId).execute();
    await end({ idleExpiresAt: app.clock.now() });
    expect((await refresh(tokens)).status).toBe(401);
    expect((await whoAmI(tokens)).status).toBe(200);
    await end({ expiresAt: app.clock.now() });
    expect(await openedBy(tokens)).toEqual([]);
    expect(await openedBy(other)).toEqual([]);
  });

  test('a client of the SDK renews a session whose access token has expired', async () => {
    const { client, email } = await app.signIn();
    app.clock.advance(16 * 60);
    const answers = await Promise.all([
      client.accounts.me.query(),
      client.cart.get.query(),
      client.accounts.me.query(),
    ]);
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
    expect(await openedBy(tokens)).toEqual([]);
    const input = encodeURIComponent('{"0":{"json":{}},"1":{"json":{}},"2":{"json":{}}}');
    const batch = await fetch(`${app.url}/trpc/accounts.me,movies.list,cart.get?batch=1&input=${input}`, { headers });
    const results = (await batch.json()) as { error?: { json: { data: { reason: string } } } }[];
    expect(results.map((result) => result.error?.json.data.reason)).toEqual([
      'not_authenticated',
      undefined,
      'not_authenticated',
    ]);
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
    expect(await openedBy(next)).toEqual([]);
  });
});

test('an account that was deactivated is out on its next call, and signs in no more', async () => {
  const { userId, email, tokens } = await visit();
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', userId).execute();
  expect(await openedBy(tokens)).toEqual([]);
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
