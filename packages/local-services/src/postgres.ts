import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';

import { Client } from 'pg';

import { isSystemError, takenPort } from './lib/ports.ts';
import { type Binaries, findBinaries } from './postgres/binaries.ts';
import { cleanEnvironment, makeCluster, placeCluster } from './postgres/cluster.ts';
import { LAUNCHER_SETTING, stopOrphan } from './postgres/orphans.ts';
import { chooseOwner, type Owner } from './postgres/owner.ts';

const NAME = 'cinema';

export interface LocalPostgresOptions {
  /** Where the data lies; made when absent. */
  dataDir: string;
  /** 0 or absent: a free one. */
  port?: number;
  /** The address to listen on; only this machine can log in. */
  host?: string;
  /** Settings of postgresql.conf, such as `{ fsync: 'off' }` for tests. */
  settings?: Readonly<Record<string, string>>;
  /** The file that the server's log is appended to. */
  log?: string;
}

export interface LocalPostgres extends AsyncDisposable {
  /** Database `cinema` as its superuser `cinema`. */
  url: string;
  port: number;
  /** Stops the server: open connections are closed, everything committed stays. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres 18 of our own, from npm's binaries, and makes its database at the first start. It stops with this
 * process, however that ends; should it survive, the next start on its `dataDir` stops it.
 *
 * @throws Error when the port is taken, the data is in use by another run, or this machine has no binaries.
 */
export async function startPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const owner = await chooseOwner(options.dataDir);
  const cluster = await placeCluster(options.dataDir, owner);
  const binaries = await findBinaries(owner);
  await stopOrphan(cluster, binaries, owner);
  await makeCluster(cluster, binaries, owner, NAME);
  if (options.log) await mkdir(dirname(options.log), { recursive: true });

  const host = options.host ?? '127.0.0.1';
  const { server, port } = await startServer({ ...options, host, cluster, binaries, owner });
  const watchdog = startWatchdog(server);
  const killServer = () => server.kill('SIGINT');
  process.once('exit', killServer);
  server.once('exit', () => {
    process.off('exit', killServer);
    watchdog?.kill('SIGKILL');
  });

  async function stop(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const exited = once(server, 'exit');
    server.kill('SIGINT');
    await exited;
  }

  const base = `postgres://${NAME}:${NAME}@${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    await createDatabase(`${base}/postgres`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `${base}/${NAME}`, port, stop, [Symbol.asyncDispose]: stop };
}

interface ServerOptions extends LocalPostgresOptions {
  host: string;
  cluster: string;
  binaries: Binaries;
  owner: Owner | undefined;
}

const MAX_ATTEMPTS = 20;

async function startServer(options: ServerOptions): Promise<{ server: ChildProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await findPort(options.host, options.port ?? 0);
    const outcome = await spawnServer(options, port);
    if ('server' in outcome) return { server: outcome.server, port };

    const lostPort = outcome.log.includes('could not bind');
    if (lostPort && options.port) throw takenPort(port, 'Postgres');
    // A killed postmaster's children need a moment to notice that they are alone.
    const leftovers = outcome.log.includes('pre-existing shared memory block');
    if (attempt === MAX_ATTEMPTS || !(lostPort || leftovers)) {
      throw new Error(`Postgres does not start in ${options.cluster}:\n${outcome.log}`);
    }
    if (leftovers) await setTimeout(250);
  }
}

/** Starts the server, and settles when it accepts connections or has ended with the given log. */
async function spawnServer(
  { binaries, cluster, host, owner, settings, log }: ServerOptions,
  port: number,
): Promise<{ server: ChildProcess } | { log: string }> {
  const allSettings = {
    listen_addresses: host,
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
    [LAUNCHER_SETTING]: String(process.pid),
  };
  const server = spawn(
    binaries.postgres,
    ['-D', cluster, ...Object.entries(allSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    {
      ...owner,
      cwd: cluster,
      env: cleanEnvironment(),
      stdio: ['ignore', 'ignore', 'pipe'],
      // A Ctrl-C in the terminal must not stop the database before those who use it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    },
  );
  const file = log ? createWriteStream(log, { flags: 'a' }) : undefined;
  const lines: string[] = [];
  return await new Promise((settle, reject) => {
    server.once('error', reject);
    // Not 'exit': the last lines may arrive after it.
    server.once('close', () => {
      file?.end();
      settle({ log: lines.join('\n') });
    });
    createInterface({ input: server.stderr }).on('line', (line) => {
      file?.write(`${line}\n`);
      if (lines.length < 50) lines.push(line);
      if (/database system is ready to accept (read-only )?connections/.test(line)) settle({ server });
    });
  });
}

/**
 * Starts a shell that waits for the end of a pipe that only we hold, and then stops the server: that also works when
 * we are killed.
 */
function startWatchdog(server: ChildProcess): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined;
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$1"', 'online-cinema-watchdog', String(server.pid)], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the next start stops an orphan.
  watchdog.once('error', () => {});
  return watchdog;
}

async function findPort(host: string, wanted: number): Promise<number> {
  const probe = createServer();
  try {
    probe.listen(wanted, host);
    await once(probe, 'listening');
    const address = probe.address();
    return typeof address === 'object' && address ? address.port : wanted;
  } catch (error) {
    if (isSystemError(error, 'EADDRINUSE')) throw takenPort(wanted, 'Postgres');
    throw error;
  } finally {
    probe.close();
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [NAME]);
    if (rowCount === 0) await client.query(`create database ${NAME}`);
  } finally {
    await client.end();
  }
}
