/** Prints what it costs to find out who is calling: the plan of the one read behind it, and its part of `accounts.me`. */
import { openDeps } from '@online-cinema/server/app';
import { readConfig } from '@online-cinema/server/config';
import { authenticate, callerStatement } from '@online-cinema/server/context';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { startMeasuredCinema } from './cinema.ts';
import { type Cpu, createCpuMeter } from './cpu.ts';
import { median } from './timing/statistics.ts';

const USERS = 100_000;
const SESSIONS_PER_USER = 3;
const TOKENS = 2_000;
const REQUESTS = 10_000;
const PARALLEL = 16;

await using cinema = await startMeasuredCinema({ PROCESS: 'api' });
await addSessions(cinema.db);
const { deps, close } = await openDeps({ config: readConfig({ ...cinema.env, PROCESS: 'api', LOG_LEVEL: 'warn' }) });
await using _ = { [Symbol.asyncDispose]: close };
const sessions = await cinema.db
  .selectFrom('sessions')
  .select(['id as sessionId', 'userId'])
  .orderBy(sql`random()`)
  .limit(TOKENS)
  .execute();

await explainCheck(deps.db);

const issuedAt = Math.floor(Date.now() / 1000);
const tokens = await Promise.all(
  sessions.map((session) =>
    deps.tokens.signAccess({ ...session, generation: 0 }, { issuedAt, expiresAt: issuedAt + 900 }),
  ),
);
const tokenOf = (index: number) => tokens[index % tokens.length] ?? '';
const [readServer, readHere] = [await createCpuMeter(cinema.pid, deps.db), await createCpuMeter(process.pid, deps.db)];

console.log(
  `\n| CPU ms a call, ${REQUESTS} calls, ${PARALLEL} at once | Node | Postgres | both |\n| --- | --: | --: | --: |`,
);
await measure('`GET /accounts/me`, whole', readServer, async (index) => {
  const headers = { authorization: `Bearer ${tokenOf(index)}` };
  const answer = await fetch(`${cinema.url}/api/v1/accounts/me`, { headers });
  if (!answer.ok) throw new Error(`accounts.me answered ${answer.status}`);
  await answer.arrayBuffer();
});
await measure('of it: who is calling', readHere, async (index) => {
  await authenticate({ deps, authorization: `Bearer ${tokenOf(index)}` });
});
await measure('of that: the signature', readHere, async (index) => {
  await deps.tokens.verifyAccess(tokenOf(index));
});

/** Accounts with three devices each. Their foreign keys are not checked row by row: nothing else takes as long. */
async function addSessions(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx);
    await sql`
      insert into users (email, is_active, activated_at)
      select 'viewer' || number || '@bench.example', true, now() from generate_series(1, ${USERS}::int) as number`.execute(
      trx,
    );
    await sql`insert into profiles (user_id) select id from users`.execute(trx);
    await sql`
      insert into sessions (user_id, idle_expires_at, expires_at)
      select id, now() + interval '7 days', now() + interval '30 days'
      from users, generate_series(1, ${SESSIONS_PER_USER}::int)`.execute(trx);
  });
  await sql`vacuum analyze users, profiles, sessions`.execute(db);
}

/** Explains the very statement that the server sends, for many sessions: the plan once, the time of each. */
async function explainCheck(db: Db): Promise<void> {
  const times: number[] = [];
  let plan: string[] = [];
  for (const session of sessions.slice(0, 500)) {
    const statement = callerStatement(db, { ...session, now: new Date() });
    const explained = await db.executeQuery<{ 'QUERY PLAN': string }>({
      ...statement,
      sql: `explain (analyze, buffers) ${statement.sql}`,
    });
    plan = explained.rows.flatMap((row) => Object.values(row));
    times.push(Number(/Execution Time: ([\d.]+)/.exec(plan.join('\n'))?.[1]));
  }
  console.log(`${plan.join('\n')}\n\nMedian execution time of ${times.length}: ${median(times)} ms`);
}

async function measure(what: string, readCpu: () => Cpu, call: (index: number) => Promise<void>): Promise<void> {
  const callMany = async (count: number) => {
    let next = 0;
    const one = async () => {
      while (next < count) await call((next += 1));
    };
    await Promise.all(Array.from({ length: PARALLEL }, one));
  };
  await callMany(REQUESTS / 5);
  const before = readCpu();
  await callMany(REQUESTS);
  const after = readCpu();
  const [node, postgres] = [(after.server - before.server) / REQUESTS, (after.postgres - before.postgres) / REQUESTS];
  console.log(`| ${[what, ...[node, postgres, node + postgres].map((ms) => ms.toFixed(3))].join(' | ')} |`);
}
