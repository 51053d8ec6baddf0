import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Db, openDb } from '@online-cinema/db/open';
import { startPostgres } from '@online-cinema/local-services/postgres';

const SERVER = fileURLToPath(new URL('server.ts', import.meta.url));

/** A cinema in a process of its own, with an empty database, and a connection to that. */
export type MeasuredCinema = AsyncDisposable & {
  url: string;
  db: Db;
  /** The server's process. */
  pid: number;
  /** What another process needs to read the same database and take the same tokens. */
  env: { DATABASE_URL: string; DATA_DIR: string; PUBLIC_URL: string };
};

/** Starts a cinema as it runs in production: rate limits on, full password cost, and a database that syncs. */
export async function startMeasuredCinema(env: NodeJS.ProcessEnv): Promise<MeasuredCinema> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cinema-bench-'));
  const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres') });
  const shared = { DATABASE_URL: postgres.url, DATA_DIR: dataDir, PUBLIC_URL: 'http://cinema.bench' };
  const server = fork(SERVER, {
    env: { ...env, ...shared, PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(server, 'exit');
  const url = await Promise.race([
    once(server, 'message').then(([message]) => String(message)),
    exited.then(() => Promise.reject(new Error('The server did not start.'))),
  ]);
  const db = openDb({ url: postgres.url, statementTimeoutMs: 0 });
  return {
    url,
    db,
    pid: server.pid ?? 0,
    env: shared,
    async [Symbol.asyncDispose]() {
      server.disconnect();
      await exited;
      await db.destroy();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
