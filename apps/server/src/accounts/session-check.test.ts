import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { callerStatement, selectCaller } from '../context.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ PROCESS: 'api' });
});
afterAll(() => app[Symbol.asyncDispose]());

type Plan = { 'Node Type': string; 'Index Name'?: string; Plans?: Plan[] };

/** The scans of a plan, each with the index it uses. */
function scansOf(plan: Plan): string[] {
  const below = (plan.Plans ?? []).flatMap(scansOf);
  return plan['Node Type'].includes('Scan') ? [`${plan['Node Type']} ${plan['Index Name']}`, ...below] : below;
}

test('the session of a call is read by primary keys alone, however many there are', async () => {
  // Each with three devices. Nobody checks the keys of rows made by thousands: that would take longest of all.
  await app.db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql`
      insert into users (email, is_active, activated_at)
      select 'viewer' || number || '@example.com', true, now() from generate_series(1, 20000) as number`.execute(trx);
    await sql`
      insert into sessions (user_id, idle_expires_at, expires_at)
      select id, now() + interval '7 days', now() + interval '30 days' from users, generate_series(1, 3)`.execute(trx);
  });
  await sql`analyze users, sessions`.execute(app.db);
  const { id: sessionId, userId } = await app.db
    .selectFrom('sessions')
    .select(['id', 'userId'])
    .limit(1)
    .executeTakeFirstOrThrow();

  const caller = await selectCaller(app.db, { sessionId, userId }, app.clock.now());
  expect(caller).toEqual({ sessionId, userId, role: 'user', totpEnabled: false });

  const statement = callerStatement(app.db, { sessionId, userId, now: app.clock.now() });
  const explained = await app.db.executeQuery<{ 'QUERY PLAN': [{ Plan: Plan }] }>({
    ...statement,
    sql: `explain (format json) ${statement.sql}`,
  });
  const [row] = explained.rows;
  expect(
    row &&
      Object.values(row)
        .flatMap(([{ Plan }]) => scansOf(Plan))
        .sort(),
  ).toEqual(['Index Scan sessions_pkey', 'Index Scan users_pkey']);
});
