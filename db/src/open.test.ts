import { type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DbOptions, openDb } from './open.ts';
import { createDatabase } from './testing/database.ts';
import type { DB } from './types.gen.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let open: Kysely<DB>[] = [];
beforeAll(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  await Promise.all(open.map((db) => db.destroy()));
  open = [];
});
afterAll(() => database[Symbol.asyncDispose]());

function connect(options: Partial<DbOptions> = {}): Kysely<DB> {
  const db = openDb({ url: database.url, ...options });
  open.push(db);
  return db;
}

/** The first row of a statement. */
async function ask(db: Kysely<DB>, statement: string): Promise<unknown> {
  return (await sql.raw(statement).execute(db)).rows[0];
}

describe('values arrive as', () => {
  test.for([
    ['a day as the text it is', "date '1899-12-31'", '1899-12-31'],
    ['a big number as a number', 'count(*)', 1],
    ['the largest exact number', '9007199254740991::bigint', Number.MAX_SAFE_INTEGER],
    ['a decimal as a number', 'round(2.345, 2)', 2.35],
    ['a moment as a Date', "timestamptz '2000-01-01T00:00:00Z'", new Date('2000-01-01T00:00:00Z')],
    ['nothing as null', 'null::date', null],
  ] as const)('%s', async ([, expression, value]) => {
    expect(await ask(connect(), `select ${expression} as some_value`)).toEqual({ someValue: value });
  });

  test('but never as another number than the one that is there', async () => {
    const db = connect({ poolSize: 1 });
    await expect(ask(db, 'select 9007199254740993::bigint as n')).rejects.toThrow('too large to be a number');
    expect(await ask(db, 'select 1 as n')).toEqual({ n: 1 });
  });
});

test('a connection that was ended while nobody used it is reported, and replaced', async () => {
  const errors: Error[] = [];
  const db = connect({ poolSize: 1, onError: (error) => errors.push(error) });
  const first = (await ask(db, 'select pg_backend_pid() as id')) as { id: number };
  await ask(connect(), `select pg_terminate_backend(${first.id})`);
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
  expect(await ask(db, 'select pg_backend_pid() as id')).not.toEqual(first);
});

test('a connection that is ended in the middle of a transaction fails that one only', async () => {
  const db = connect({ poolSize: 1 });
  const cut = db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ id: number }>`select pg_backend_pid() as id`.execute(trx);
    await ask(connect(), `select pg_terminate_backend(${rows[0]?.id})`);
    await sql`select 1`.execute(trx);
  });
  await expect(cut).rejects.toThrow();
  expect(await ask(db, 'select 1 as n')).toEqual({ n: 1 });
});

test('a statement that takes too long is ended', async () => {
  const db = connect({ statementTimeoutMs: 50 });
  await expect(ask(db, 'select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
});

test('a lock is not waited for longer than allowed', async () => {
  const db = connect({ lockTimeoutMs: 50 });
  await sql`create table things (id integer)`.execute(db);
  await db.transaction().execute(async (trx) => {
    await sql`lock table things`.execute(trx);
    await expect(ask(db, 'select * from things')).rejects.toMatchObject({ code: '55P03' });
  });
});

describe('prepared statements', () => {
  const named = async (db: Kysely<DB>) =>
    (await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db)).rows.map(
      ({ statement }) => statement,
    );
  const times = async (count: number, act: () => Promise<unknown>) => {
    for (let each = 0; each < count; each += 1) await act();
  };

  test('a read that is repeated is prepared once, and gives what it gave', async () => {
    const db = connect({ poolSize: 1, preparedStatements: true });
    for (const value of [1, 2, 3, 4])
      expect((await sql`select ${value}::integer * 2 as doubled`.execute(db)).rows).toEqual([{ doubled: 2 * value }]);
    expect(await named(db)).toEqual(['select $1::integer * 2 as doubled']);
  });

  test('one whose plan depends on its values is not, nor a write, nor any unless asked for', async () => {
    const db = connect({ poolSize: 1, preparedStatements: true });
    await sql`create table films (id integer, year integer, name text, tags integer[])`.execute(db);
    await times(5, () => sql`select id from films where tags && ${[1]} limit 1`.execute(db));
    await times(5, () => sql`select id from films where name like ${'a%'}`.execute(db));
    await times(5, () => sql`select id from films where year >= ${1990} limit ${10}`.execute(db));
    await times(5, () => sql`insert into films (id) values (${1})`.execute(db));
    expect(await named(db)).toEqual([]);
    const plain = connect({ poolSize: 1 });
    await times(5, () => sql`select id from films where id = ${1}`.execute(plain));
    expect(await named(plain)).toEqual([]);
  });

  test('a connection keeps two hundred of them at most', async () => {
    const db = connect({ poolSize: 1, preparedStatements: true });
    for (let each = 0; each < 210; each += 1)
      await times(3, () => sql`select ${each} as ${sql.id(`n${each}`)}`.execute(db));
    expect(await named(db)).toHaveLength(200);
  });

  test('a migration that changes what a read gives fails it once', async () => {
    const db = connect({ poolSize: 1, preparedStatements: true });
    await sql`create table prices (id integer, amount integer)`.execute(db);
    const read = () => sql`select amount from prices where id = ${1}`.execute(db);
    await times(4, read);
    await sql`alter table prices alter column amount type text`.execute(connect());
    await expect(read()).rejects.toMatchObject({ code: '0A000' });
    expect((await read()).rows).toEqual([]);
  });

  test('one that fails while it is prepared is prepared the next time', async () => {
    const db = connect({ poolSize: 1, preparedStatements: true, lockTimeoutMs: 50 });
    await sql`create table locked (id integer)`.execute(db);
    const read = () => sql`select id from locked where id = ${1}`.execute(db);
    await times(2, read);
    await connect()
      .transaction()
      .execute(async (trx) => {
        await sql`lock table locked`.execute(trx);
        await expect(read()).rejects.toMatchObject({ code: '55P03' });
      });
    expect((await read()).rows).toEqual([]);
    expect(await named(db)).toHaveLength(1);
  });
});

test('who finds no free connection is told so in time', async () => {
  const db = connect({ poolSize: 1, acquireTimeoutMs: 50 });
  await db.transaction().execute(async (trx) => {
    await sql`select 1`.execute(trx);
    await expect(ask(db, 'select 1')).rejects.toThrow('timeout exceeded when trying to connect');
  });
});
