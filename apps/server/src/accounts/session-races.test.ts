import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tokens } from '../testing/accounts.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { type ServerProcess, startServerProcess } from '../testing/process.ts';
import { selectCredentials } from './queries.ts';
import { startSession } from './sessions.ts';

let app: TestApp;
let other: ServerProcess;
beforeAll(async () => {
  app = await startTestApp();
  // A process of its own in earnest, with the same keys and the real time: the clock of this one stays where it is.
  other = await startServerProcess({
    PROCESS: 'api',
    PUBLIC_URL: app.config.publicUrl,
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: app.config.dataDir,
  });
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

type Answer = { status: number; body: Tokens & { reason?: string } };

async function post(url: string, path: string, body: object): Promise<Answer> {
  const response = await fetch(`${url}/api/v1/accounts/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const urlOf = (index: number) => (index % 2 ? app.url : other.url);
const refresh = (url: string, { refreshToken }: Tokens) => post(url, 'refresh', { refreshToken });

/** Somebody whose devices are signed in as a login does it, without its hash. */
async function makeSignIn(): Promise<() => Promise<Tokens>> {
  const { email } = await app.signIn();
  const user = await selectCredentials(app.db, email);
  if (!user) throw new Error(`${email} is nobody`);
  return async () => await startSession(app.deps, user, { ip: '203.0.113.7', userAgent: undefined });
}

/** How a pair of tokens is refused; where it still opens something, that. */
async function refusalsOf(url: string, tokens: Tokens): Promise<string[]> {
  const me = await fetch(`${url}/api/v1/accounts/me`, { headers: { authorization: `Bearer ${tokens.accessToken}` } });
  const next = await refresh(url, tokens);
  return [`${me.status} ${((await me.json()) as { reason?: string }).reason}`, `${next.status} ${next.body.reason}`];
}

const REFUSED = ['401 not_authenticated', '401 invalid_refresh_token'];

test('two hundred refreshes at once over two processes rotate once and get one pair', async () => {
  const signIn = await makeSignIn();
  const tokens = await signIn();
  await sql
    .raw(
      `create table rotations as select id from sessions limit 0;
      create function count_rotation() returns trigger language plpgsql as
        $$ begin insert into rotations values (new.id); return new; end $$;
      create trigger count_rotation after update on sessions for each row execute function count_rotation();`,
    )
    .execute(app.db);
  const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => refresh(urlOf(index), tokens)));
  const rotations = await sql`select id from rotations`.execute(app.db);
  await sql.raw('drop function count_rotation cascade; drop table rotations').execute(app.db);

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const pairs = new Set(answers.map(({ body }) => JSON.stringify(body)));
  expect(pairs.size).toBe(1);
  expect(rotations.rows).toHaveLength(1);
  const { refreshToken } = answers[0]!.body;
  expect(refreshToken).not.toBe(tokens.refreshToken);
  expect((await refresh(other.url, answers[0]!.body)).status).toBe(200);
});

test('of five hundred logouts, each at the same time as a refresh elsewhere, none leaves a token that works', async () => {
  const signIn = await makeSignIn();
  async function race(round: number): Promise<void> {
    const tokens = await signIn();
    const [next, logout] = await Promise.all([
      refresh(urlOf(round), tokens),
      post(urlOf(round + 1), 'logout', { refreshToken: tokens.refreshToken }),
    ]);
    expect(logout.status).toBe(200);
    expect([200, 401]).toContain(next.status);
    const issued = next.status === 200 ? [next.body, tokens] : [tokens];
    for (const pair of issued) expect(await refusalsOf(urlOf(round), pair)).toEqual(REFUSED);
  }
  for (let round = 0; round < 500; round += 10) {
    await Promise.all(Array.from({ length: 10 }, (_, index) => race(round + index)));
  }
});
