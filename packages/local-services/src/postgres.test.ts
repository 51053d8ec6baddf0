import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { findBinaries, findPackage } from './postgres/binaries.ts';
import { chooseOwner } from './postgres/owner.ts';
import { startPostgres } from './postgres.ts';

const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
let home: string;
let dataDir: string;

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'postgres-test-')));
  await chmod(home, 0o755);
  dataDir = join(home, 'data');
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

test('the first start makes the database, and the next one finds what was written', async () => {
  const log = join(home, 'logs', 'postgres.log');
  const first = await startPostgres({ dataDir, settings, log });
  expect(
    await query(first.url, 'create table films as select 1 as id; select current_database(), current_user'),
  ).toEqual([{ current_database: 'cinema', current_user: 'cinema' }]);
  await first.stop();
  await first.stop();

  await using second = await startPostgres({ dataDir, settings, log });
  expect(await query(second.url, 'select id from films')).toEqual([{ id: 1 }]);
  expect(await query(second.url, 'show fsync')).toEqual([{ fsync: 'off' }]);
  expect(await readFile(log, 'utf8')).toContain('database system is shut down');
});

test('letters of any language are letters', async () => {
  await using postgres = await startPostgres({ dataDir, settings });
  await query(postgres.url, 'create extension if not exists pg_trgm');
  expect(
    await query(
      postgres.url,
      `select pg_encoding_to_char(encoding) as encoding, datlocale as locale, upper('amélie жизнь') as upper,
              array_length(show_trgm('Amélie'), 1) as trigrams, to_tsvector('simple', 'Amélie')::text as words
         from pg_database where datname = 'cinema'`,
    ),
  ).toEqual([{ encoding: 'UTF8', locale: 'C.UTF-8', upper: 'AMÉLIE ЖИЗНЬ', trigrams: 7, words: "'amélie':1" }]);
});

test('a taken port is named in the error', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;

  await expect(startPostgres({ dataDir, port, settings })).rejects.toThrow(`Port ${port}`);
  other.close();
});

test('data that another run uses is refused, and the other run goes on', async () => {
  await using postgres = await startPostgres({ dataDir, settings });

  await expect(startPostgres({ dataDir, settings })).rejects.toThrow(`process ${process.pid}`);
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a directory with other files is left alone', async () => {
  const documents = join(home, 'documents');
  await mkdir(documents);
  await writeFile(join(documents, 'letter.txt'), 'Dear Sir');

  await expect(startPostgres({ dataDir: documents, settings })).rejects.toThrow('neither empty nor a database');
});

test('the server ends with a killed parent, and starts again', async () => {
  const { parent, url } = await startInChild(dataDir);
  const client = new Client(url);
  client.on('error', () => {}); // the server says goodbye
  await client.connect();
  await client.query('create table before_kill ()');
  const serverGone = new Promise((settle) => client.once('end', settle));
  parent.kill('SIGKILL');
  await serverGone;

  await using postgres = await startPostgres({ dataDir, settings });
  expect(await query(postgres.url, 'select count(*)::int from before_kill')).toEqual([{ count: 0 }]);
});

test('a server that outlived its killed parent is stopped by the next start', async () => {
  const { parent, url, watchdogPid } = await startInChild(dataDir);
  if (watchdogPid) process.kill(watchdogPid, 'SIGKILL');
  const parentGone = once(parent, 'exit');
  parent.kill('SIGKILL');
  await parentGone;
  expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);

  await using postgres = await startPostgres({ dataDir, settings, port: Number(new URL(url).port) });
  expect(postgres.url).toBe(url);
  expect(await query(url, 'show online_cinema.launcher')).toEqual([{ 'online_cinema.launcher': String(process.pid) }]);
});

test('a killed server starts again', async () => {
  const killed = await startPostgres({ dataDir, settings });
  const client = new Client(killed.url);
  client.on('error', () => {});
  await client.connect();
  const connectionLost = new Promise((settle) => client.once('end', settle));
  process.kill(Number.parseInt(await readFile(join(dataDir, 'postmaster.pid'), 'utf8'), 10), 'SIGKILL');
  await connectionLost;
  await killed.stop();

  await using postgres = await startPostgres({ dataDir, settings });
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a pid file that names another program does not block the start', async () => {
  await writeFile(join(dataDir, 'postmaster.pid'), `${process.pid}\n${dataDir}\n1700000000\n1\n\n127.0.0.1\n`);

  await using postgres = await startPostgres({ dataDir, settings });
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a run killed while it made the cluster leaves nothing that blocks the next', async () => {
  const fresh = join(home, 'fresh');
  const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(dead, 'exit');
  await mkdir(`${fresh}.draft-${dead.pid}`);

  await using postgres = await startPostgres({ dataDir: fresh, settings });
  expect(await query(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await expect(realpath(`${fresh}.draft-${dead.pid}`)).rejects.toThrow('ENOENT');
});

test('a home that nobody else may enter can hold the data directory, and removing it removes the data', async () => {
  const closedHome = join(home, 'closed');
  await mkdir(closedHome, { mode: 0o700 });
  const closedDataDir = join(closedHome, '.data', 'postgres');
  const first = await startPostgres({ dataDir: closedDataDir, settings });
  await query(first.url, 'create table films ()');
  await first.stop();
  const again = await startPostgres({ dataDir: closedDataDir, settings });
  expect(await query(again.url, 'select count(*)::int from films')).toEqual([{ count: 0 }]);
  await again.stop();
  await rm(closedDataDir, { recursive: true });

  const fresh = await startPostgres({ dataDir: closedDataDir, settings });
  await expect(query(fresh.url, 'select from films')).rejects.toThrow('does not exist');
  await fresh.stop();
  const cluster = await realpath(join(closedDataDir, 'cluster')).catch(() => closedDataDir);
  await rm(cluster, { recursive: true });
});

test('programs in a place that Postgres cannot use are copied to one that it can', async () => {
  const closedHome = join(home, 'closed-programs');
  await mkdir(closedHome, { mode: 0o700 });
  const installed = findPackage();
  await cp(installed, closedHome, {
    recursive: true,
    filter: async (source) => !(await lstat(source)).isSymbolicLink(),
  });
  await writeFile(
    join(closedHome, 'package.json'),
    JSON.stringify({ name: 'postgres-test', version: String(process.pid) }),
  );
  await chmod(join(closedHome, 'native', 'lib'), 0o555);
  const owner = await chooseOwner(home);

  const binaries = await findBinaries(owner, closedHome);

  const copy = dirname(dirname(dirname(binaries.postgres)));
  try {
    expect(copy).not.toBe(closedHome);
    const { stdout } = await promisify(execFile)(binaries.postgres, ['--version'], { ...owner, cwd: '/' });
    expect(stdout).toContain('PostgreSQL) 18.');
  } finally {
    await chmod(join(closedHome, 'native', 'lib'), 0o755);
    await rm(copy, { recursive: true });
  }
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    const results: unknown = await client.query(sql);
    const last: unknown = Array.isArray(results) ? results.at(-1) : results;
    return typeof last === 'object' && last && 'rows' in last && Array.isArray(last.rows) ? last.rows : [];
  } finally {
    await client.end();
  }
}

/** Starts Postgres in a process of its own, and finds the shell that watches over it. */
async function startInChild(dataDir: string) {
  const program = `
    import { subscribe } from 'node:diagnostics_channel';
    const children = [];
    subscribe('child_process', ({ process }) => children.push(process));
    const { startPostgres } = await import(${JSON.stringify(new URL('postgres.ts', import.meta.url).href)});
    const { url } = await startPostgres(${JSON.stringify({ dataDir, settings })});
    console.log(JSON.stringify({ url, watchdogPid: children.find((child) => child.spawnfile === '/bin/sh')?.pid }));
  `;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: parent.stdout })) {
    const { url, watchdogPid }: { url: string; watchdogPid?: number } = JSON.parse(line);
    return { parent, url, watchdogPid };
  }
  throw new Error('The child ended before Postgres was there.');
}
