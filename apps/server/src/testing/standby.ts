import { chown, cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type LocalPostgres, startPostgres } from '@online-cinema/local-services/postgres';
import pg from 'pg';

/** A primary of its own and a standby that streams from it. */
export type Cluster = AsyncDisposable & {
  primary: LocalPostgres;
  standbyUrl: string;
  stopStandby(): Promise<void>;
  /** Starts it again where it was. */
  startStandby(): Promise<void>;
};

const QUICK = { fsync: 'off', max_wal_size: '256MB' };

/** Starts an empty Postgres, and a streaming standby made of a base backup of it. */
export async function startCluster(): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'cinema-cluster-'));
  const primary = await startPostgres({ dataDir: folder, settings: QUICK });
  const dataDir = `${folder}-standby`;
  await copyCluster(primary.url, folder, dataDir);
  const { username, hostname, port } = new URL(primary.url);
  const start = async (onPort = 0) =>
    await startPostgres({
      dataDir,
      port: onPort,
      settings: {
        ...QUICK,
        primary_conninfo: `host=${hostname} port=${port} user=${username}`,
        wal_retrieve_retry_interval: '100ms',
      },
    });
  let standby = await start();
  return {
    primary,
    standbyUrl: standby.url,
    stopStandby: () => standby.stop(),
    async startStandby() {
      standby = await start(standby.port);
    },
    async [Symbol.asyncDispose]() {
      await standby.stop();
      await primary.stop();
      await Promise.all([folder, dataDir].map((each) => rm(each, { recursive: true, force: true })));
    },
  };
}

/**
 * Copies the folder of a running cluster, so that it starts as a standby.
 * https://www.postgresql.org/docs/18/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
async function copyCluster(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('standby', true)`);
    await cp(from, to, { recursive: true, filter: (path) => !basename(path).startsWith('postmaster.') });
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
    await writeFile(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
    await writeFile(join(to, 'standby.signal'), '');
    await giveAway(to, await stat(from));
  } finally {
    await client.end();
  }
}

// Postgres does not run as root, nor with files of somebody else.
async function giveAway(folder: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const entries = await readdir(folder, { recursive: true });
  await Promise.all([folder, ...entries.map((entry) => join(folder, entry))].map((path) => chown(path, uid, gid)));
}
