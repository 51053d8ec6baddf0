import { type Kysely, sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDb } from './open.ts';
import { createDatabase } from './testing/database.ts';
import { inTransaction } from './transaction.ts';
import type { DB } from './types.gen.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let db: Kysely<DB>;
beforeAll(async () => {
  database = await createDatabase();
  db = openDb({ url: database.url });
  await sql`create table counters (id text primary key, value integer not null)`.execute(db);
});
beforeEach(async () => {
  await sql`delete from counters`.execute(db);
  await sql`insert into counters values ('a', 0), ('b', 0)`.execute(db);
});
afterAll(async () => {
  await db.destroy();
  await database[Symbol.asyncDispose]();
});

async function count(trx: Kysely<DB>, id: string): Promise<void> {
  await sql`update counters set value = value + 1 where id = ${id}`.execute(trx);
}

async function values(): Promise<number[]> {
  const { rows } = await sql<{ value: number }>`select value from counters order by id`.execute(db);
  return rows.map(({ value }) => value);
}

/** Resolves once so many have arrived. */
function meeting(size: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let arrived = 0;
  return async () => {
    arrived += 1;
    if (arrived >= size) resolve();
    await promise;
  };
}

test('of two transactions that wait for each other both are done, once', async () => {
  const meet = meeting(2);
  const tries: string[] = [];
  const both = [
    ['a', 'b'],
    ['b', 'a'],
  ].map(([first = '', second = '']) =>
    inTransaction(db, async (trx) => {
      tries.push(first);
      await count(trx, first);
      // Each has its first lock and wants the other's.
      await meet();
      await count(trx, second);
      return first;
    }),
  );
  expect(await Promise.all(both)).toEqual(['a', 'b']);
  expect(await values()).toEqual([2, 2]);
  expect(tries).toHaveLength(3);
});

test('what could not be put in an order is done anew, three times and no more', async () => {
  let tries = 0;
  const failing = inTransaction(db, async (trx) => {
    tries += 1;
    await count(trx, 'a');
    await sql`do $$ begin raise exception 'no order' using errcode = 'serialization_failure'; end $$`.execute(trx);
  });
  await expect(failing).rejects.toMatchObject({ code: '40001' });
  expect([tries, ...(await values())]).toEqual([4, 0, 0]);
});

test('any other failure is told at once', async () => {
  let tries = 0;
  const failing = inTransaction(db, async (trx) => {
    tries += 1;
    await sql`insert into counters values ('a', 0)`.execute(trx);
  });
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  expect(tries).toBe(1);
});
