import type { Db } from '@online-cinema/db/open';
import { CamelCasePlugin, type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import type { DB } from '@online-cinema/db/types.gen';
import pg from 'pg';

/** A database that remembers what is asked of it. */
export type ListeningDb = { db: Kysely<DB>; heard: CompiledQuery[] };

/** Opens a database whose statements can be explained afterwards, as they were sent. */
export function openListeningDb(url: string): ListeningDb {
  const heard: CompiledQuery[] = [];
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // The server is stopped while the last connection says goodbye.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<DB>({
    dialect: new PostgresDialect({ pool }),
    plugins: [new CamelCasePlugin()],
    log: (event) => void heard.push(event.query),
  });
  return { db, heard };
}

/** What Postgres tells of a statement it ran. */
export type Explained = { ms: number; buffers: number; faults: string[] };

type Node = {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Shared Hit Blocks'?: number;
  'Shared Read Blocks'?: number;
  Plans?: Node[];
};

/** A list that grows with the catalogue must not be read from one end to the other… */
const MOST_SCANNED = 50_000;
/** …nor sorted as a whole. */
const MOST_SORTED = 20_000;

/**
 * Runs statements again, with their parameters, and tells of each how Postgres did it, however long it takes. A scan that
 * ends early, because a capped count is full, is none to worry about.
 */
export async function explain(db: Db, statements: CompiledQuery[]): Promise<Explained[]> {
  return await db.transaction().execute(async (trx) => {
    const explained: Explained[] = [];
    for (const statement of statements) {
      // What a transaction sets is good until its end.
      if (/^begin\b/.test(statement.sql)) await sql`savepoint asked`.execute(trx);
      else if (/^(commit|rollback)\b/.test(statement.sql)) await sql`rollback to savepoint asked`.execute(trx);
      else if (!/^[\s(]*(select|with)\b/i.test(statement.sql) || statement.sql.includes('statement_timeout')) continue;
      // What sets something must really run, for those after it.
      else if (statement.sql.includes('set_config(')) await trx.executeQuery(statement);
      else explained.push(await explainOne(trx, statement));
    }
    return explained;
  });
}

async function explainOne(db: Db, statement: CompiledQuery): Promise<Explained> {
  const prefix = 'explain (analyze, buffers, timing off, format json) ';
  // The same text with the same parameters; Kysely only carries it.
  const { rows } = await db.executeQuery<{ 'QUERY PLAN': { Plan: Node; 'Execution Time': number }[] }>({
    ...statement,
    sql: prefix + statement.sql,
  });
  const [plan] = Object.values(rows[0] ?? {}).flat();
  if (!plan) throw new Error('Postgres explained nothing.');
  const nodes = flatten(plan.Plan);
  return {
    ms: plan['Execution Time'],
    buffers: (plan.Plan['Shared Hit Blocks'] ?? 0) + (plan.Plan['Shared Read Blocks'] ?? 0),
    faults: nodes.flatMap(faultsOf),
  };
}

function flatten(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}

function faultsOf(node: Node): string[] {
  const table = node['Relation Name'] ?? '';
  const read = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  if (node['Node Type'] === 'Seq Scan' && /^movies$|^movie_/.test(table) && read > MOST_SCANNED) {
    return [`reads ${read.toLocaleString('en')} rows of ${table} one by one`];
  }
  const sorted = (node.Plans ?? []).reduce((sum, child) => sum + child['Actual Rows'] * child['Actual Loops'], 0);
  return node['Node Type'].endsWith('Sort') && sorted > MOST_SORTED
    ? [`sorts ${sorted.toLocaleString('en')} rows`]
    : [];
}

/** The name of a kind that most films, or fewest, are linked to. */
export async function selectName(db: Db, kind: string, which: 'common' | 'rare'): Promise<string> {
  const direction = sql.raw(which === 'common' ? 'desc' : 'asc');
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.table(kind)} where movie_count > 0 order by movie_count ${direction}, id limit 1
  `.execute(db);
  return rows[0]?.name ?? '';
}
