import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isMigrated, migrate } from './migrate.ts';
import { openDb } from './open.ts';
import { createDatabase } from './testing/database.ts';
import type { DB } from './types.gen.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let open: Kysely<DB>[];
beforeEach(async () => {
  database = await createDatabase();
  open = [];
});
afterEach(async () => {
  await Promise.all(open.map((db) => db.destroy()));
  await database[Symbol.asyncDispose]();
});

function connect(): Kysely<DB> {
  const db = openDb({ url: database.url, poolSize: 1 });
  open.push(db);
  return db;
}

async function listFiles(): Promise<string[]> {
  const files = await readdir(fileURLToPath(new URL('../migrations', import.meta.url)));
  return files.map((file) => file.replace('.sql', '')).sort();
}

test('eight at once on an empty database apply each migration once, in the order of the names', async () => {
  const applied = await Promise.all(Array.from({ length: 8 }, () => migrate(connect())));
  const files = await listFiles();
  expect(applied.filter((names) => names.length > 0)).toEqual([files]);
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by timestamp, name`.execute(
    connect(),
  );
  expect(rows.map((row) => row.name)).toEqual(files);
});

test('a second time there is nothing to do', async () => {
  const db = connect();
  await migrate(db);
  expect(await migrate(db)).toEqual([]);
});

test('it is known whether a database is up to date', async () => {
  const db = connect();
  expect(await isMigrated(db)).toBe(false);
  await migrate(db);
  expect(await isMigrated(db)).toBe(true);
  const last = (await listFiles()).at(-1);
  await sql`delete from kysely_migration where name = ${last}`.execute(db);
  expect(await isMigrated(db)).toBe(false);
});

test('a database that is newer than the program is refused and left alone', async () => {
  const db = connect();
  await migrate(db);
  await sql`insert into kysely_migration (name, timestamp) values ('9999_from_the_future', now()::text)`.execute(db);
  await expect(migrate(db)).rejects.toThrow('newer than this program: it has the migration 9999_from_the_future');
  const { rows } = await sql`select name from kysely_migration`.execute(db);
  expect(rows).toHaveLength((await listFiles()).length + 1);
});

test('a migration that fails is named, and nothing of any stays', async () => {
  const db = connect();
  // In the way of the second migration; the first one has been applied by then.
  await sql`create table movies (id integer)`.execute(db);
  await expect(migrate(db)).rejects.toThrow('Migration 0002_catalogue failed; the schema is as it was before.');
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db);
  expect(rows.map((row) => row.name).filter((name) => !name.startsWith('kysely_'))).toEqual(['movies']);
  await sql`drop table movies`.execute(db);
  expect(await migrate(db)).toEqual(await listFiles());
});
