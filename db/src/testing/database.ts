import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database of the server the tests share. */
    postgresUrl: string;
  }
}

/** Makes an empty database for one test, dropped when it ends. */
export async function createDatabase(): Promise<AsyncDisposable & { url: string }> {
  const name = `db_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name}`);
  const address = new URL(inject('postgresUrl'));
  address.pathname = `/${name}`;
  return { url: address.href, [Symbol.asyncDispose]: () => onServer(`drop database ${name} with (force)`) };
}

async function onServer(statement: string): Promise<void> {
  const client = new pg.Client(inject('postgresUrl'));
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
