import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createBoss } from '../lib/queue.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { accountsCleanUpJob } from './clean-up-jobs.ts';

const MINUTE = 60;
const DAY = 86_400;

let app: TestApp;
let userId: string;
beforeAll(async () => {
  app = await startTestApp({ TOKEN_CLEANUP_INTERVAL: '600' });
});
beforeEach(async () => {
  await sql`delete from users`.execute(app.db);
  ({ userId } = await app.signIn());
});
afterAll(() => app[Symbol.asyncDispose]());

function inSeconds(seconds: number): Date {
  return new Date(app.clock.now().getTime() + seconds * 1_000);
}

async function cleanUp(): Promise<void> {
  await app.deps.queue.enqueue(app.db, accountsCleanUpJob, {});
  await waitUntilDone(app, accountsCleanUpJob.name);
}

async function addUsers(count: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    insert into users (email) select 'many' || number || '@example.com' from generate_series(1, ${count}) as number
    returning id`.execute(app.db);
  return rows.map(({ id }) => id);
}

test('links that ran out are deleted, however many, with the address that waited for one; living ones stay', async () => {
  const expired = await addUsers(1_200);
  await app.db
    .insertInto('oneTimeTokens')
    .values(expired.map((id) => ({ userId: id, purpose: 'activation' as const, expiresAt: inSeconds(-1) })))
    .execute();
  const [old, living] = await app.db
    .insertInto('oneTimeTokens')
    .values([
      { userId: expired[0]!, purpose: 'email_change', expiresAt: inSeconds(-1) },
      { userId, purpose: 'email_change', expiresAt: inSeconds(MINUTE) },
    ])
    .returning('id')
    .execute();
  await app.db
    .insertInto('emailChanges')
    .values([
      { userId: expired[0]!, tokenId: old!.id, newEmail: 'stale@example.com' },
      { userId, tokenId: living!.id, newEmail: 'fresh@example.com' },
    ])
    .execute();

  await cleanUp();

  expect(await app.db.selectFrom('oneTimeTokens').select('id').execute()).toEqual([living]);
  const changes = await app.db.selectFrom('emailChanges').select('newEmail').execute();
  expect(changes).toEqual([{ newEmail: 'fresh@example.com' }]);
});

test('sessions that were not used for too long, or lasted too long, are deleted; the others go on', async () => {
  const session = (idle: number, absolute: number) => ({
    userId,
    idleExpiresAt: inSeconds(idle),
    expiresAt: inSeconds(absolute),
  });
  await app.db
    .insertInto('sessions')
    .values([session(-1, DAY), session(-1, -1), session(DAY, -1)])
    .execute();
  const { id } = await app.db
    .insertInto('sessions')
    .values(session(MINUTE, DAY))
    .returning('id')
    .executeTakeFirstOrThrow();

  await cleanUp();

  const left = await app.db.selectFrom('sessions').select(['id', 'generation']).orderBy('createdAt').execute();
  // The other one is that of the sign-in.
  expect(left).toHaveLength(2);
  expect(left.map((each) => each.id)).toContain(id);
});

test('an address that was changed is forgotten when the mail that tells it so never went out', async () => {
  const change = { userId, newEmail: 'new@example.com', oldEmail: 'old@example.com' };
  await app.db.insertInto('emailChanges').values(change).execute();
  await sql`
    insert into email_changes (id, user_id, new_email, old_email)
    values (uuidv7(interval '-8 days'), ${userId}, 'newer@example.com', 'older@example.com')`.execute(app.db);

  await cleanUp();

  expect(await app.db.selectFrom('emailChanges').select('newEmail').execute()).toEqual([
    { newEmail: 'new@example.com' },
  ]);
});

test('a row that somebody holds is passed over, and deleted the next time', async () => {
  await app.db
    .insertInto('oneTimeTokens')
    .values({ userId, purpose: 'activation', expiresAt: inSeconds(-1) })
    .execute();
  await app.db.transaction().execute(async (trx) => {
    await trx.selectFrom('oneTimeTokens').select('id').forUpdate().execute();
    await cleanUp();
    expect(await trx.selectFrom('oneTimeTokens').select('id').execute()).toHaveLength(1);
  });
  await Promise.all([cleanUp(), cleanUp()]);
  expect(await app.db.selectFrom('oneTimeTokens').select('id').execute()).toEqual([]);
});

test('it is done as often as TOKEN_CLEANUP_INTERVAL says', async () => {
  const boss = createBoss({ url: app.config.databaseUrl, isWorker: false, poolSize: 1, log: app.deps.log });
  await boss.start();
  const schedules = await boss.getSchedules();
  await boss.stop({ graceful: false });
  for (const name of [accountsCleanUpJob.name, 'privacy.clean-up']) {
    expect(schedules.find((each) => each.name === name)).toMatchObject({
      cron: 'FREQ=SECONDLY;INTERVAL=600',
      data: {},
    });
  }
});

test('nothing of all this went wrong', () => {
  expect(app.logs.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
});
