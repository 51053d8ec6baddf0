import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { TEMPLATE, withDatabase } from './global-setup.ts';

/** A database of its own; dropped when disposed of, whoever is still connected. */
export type TestDatabase = AsyncDisposable & { url: string };

/** Clones a migrated database for one test file, dropped when it ends. */
export async function cloneDatabase(): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name} template ${TEMPLATE}`);
  return {
    url: withDatabase(inject('postgresUrl'), name),
    [Symbol.asyncDispose]: () => onServer(`drop database ${name} with (force)`),
  };
}

/** Makes a database without a schema, dropped when the test ends. */
export async function createEmptyDatabase(): Promise<TestDatabase> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  return {
    url: withDatabase(inject('postgresUrl'), name),
    [Symbol.asyncDispose]: () => onServer(`drop database ${name} with (force)`),
  };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(inject('postgresUrl'));
  await client.connect();
  try {
    // Only one clone at a time: a template must have no other guest.
    await client.query('select pg_advisory_lock(815)');
    await client.query(statement);
  } finally {
    await client.end();
  }
}
