import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDb } from '@online-cinema/db/open';
import { cloneDatabase } from '../testing/database.ts';
import { withStatementTimeout } from './statement-timeout.ts';

let database: Awaited<ReturnType<typeof cloneDatabase>>;
let db: ReturnType<typeof openDb>;
beforeAll(async () => {
  database = await cloneDatabase();
  db = openDb({ url: database.url, poolSize: 1 });
});
afterAll(async () => {
  await db.destroy();
  await database[Symbol.asyncDispose]();
});

const timeout = async () =>
  (await sql<{ ms: string }>`select current_setting('statement_timeout') as ms`.execute(db)).rows[0]?.ms;

test('what takes too long ends, and the connection is as it was', async () => {
  const before = await timeout();
  expect(
    await withStatementTimeout(db, 20, async (trx) => await sql`select pg_sleep(60)`.execute(trx)),
  ).toBeUndefined();
  expect(await timeout()).toBe(before);
});

test('what is quick is answered, and other failures are failures', async () => {
  expect(await withStatementTimeout(db, 10_000, async () => 'done')).toBe('done');
  await expect(withStatementTimeout(db, 10_000, async (trx) => await sql`select 1 / 0`.execute(trx))).rejects.toThrow(
    'division by zero',
  );
});
