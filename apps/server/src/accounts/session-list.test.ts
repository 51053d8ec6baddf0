import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInForTokens, type Tokens } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ TRUST_PROXY: '1' });
});
afterAll(() => app[Symbol.asyncDispose]());

const DAY = 86_400;

const as = (tokens: Tokens) => ({ headers: { authorization: `Bearer ${tokens.accessToken}` } });
const list = async (tokens: Tokens) => (await app.rest('GET', '/accounts/sessions', as(tokens))).body.items;
const whoAmI = async (tokens: Tokens) => (await app.rest('GET', '/accounts/me', as(tokens))).status;
const refresh = (tokens: Tokens) =>
  app.rest('POST', '/accounts/refresh', { body: { refreshToken: tokens.refreshToken } });

/** Makes an account that is signed in on so many devices. */
async function visit(devices: number): Promise<{ userId: string; email: string; tokens: Tokens[] }> {
  const { userId, email } = await app.signIn();
  await app.db.deleteFrom('sessions').where('userId', '=', userId).execute();
  const tokens: Tokens[] = [];
  for (let device = 0; device < devices; device++) tokens.push(await signInForTokens(app, email));
  return { userId, email, tokens };
}

test('the list says where somebody is signed in, and which of it is this call', async () => {
  const { email } = await visit(0);
  const signIn = async (ip: string, userAgent: string): Promise<Tokens> => {
    const headers = { 'x-forwarded-for': ip, 'user-agent': userAgent };
    return (await app.rest('POST', '/accounts/login', { body: { email, password: PASSWORD }, headers })).body;
  };
  const phone = await signIn('203.0.113.7', 'Phone/1');
  const tv = await signIn('2001:db8::7', 'TV/2');

  const answer = await app.rest('GET', '/accounts/sessions', as(phone));
  expect(answer.status).toBe(200);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const device = { id: expect.any(String), createdAt: expect.any(String), lastUsedAt: expect.any(String) };
  expect(answer.body).toEqual({
    items: [
      { ...device, current: true, userAgent: 'Phone/1', ip: '203.0.113.7' },
      { ...device, current: false, userAgent: 'TV/2', ip: '2001:db8::7' },
    ],
  });
  expect((await list(tv)).map((session: { current: boolean; userAgent: string }) => session.userAgent)).toEqual([
    'TV/2',
    'Phone/1',
  ]);
});

test('over the SDK its moments are dates', async () => {
  const { client } = await app.signIn();
  const { items } = await client.accounts.sessions.query();
  expect(items).toHaveLength(1);
  expect(items[0]?.createdAt).toBeInstanceOf(Date);
  expect(items[0]?.lastUsedAt).toEqual(items[0]?.createdAt);
});

test('a refresh is a use; a session that nobody used for seven days is not listed', async () => {
  const { tokens } = await visit(2);
  const [used, unused] = tokens as [Tokens, Tokens];
  const before = await list(unused);
  app.clock.advance(6 * DAY);
  const { body: next } = await refresh(used);
  const [current, other] = await list(next);
  expect(current.createdAt).toBe(before[1].createdAt);
  expect(Date.parse(current.lastUsedAt) - Date.parse(before[1].lastUsedAt)).toBeGreaterThanOrEqual(6 * DAY * 1000);
  expect(other.lastUsedAt).toBe(before[0].lastUsedAt);
  app.clock.advance(DAY + 1);
  expect(await list((await refresh(next)).body)).toHaveLength(1);
});

test('ending one session kills its tokens at once and no other', async () => {
  const { tokens } = await visit(2);
  const [mine, other] = tokens as [Tokens, Tokens];
  const [, { id }] = await list(mine);
  const answer = await app.rest('DELETE', `/accounts/sessions/${id}`, as(mine));
  expect([answer.status, answer.body]).toEqual([204, undefined]);
  expect(await whoAmI(other)).toBe(401);
  expect((await refresh(other)).status).toBe(401);
  expect(await whoAmI(mine)).toBe(200);
  expect((await app.rest('DELETE', `/accounts/sessions/${id}`, as(mine))).status).toBe(404);

  const [current] = await list(mine);
  expect((await app.rest('DELETE', `/accounts/sessions/${current.id}`, as(mine))).status).toBe(204);
  expect(await whoAmI(mine)).toBe(401);
});

test("somebody else's session is missing, word for word, and goes on", async () => {
  const [one, other] = [await visit(1), await visit(1)];
  const [mine, theirs] = [one.tokens[0]!, other.tokens[0]!];
  const [{ id }] = await list(theirs);
  const foreign = await app.rest('DELETE', `/accounts/sessions/${id}`, as(mine));
  const missing = await app.rest('DELETE', '/accounts/sessions/019a5a4e-7c00-7000-8000-000000000001', as(mine));
  expect(foreign.status).toBe(404);
  expect({ ...foreign.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
  expect(await whoAmI(theirs)).toBe(200);
  expect((await app.rest('DELETE', '/accounts/sessions/nonsense', as(mine))).status).toBe(400);
});

test('logging out everywhere ends all sessions or all others, tells how many, and spares other accounts', async () => {
  const { tokens } = await visit(4);
  const bystander = (await visit(1)).tokens[0]!;
  const [first, ...rest] = tokens as [Tokens, ...Tokens[]];
  const logout = (body: unknown) => app.rest('POST', '/accounts/logout-everywhere', { ...as(first), body });

  const others = await logout({ scope: 'others' });
  expect([others.status, others.body]).toEqual([200, { sessionsEnded: 3 }]);
  expect(await Promise.all(rest.map(whoAmI))).toEqual([401, 401, 401]);
  expect(await whoAmI(first)).toBe(200);
  expect((await logout({ scope: 'others' })).body).toEqual({ sessionsEnded: 0 });
  for (const body of [{}, { scope: 'none' }]) expect((await logout(body)).body.reason).toBe('invalid_input');

  expect((await logout({ scope: 'all' })).body).toEqual({ sessionsEnded: 1 });
  expect((await logout({ scope: 'all' })).status).toBe(401);
  expect((await refresh(first)).status).toBe(401);
  expect(await whoAmI(bystander)).toBe(200);
});

test('sessions that were over already do not count as ended', async () => {
  const { tokens, userId } = await visit(3);
  await app.db
    .updateTable('sessions')
    .set({ idleExpiresAt: app.clock.now() })
    .where('userId', '=', userId)
    .where('id', 'in', (query) => query.selectFrom('sessions').where('userId', '=', userId).select('id').limit(1))
    .execute();
  const body = { scope: 'all' };
  const answer = await app.rest('POST', '/accounts/logout-everywhere', { ...as(tokens[2]!), body });
  expect(answer.body).toEqual({ sessionsEnded: 2 });
  expect(await app.db.selectFrom('sessions').where('userId', '=', userId).select('id').execute()).toEqual([]);
});

test.for([
  ['GET', '/accounts/sessions'],
  ['DELETE', '/accounts/sessions/019a5a4e-7c00-7000-8000-000000000001'],
  ['POST', '/accounts/logout-everywhere', { scope: 'all' }],
] as const)('%s %s is for who is signed in', async ([method, path, body]) => {
  const answer = await app.rest(method, path, { body });
  expect([answer.status, answer.body.reason]).toEqual([401, 'not_authenticated']);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
