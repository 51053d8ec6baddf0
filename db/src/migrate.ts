import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { DB } from './types.gen.ts';

const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Brings the schema up to date: each file of `db/migrations` once, in the order of their names, in one transaction.
 * Any number of processes may call it at once; one works, the others wait and find nothing left to do.
 *
 * @returns the names of the migrations this call applied.
 * @throws when a migration fails (nothing of it stays), or when the database is newer than this code.
 */
export async function migrate(db: Kysely<DB>): Promise<string[]> {
  const migrations = await readMigrations();
  await refuseNewerSchema(db, migrations);
  const migrator = new Migrator({ db: db.withoutPlugins(), provider: { getMigrations: async () => migrations } });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error) {
    const failed = results.find((result) => result.status === 'Error');
    throw new Error(`Migration ${failed?.migrationName ?? ''} failed; the schema is as it was before.`, {
      cause: error,
    });
  }
  return results.map((result) => result.migrationName);
}

/** Tells whether every migration this code knows is applied; `false` too when the database has never been migrated. */
export async function isMigrated(db: Kysely<DB>): Promise<boolean> {
  const applied = await selectApplied(db);
  return (await listFiles()).every((file) => applied.has(basename(file, '.sql')));
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const entries = await Promise.all(
    (await listFiles()).map(async (file) => {
      const text = await readFile(join(MIGRATIONS_FOLDER, file), 'utf8');
      const migration: Migration = { up: async (db) => void (await sql.raw(text).execute(db)) };
      return [basename(file, '.sql'), migration] as const;
    }),
  );
  return Object.fromEntries(entries);
}

async function listFiles(): Promise<string[]> {
  return (await readdir(MIGRATIONS_FOLDER)).filter((file) => file.endsWith('.sql')).sort();
}

async function refuseNewerSchema(db: Kysely<DB>, known: Record<string, Migration>): Promise<void> {
  const unknown = [...(await selectApplied(db))].filter((name) => !(name in known));
  if (unknown.length > 0) {
    throw new Error(
      `The database is newer than this program: it has the migration ${unknown.join(', ')}. Start a newer version.`,
    );
  }
}

async function selectApplied(db: Kysely<DB>): Promise<Set<string>> {
  const table = await sql<{ found: boolean }>`select to_regclass('kysely_migration') is not null as found`.execute(db);
  if (!table.rows[0]?.found) return new Set();
  const applied = await sql<{ name: string }>`select name from kysely_migration`.execute(db);
  return new Set(applied.rows.map((row) => row.name));
}
