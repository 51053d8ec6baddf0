import { CamelCasePlugin, Kysely, type LogEvent, PostgresDialect, type Transaction } from 'kysely';
import pg from 'pg';
import { createStatementNames, useNames } from './statement-names.ts';
import type { DB } from './types.gen.ts';

/** The cinema's database, or a transaction on it: what a query function takes first. */
export type Db = Kysely<DB> | Transaction<DB>;

/**
 * How the pool behaves. A `statementTimeoutMs` or `lockTimeoutMs` of 0 leaves it to the server, which sets no limit
 * unless told.
 */
export type DbOptions = {
  /** A `postgres://` address. */
  url: string;
  /** The most connections this process holds. Default 10. */
  poolSize?: number;
  /** How long a query waits for a free connection before it fails. Default 5,000. */
  acquireTimeoutMs?: number;
  /** How long one statement may run. Default 15,000. */
  statementTimeoutMs?: number;
  /** How long a statement waits for a lock. Default 5,000. */
  lockTimeoutMs?: number;
  /** Whether reads that are repeated are prepared once in each connection, under a name. Default false. */
  preparedStatements?: boolean;
  /** Whether every transaction is read only. Default false. */
  isReadOnly?: boolean;
  /** Shown by Postgres beside each connection. */
  applicationName?: string;
  /** Told of connections that broke, in use or not. */
  onError?: (error: Error) => void;
  /** Told of each statement once it has ended, where it was asked for: in the transaction, before whoever waits for it. */
  onStatement?: (statement: Statement) => void;
};

/** A statement that was run: its text, with `$1` for each value. */
export type Statement = { text: string; durationMs: number; error: unknown };

/**
 * Opens a pool of connections. Nothing is sent before the first query, so this succeeds with the database away.
 *
 * Names are camelCase here and snake_case in SQL. `date` stays a `YYYY-MM-DD` string; `bigint` and `numeric` are
 * numbers.
 */
export function openDb(options: DbOptions): Kysely<DB> {
  return new Kysely<DB>({
    dialect: new PostgresDialect({ pool: openPool(options) }),
    plugins: [new CamelCasePlugin()],
    ...(options.onStatement && { log: logTo(options.onStatement) }),
  });
}

function logTo(onStatement: (statement: Statement) => void): (event: LogEvent) => void {
  return (event) =>
    onStatement({
      text: event.query.sql,
      durationMs: event.queryDurationMillis,
      error: event.level === 'error' ? event.error : undefined,
    });
}

function openPool(options: DbOptions): pg.Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 15_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    // For a server that is frozen, or gone without a word: it can't keep its own time.
    query_timeout: statementTimeoutMs === 0 ? 0 : statementTimeoutMs + 5_000,
    lock_timeout: options.lockTimeoutMs ?? 5_000,
    idle_in_transaction_session_timeout: 30_000,
    application_name: options.applicationName ?? 'online-cinema',
    keepAlive: true,
    ...(options.isReadOnly && { options: '-c default_transaction_read_only=on' }),
    types: { getTypeParser },
  });
  const report = options.onError ?? (() => {});
  // Without these two a backend that Postgres ends would end the process: idle clients report to the pool,
  // clients in use to themselves.
  pool.on('error', report);
  pool.on('connect', (client) => client.on('error', report));
  if (options.preparedStatements) {
    const names = createStatementNames();
    pool.on('connect', (client) => useNames(client, names));
  }
  return pool;
}

function getTypeParser(typeId: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (format !== 'binary') {
    if (typeId === pg.types.builtins.DATE) return (value) => value;
    if (typeId === pg.types.builtins.INT8) return parseSafeInteger;
    if (typeId === pg.types.builtins.NUMERIC) return Number;
  }
  return pg.types.getTypeParser(typeId, format ?? 'text');
}

function parseSafeInteger(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large to be a number`);
  return number;
}
