import { type Kysely, sql } from 'kysely';
import type { TestApp } from './app.ts';

/** Every row of every table, the queue's too, as text: what somebody sees who got hold of a dump. */
export async function dumpDatabase({ db }: Pick<TestApp, 'db'>): Promise<string> {
  const plain = db.withoutPlugins() as unknown as Kysely<unknown>;
  const { rows: tables } = await sql<{ schema: string; name: string }>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_schema in ('public', 'boss') and table_type = 'BASE TABLE'`.execute(plain);
  const texts: string[] = [];
  for (const { schema, name } of tables) {
    const { rows } = await sql<{
      text: string;
    }>`select t::text as text from ${sql.table(`${schema}.${name}`)} t`.execute(plain);
    texts.push(...rows.map((row) => `${schema}.${name} ${row.text}`));
  }
  return texts.join('\n');
}
