import { openDb } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { refusalOfDatabase } from './database-errors.ts';
import { toProblem } from './problems.ts';

let db: ReturnType<typeof openDb>;
beforeAll(() => {
  db = openDb({ url: inject('postgresUrl'), poolSize: 2, statementTimeoutMs: 1_000 });
});
afterAll(() => db.destroy());

async function errorOf(statement: string): Promise<unknown> {
  return await sql
    .raw(statement)
    .execute(db)
    .then(
      () => null,
      (error: unknown) => error,
    );
}

test.for([
  ['22P02', 400, 'invalid_input'],
  ['22021', 400, 'invalid_input'],
  ['22P05', 400, 'invalid_input'],
  ['22003', 400, 'invalid_input'],
  ['22007', 400, 'invalid_input'],
  ['22008', 400, 'invalid_input'],
  ['23514', 400, 'invalid_input'],
  ['23505', 409, 'conflict'],
  ['23503', 409, 'conflict'],
  ['40001', 503, 'unavailable'],
  ['40P01', 503, 'unavailable'],
  ['55P03', 503, 'unavailable'],
  ['57014', 503, 'unavailable'],
  ['53300', 503, 'unavailable'],
  ['57P01', 503, 'unavailable'],
  ['57P03', 503, 'unavailable'],
  ['08006', 503, 'unavailable'],
] as const)('SQLSTATE %s is answered with %i', async ([state, status, reason]) => {
  const error = await errorOf(`do $$ begin raise 'no' using errcode = '${state}'; end $$`);
  const problem = toProblem(error);
  expect([problem.status, problem.reason]).toEqual([status, reason]);
  expect(problem.retryAfterSeconds !== undefined).toBe(status === 503);
  expect(problem.message).not.toBe('no');
});

test.for([
  ["select 'x'::uuid", 400],
  ["select '2000-13-01'::date", 400],
  ['select 99999999999::integer', 400],
  ['select pg_sleep(10)', 503],
  ['select 1 from nowhere', 500],
  ['select 1 +', 500],
] as const)('%s means %i', async ([statement, status]) => {
  expect(toProblem(await errorOf(statement)).status).toBe(status);
});

test('a database that is away means 503, wherever it is not', async () => {
  const addresses = [
    'postgres://127.0.0.1:1/x',
    'postgres://localhost:1/x',
    'postgres://nowhere.invalid/x',
    `${inject('postgresUrl')}_gone`,
  ];
  for (const url of addresses) {
    const away = openDb({ url, acquireTimeoutMs: 2_000 });
    const error = await sql`select 1`.execute(away).then(
      () => null,
      (reason: unknown) => reason,
    );
    await away.destroy();
    // A database of another name is a fault of the configuration, not of the moment.
    expect(toProblem(error).status, url).toBe(url.endsWith('_gone') ? 500 : 503);
  }
});

test('other errors are no refusals of the database', () => {
  for (const error of [new Error('no'), new RangeError('timeout'), null, 'text', { code: '23505' }]) {
    expect(refusalOfDatabase(error)).toBeNull();
  }
});
