import { setTimeout } from 'node:timers/promises';
import { isCinemaError } from '@online-cinema/client';
import { hash, parseOptions } from '@node-rs/argon2';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { linkOf, signInForTokens, type Tokens } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
beforeEach(() => app.inbox.clear());
afterAll(() => app[Symbol.asyncDispose]());

const NEW_PASSWORD = 'Another-horse2';

const change = (tokens: Tokens, oldPassword: string, newPassword: string) =>
  app.rest('POST', '/accounts/change-password', {
    body: { oldPassword, newPassword },
    headers: { authorization: `Bearer ${tokens.accessToken}` },
  });
const login = (email: string, password: string) => app.rest('POST', '/accounts/login', { body: { email, password } });
const whoAmI = (tokens: Tokens) =>
  app.rest('GET', '/accounts/me', { headers: { authorization: `Bearer ${tokens.accessToken}` } });

async function visit() {
  const { userId, email } = await app.signIn();
  return { userId, email, tokens: await signInForTokens(app, email) };
}

test('changing the password ends the other sessions, keeps this one, and is told by mail', async () => {
  const { userId, email, tokens } = await visit();
  const other = await signInForTokens(app, email);

  const answer = await change(tokens, PASSWORD, NEW_PASSWORD);
  expect([answer.status, answer.body]).toEqual([
    200,
    { message: 'Your password was changed. Your other devices are signed out.' },
  ]);
  expect((await whoAmI(tokens)).status).toBe(200);
  expect((await whoAmI(other)).status).toBe(401);
  const body = { refreshToken: other.refreshToken };
  expect((await app.rest('POST', '/accounts/refresh', { body })).status).toBe(401);
  expect((await login(email, PASSWORD)).status).toBe(401);
  expect((await login(email, NEW_PASSWORD)).status).toBe(200);

  const mail = await app.inbox.waitFor({ to: email, subject: 'Your password was changed' });
  expect(mail.messageId).toBe(`password-changed.${userId}.1@cinema.test`);
  expect(mail.html).toContain(`<strong id="email">${email}</strong>`);
  expect(linkOf(mail)).toBe('http://cinema.test/forgot-password');
  expect(mail.text).toContain(linkOf(mail));
});

test('a wrong old password, a weak new one and the same one are refused, and change nothing', async () => {
  const { email, tokens } = await visit();
  const refusals = [
    await change(tokens, 'Wrong-horse1', NEW_PASSWORD),
    await change(tokens, PASSWORD, 'weak'),
    await change(tokens, PASSWORD, 'P@ssw0rd'),
    await change(tokens, PASSWORD, PASSWORD),
  ];
  expect(refusals.map(({ status, body }) => [status, body.reason])).toEqual([
    [400, 'wrong_password'],
    [400, 'weak_password'],
    [400, 'weak_password'],
    [409, 'same_password'],
  ]);
  expect(refusals[1]?.body.issues[0].path).toEqual(['newPassword']);
  expect((await login(email, PASSWORD)).status).toBe(200);
  expect((await whoAmI(tokens)).status).toBe(200);
  await waitUntilDone(app, 'accounts.password-changed-mail');
  expect(app.inbox.messages().filter(({ envelope }) => envelope.to.includes(email))).toEqual([]);
});

test('how a letter was composed makes no other password', async () => {
  const { email, tokens } = await visit();
  expect((await change(tokens, PASSWORD, 'Caf\u00e9-noir-1')).status).toBe(200);
  const again = await change(tokens, 'Caf\u00e9-noir-1', 'Cafe\u0301-noir-1');
  expect([again.status, again.body.reason]).toEqual([409, 'same_password']);
  expect((await login(email, 'Cafe\u0301-noir-1')).status).toBe(200);
});

test('the SDK is told the reason too, and who is not signed in changes nothing', async () => {
  const { client } = await app.signIn();
  const refusal = await client.accounts.changePassword
    .mutate({ oldPassword: 'Wrong-horse1', newPassword: NEW_PASSWORD })
    .catch((error: unknown) => error);
  expect(isCinemaError(refusal, 'wrong_password')).toBe(true);
  const body = { oldPassword: PASSWORD, newPassword: NEW_PASSWORD };
  expect((await app.rest('POST', '/accounts/change-password', { body })).status).toBe(401);
});

test('of ten changes at once one wins, and the others had a password that is old', async () => {
  const { email, tokens } = await visit();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) => change(tokens, PASSWORD, `Racing-horse${index}`)),
  );
  const winners = answers.flatMap(({ status }, index) => (status === 200 ? [index] : []));
  expect(winners).toHaveLength(1);
  expect(answers.filter(({ body }) => body.reason === 'wrong_password')).toHaveLength(9);
  expect((await login(email, `Racing-horse${winners[0]}`)).status).toBe(200);
});

test('links that were mailed before the change are good no more', async () => {
  const { userId, tokens } = await visit();
  const expiresAt = new Date(Date.now() + 3_600_000);
  const { id } = await app.db
    .insertInto('oneTimeTokens')
    .values({ userId, purpose: 'password_reset', expiresAt })
    .returning('id')
    .executeTakeFirstOrThrow();
  await change(tokens, PASSWORD, NEW_PASSWORD);
  const token = app.deps.oneTimeTokens.derive('password_reset', id);
  const body = { token, newPassword: 'Third-horse33' };
  expect((await app.rest('POST', '/accounts/reset-password', { body })).body.reason).toBe('invalid_token');
});

test('a sign-in that verified the old password before the change gets no session after it', async () => {
  const { userId, email } = await visit();
  const passwordHash = await app.deps.passwords.hash(NEW_PASSWORD);
  // The change is half done: the sign-in still reads the old password, and has to wait for its session.
  const signIn = await app.db.transaction().execute(async (trx) => {
    await trx.updateTable('users').set({ passwordHash, passwordGeneration: 1 }).where('id', '=', userId).execute();
    const answer = login(email, PASSWORD);
    await somebodyWaits();
    await trx.deleteFrom('sessions').where('userId', '=', userId).execute();
    return { answer };
  });
  const { status, body } = await signIn.answer;
  expect([status, body.reason]).toEqual([401, 'invalid_credentials']);
  expect(await app.db.selectFrom('sessions').where('userId', '=', userId).select('id').execute()).toEqual([]);
});

describe('a hash that is cheaper to guess than a new one', () => {
  const CHEAPER = { memoryCost: 16, timeCost: 1, parallelism: 1 };

  async function storeHash(userId: string, passwordHash: string): Promise<void> {
    await app.db.updateTable('users').set({ passwordHash }).where('id', '=', userId).execute();
  }
  async function readHash(userId: string): Promise<string> {
    const user = await app.db.selectFrom('users').where('id', '=', userId).select('passwordHash').executeTakeFirst();
    return user?.passwordHash ?? '';
  }

  test('is replaced by the next sign-in, which changes neither password nor sessions', async () => {
    const { userId, email, tokens } = await visit();
    const cheap = await hash(PASSWORD, CHEAPER);
    await storeHash(userId, cheap);

    expect((await login(email, 'Wrong-horse1')).status).toBe(401);
    expect(await readHash(userId)).toBe(cheap);
    expect((await login(email, PASSWORD)).status).toBe(200);
    const renewed = await readHash(userId);
    expect(parseOptions(renewed)).toMatchObject({ memoryCost: 64, timeCost: 1 });
    expect((await whoAmI(tokens)).status).toBe(200);
    expect((await login(email, PASSWORD)).status).toBe(200);
    expect(await readHash(userId)).toBe(renewed);
  });

  test('is replaced once, whoever signs in at once, and all of them are in', async () => {
    const { userId, email } = await visit();
    await storeHash(userId, await hash(PASSWORD, CHEAPER));
    const answers = await Promise.all(Array.from({ length: 10 }, () => login(email, PASSWORD)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(parseOptions(await readHash(userId)).memoryCost).toBe(64);
  });

  test('but a dearer one is kept', async () => {
    const { userId, email } = await visit();
    const dear = await hash(PASSWORD, { ...CHEAPER, memoryCost: 128 });
    await storeHash(userId, dear);
    expect((await login(email, PASSWORD)).status).toBe(200);
    expect(await readHash(userId)).toBe(dear);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

/** Waits until a connection to this cinema's database waits for a lock. */
async function somebodyWaits(): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
    if (rows.length > 0) return;
    await setTimeout(10);
  }
}
