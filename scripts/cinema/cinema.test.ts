import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { migrate } from '@online-cinema/db/migrate';
import { openDb } from '@online-cinema/db/open';
import { linkOf } from '@online-cinema/server/testing/accounts';
import { PASSWORD, startTestApp, type TestApp } from '@online-cinema/server/testing/app';
import { createEmptyDatabase } from '@online-cinema/server/testing/database';
import { signInCarefully } from '@online-cinema/server/testing/totp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const CINEMA = fileURLToPath(new URL('../cinema.ts', import.meta.url));

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

type Outcome = { code: number; out: string; err: string };

/** Runs the command where nobody can be asked. */
async function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const { databaseUrl, dataDir, publicUrl } = app.config;
  const settings = { NODE_ENV: 'test', DATABASE_URL: databaseUrl, DATA_DIR: dataDir, PUBLIC_URL: publicUrl };
  return await new Promise((resolve) => {
    const options = { cwd: dataDir, env: { PATH: process.env['PATH'], ...settings, ...env } };
    const child = execFile(process.execPath, [CINEMA, ...args], options, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err }),
    );
    child.stdin?.end();
  });
}

async function setPassword(link: string): Promise<void> {
  const token = new URL(link).searchParams.get('token') ?? '';
  await app.anonymous.accounts.resetPassword.mutate({ token, newPassword: 'Correct-horse1' });
}

describe('cinema admin create', () => {
  test('prints a link that makes the admin, where nobody can be asked for a password', async () => {
    const { code, out, err } = await run(['admin', 'create', ' Boss@Cinema.example ']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^boss@cinema\.example is an admin as soon as the password is set\./);
    const link = out.trim().split('\n').at(-1) ?? '';
    expect(link).toMatch(/^http:\/\/cinema\.test\/reset-password\?token=[\w-]{64}$/);

    await setPassword(link);
    await app.anonymous.$session.signIn({ email: 'boss@cinema.example', password: 'Correct-horse1' });
    const { items } = await app.anonymous.admin.audit.list.query({});
    expect(items).toMatchObject([{ actor: null, action: 'users.create', details: { role: 'admin' } }]);
    await app.anonymous.$session.signOut();
  });

  test('mails the link when told to, and prints none', async () => {
    const { code, out } = await run(['admin', 'create', 'mailed@cinema.example', '--mail']);
    expect(code).toBe(0);
    expect(out).not.toContain('http');
    await setPassword(linkOf(await app.inbox.waitFor({ to: 'mailed@cinema.example' })));
    await app.anonymous.$session.signIn({ email: 'mailed@cinema.example', password: 'Correct-horse1' });
  });

  test('says what is wrong, in one sentence and with a code', async () => {
    await app.signIn({ email: 'taken@cinema.example' });
    for (const [args, env, said] of [
      [['taken@cinema.example'], {}, 'There is an account with this address already.'],
      [['no address'], {}, 'This is not an e-mail address.'],
      [[], {}, "missing required argument 'email'"],
      [['x@cinema.example', '--password', 'Correct-horse1'], {}, "unknown option '--password'"],
      [['x@cinema.example'], { DATABASE_URL: 'postgres://127.0.0.1:1/none' }, 'The database does not answer.'],
      [['x@cinema.example'], { TOKEN_SECRET: 'short' }, 'TOKEN_SECRET'],
    ] as const) {
      const { code, out, err } = await run(['admin', 'create', ...args], env);
      expect([code, out]).toEqual([1, '']);
      expect(err).toContain(said);
      expect(err).not.toMatch(/^\s+at /m);
    }
  });
});

describe('cinema admin reset-totp', () => {
  test('lets the last admin in with the password only, and is on record', async () => {
    const { email, userId } = await signInCarefully(app, { role: 'admin' });
    const { code, out, err } = await run(['admin', 'reset-totp', email]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(`${email} signs in with the password only from now on. Every device is signed out.\n`);
    await app.anonymous.$session.signIn({ email, password: PASSWORD });
    const { items } = await app.anonymous.admin.audit.list.query({ targetId: userId });
    expect(items).toMatchObject([{ actor: null, action: 'users.resetTotp' }]);
    await app.anonymous.$session.signOut();
    await app.inbox.waitFor({ to: email, subject: 'Two-factor login is off' });
  });

  test('says what is wrong', async () => {
    const { email } = await app.signIn();
    for (const [address, said] of [
      ['nobody@cinema.example', 'Nobody has the address nobody@cinema.example.\n'],
      [email, 'Two-factor login is not on.\n'],
    ] as const) {
      expect(await run(['admin', 'reset-totp', address])).toEqual({ code: 1, out: '', err: said });
    }
  });
});

test('cinema migrate makes the schema of an empty database, and finds nothing to do afterwards', async () => {
  await using empty = await createEmptyDatabase();
  for (const _ of [1, 2]) {
    const { code, out } = await run(['migrate'], { DATABASE_URL: empty.url });
    expect([code, out]).toEqual([0, 'The database is up to date.\n']);
  }
  const db = openDb({ url: empty.url });
  expect(await migrate(db)).toEqual([]);
  await db.destroy();
});

test('cinema without a command says what there is', async () => {
  const { err } = await run([]);
  expect(err).toContain('admin');
  expect(err).toContain('migrate');
});
