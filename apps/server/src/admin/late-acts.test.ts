import type { Db } from '@online-cinema/db/open';
import { type SqlBool, sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { insertUser } from '../accounts/queries.ts';
import { deleteSessions } from '../accounts/session-list.ts';
import { startTestApp, type RestAnswer, type TestApp, type Viewer } from '../testing/app.ts';
import { signInCarefully } from '../testing/totp.ts';

let app: TestApp;
let boss: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  boss = await app.signIn({ role: 'admin' });
});
afterAll(() => app[Symbol.asyncDispose]());

const TAKEN_FOR_NOW = 'late@staff.example';

/** What an admin can do, and the one it is done to. */
const ACTS: Record<string, { target: () => Promise<Viewer>; act: string; body?: object }> = {
  activate: { target: closed, act: '/{id}/activate' },
  deactivate: { target: () => app.signIn(), act: '/{id}/deactivate' },
  'change a role': { target: () => app.signIn(), act: '/{id}/change-role', body: { role: 'admin' } },
  'reset two-factor login': { target: () => signInCarefully(app), act: '/{id}/reset-totp' },
  'make an account': { target: () => app.signIn(), act: '', body: { email: TAKEN_FOR_NOW, role: 'admin' } },
};

/** What happens to the admin meanwhile, and how he is refused then. */
const FATES: [what: string, reason: string, strike: (trx: Db, userId: string) => Promise<unknown>][] = [
  ['demoted', 'not_allowed', (trx, id) => updateUser(trx, id, { role: 'moderator' })],
  ['deactivated', 'not_authenticated', (trx, id) => updateUser(trx, id, { isActive: false })],
  ['signed out', 'not_authenticated', (trx, userId) => deleteSessions(trx, { userId })],
];

async function updateUser(trx: Db, id: string, change: { role: 'moderator' } | { isActive: false }): Promise<void> {
  await trx.updateTable('users').set(change).where('id', '=', id).execute();
}

async function closed(): Promise<Viewer> {
  const viewer = await app.signIn();
  await boss.client.admin.users.deactivate.mutate({ userId: viewer.userId });
  return viewer;
}

/** Lets a call wait for what it is about, and for whatever happens meanwhile. */
async function whileWaiting(
  target: Viewer,
  call: () => Promise<RestAnswer>,
  meanwhile: (trx: Db) => Promise<unknown>,
): Promise<RestAnswer> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: hold } = Promise.withResolvers<void>();
  const holding = app.db.transaction().execute(async (trx) => {
    await meanwhile(trx);
    await trx.selectFrom('users').where('id', '=', target.userId).select('id').forUpdate().execute();
    await insertUser(trx, { email: TAKEN_FOR_NOW, passwordHash: null });
    hold();
    await released;
    await trx.deleteFrom('users').where('email', '=', TAKEN_FOR_NOW).execute();
  });
  await held;
  const calling = call();
  const look = async () => {
    const { rows } = await sql<{ isWaiting: SqlBool }>`
      select exists (
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
      ) as "isWaiting"`.execute(app.db);
    expect(rows[0]?.isWaiting).toBe(true);
  };
  try {
    await vi.waitFor(look, { timeout: 10_000, interval: 20 });
  } finally {
    release();
    await holding;
  }
  return await calling;
}

test.for(Object.entries(ACTS).flatMap(([name, each]) => FATES.map((fate) => [name, fate[0], each, fate] as const)))(
  'a call to %s that had to wait does nothing for an admin who was %s meanwhile',
  async ([, , { target: make, act, body }, [, reason, strike]]) => {
    const [admin, target] = [await app.signIn({ role: 'admin' }), await make()];
    const path = `/admin/users${act.replace('{id}', target.userId)}`;
    const before = await boss.client.admin.users.get.query({ userId: target.userId });

    const answer = await whileWaiting(
      target,
      () => app.rest('POST', path, { viewer: admin, body }),
      (trx) => strike(trx, admin.userId),
    );

    expect(answer.body.reason).toBe(reason);
    expect(await boss.client.admin.users.get.query({ userId: target.userId })).toEqual(before);
    const { total } = await boss.client.admin.audit.list.query({ actorId: admin.userId });
    expect(total).toBe(0);
  },
);

test('without such a fate, what waited is done', async () => {
  const [admin, target] = [await app.signIn({ role: 'admin' }), await app.signIn()];
  const path = `/admin/users/${target.userId}/deactivate`;
  const answer = await whileWaiting(
    target,
    () => app.rest('POST', path, { viewer: admin }),
    async () => undefined,
  );
  expect([answer.status, answer.body.isActive]).toEqual([200, false]);
});
