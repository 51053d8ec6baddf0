import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { assertAdminRemains } from '../accounts/standing.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { type ServerProcess, startServerProcess } from '../testing/process.ts';

let app: TestApp;
let other: ServerProcess;
beforeAll(async () => {
  app = await startTestApp({ DATABASE_POOL: '30' });
  other = await startServerProcess({
    PROCESS: 'api',
    DATABASE_POOL: '30',
    PUBLIC_URL: app.config.publicUrl,
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: app.config.dataDir,
  });
});
beforeEach(async () => {
  await app.db.updateTable('users').set({ role: 'user' }).execute();
});
afterAll(async () => {
  await other[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

async function send(url: string, { client }: Viewer, path: string, body?: object) {
  const response = await fetch(`${url}/api/v1/admin/users/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await client.$session.accessToken()}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, reason: ((await response.json()) as { reason?: string }).reason };
}

async function countActiveAdmins(): Promise<number> {
  const rows = await app.db
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('isActive', '=', true)
    .select('id')
    .execute();
  return rows.length;
}

test('the last admin can not close the own account; one of two can', async () => {
  const [one, two] = [await app.signIn({ role: 'admin' }), await app.signIn({ role: 'admin' })];
  expect(await send(app.url, one, `${one.userId}/deactivate`)).toEqual({ status: 200, reason: undefined });
  for (const id of [two.userId, two.userId.toUpperCase()]) {
    expect(await send(app.url, two, `${id}/deactivate`)).toEqual({ status: 409, reason: 'last_admin' });
  }
  await two.client.accounts.me.query();
});

test('an admin whose account is closed or pending does not count', async () => {
  const [last, closed] = [await app.signIn({ role: 'admin' }), await app.signIn({ role: 'admin' })];
  await send(app.url, last, `${closed.userId}/deactivate`);
  await last.client.admin.users.create.mutate({ email: 'not-yet@example.com', role: 'admin' });
  expect(await send(app.url, last, `${last.userId}/deactivate`)).toEqual({ status: 409, reason: 'last_admin' });
  expect(await send(app.url, last, `${closed.userId}/change-role`, { role: 'user' })).toMatchObject({ status: 200 });
});

test('what deletes an account asks the same question, and gets the same answer', async () => {
  const [one, two] = [await app.signIn({ role: 'admin' }), await app.signIn({ role: 'admin' })];
  await app.db.transaction().execute((trx) => assertAdminRemains(trx, one.userId));
  await app.db.updateTable('users').set({ role: 'user' }).where('id', '=', two.userId).execute();
  const refusal = app.db.transaction().execute((trx) => assertAdminRemains(trx, one.userId));
  await expect(refusal).rejects.toMatchObject({ reason: 'last_admin' });
  await app.db.transaction().execute((trx) => assertAdminRemains(trx, two.userId));
});

test('an admin who has no password does not count, be the account open or not', async () => {
  const last = await app.signIn({ role: 'admin' });
  const { admin } = last.client;
  const { id: userId } = await admin.users.create.mutate({ email: 'no-password@example.com', role: 'admin' });
  await admin.users.activate.mutate({ userId });
  expect(await send(app.url, last, `${last.userId}/deactivate`)).toEqual({ status: 409, reason: 'last_admin' });
  expect(await send(app.url, last, `${userId}/deactivate`)).toMatchObject({ status: 200 });
});

/** Lets nobody through to the admins until `count` calls wait for them: all of these were let in as admins. */
async function holdUntilWaiting<Result>(count: number, calls: () => Promise<Result>): Promise<Result> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  const holding = app.db.transaction().execute(async (trx) => {
    await assertAdminRemains(trx, 'nobody');
    hold();
    await released;
  });
  await held;
  const results = calls();
  const look = async () => {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(app.db);
    expect(rows[0]?.count).toBe(count);
  };
  try {
    await vi.waitFor(look, { timeout: 20_000, interval: 20 });
  } finally {
    release();
    await holding;
  }
  return await results;
}

test('of two admins who demote each other, one finds himself the last', async () => {
  const [one, two] = [await app.signIn({ role: 'admin' }), await app.signIn({ role: 'admin' })];
  for (let round = 0; round < 5; round++) {
    await app.db.updateTable('users').set({ role: 'admin' }).where('id', 'in', [one.userId, two.userId]).execute();
    const answers = await holdUntilWaiting(2, () =>
      Promise.all([
        send(app.url, one, `${two.userId}/change-role`, { role: 'user' }),
        send(other.url, two, `${one.userId}/change-role`, { role: 'moderator' }),
      ]),
    );
    expect(answers.map(({ status, reason }) => `${status} ${reason}`).sort()).toEqual([
      '200 undefined',
      '409 last_admin',
    ]);
    expect(await countActiveAdmins()).toBe(1);
  }
});

test('of fifty admins who close their own accounts at once, over two processes, one is left', async () => {
  const admins = await Promise.all(Array.from({ length: 50 }, () => app.signIn({ role: 'admin' })));
  const answers = await holdUntilWaiting(50, () =>
    Promise.all(admins.map((each, index) => send(index % 2 ? app.url : other.url, each, `${each.userId}/deactivate`))),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(49);
  expect(answers.filter(({ reason }) => reason === 'last_admin')).toHaveLength(1);
  expect(await countActiveAdmins()).toBe(1);
});

test('of fifty admins who demote each other in a ring at once, nobody does who was demoted before', async () => {
  const admins = await Promise.all(Array.from({ length: 50 }, () => app.signIn({ role: 'admin' })));
  const answers = await holdUntilWaiting(50, () =>
    Promise.all(
      admins.map((each, index) => {
        const victim = admins[(index + 1) % admins.length]!;
        return send(index % 2 ? app.url : other.url, each, `${victim.userId}/change-role`, { role: 'user' });
      }),
    ),
  );
  const demoted = answers.filter(({ status }) => status === 200);
  expect(answers.filter(({ reason }) => reason === 'not_allowed' || reason === 'last_admin')).toHaveLength(
    50 - demoted.length,
  );
  expect(await countActiveAdmins()).toBe(50 - demoted.length);
  expect(demoted.length).toBeLessThan(50);
});

test('fifty demotions at once of the only other admin are one', async () => {
  const [one, two] = [await app.signIn({ role: 'admin' }), await app.signIn({ role: 'admin' })];
  const answers = await holdUntilWaiting(50, () =>
    Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        send(index % 2 ? app.url : other.url, one, `${two.userId}/change-role`, { role: 'user' }),
      ),
    ),
  );
  expect(answers).toEqual(Array(50).fill({ status: 200, reason: undefined }));
  const { total } = await one.client.admin.audit.list.query({ targetId: two.userId });
  expect(total).toBe(1);
  expect(await countActiveAdmins()).toBe(1);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
