import { openDb, type Statement } from '@online-cinema/db/open';
import type { DB } from '@online-cinema/db/types.gen';
import { type Kysely, sql } from 'kysely';
import pg from 'pg';
import { refusalOfDatabase } from './database-errors.ts';
import { AppError } from './errors.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';

/** A standby that follows the database, for reads that may be a moment old. */
export type Replica = {
  /** Whether there is one. */
  isSet: boolean;
  /**
   * Does a read on the replica, where transactions are read only; on the primary when it is away, late or not set. What
   * fails on the one is done anew on the other, so `work` must change nothing.
   */
  read<Result>(work: (db: Kysely<DB>) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
};

export type ReplicaOptions = {
  url: string;
  primary: Kysely<DB>;
  primaryUrl: string;
  poolSize: number;
  preparedStatements: boolean;
  applicationName: string;
  onStatement?: (statement: Statement) => void;
  metrics: Metrics;
  log: Log;
};

// How long it is taken to be as it was found.
const CHECKED_FOR_MS = 2_000;
// An older mark says nothing of how late it is.
const MARK_FOR_MS = 4 * CHECKED_FOR_MS;
// The primary is there for who waits, so nobody waits long.
const ACQUIRE_TIMEOUT_MS = 1_000;

// A statement that takes too long, or that would write, is no better for being run on the primary.
const OWN_FAULTS: readonly (string | undefined)[] = ['57014', '25006'];

/** Stands in for a replica that is not set. */
export function noReplica(primary: Kysely<DB>): Replica {
  return { isSet: false, read: async (work) => await work(primary), close: async () => {} };
}

/**
 * Opens a replica. It is looked at while it is asked: what the primary had written at one look, it must have at the next,
 * seconds later, or it is left alone until it has.
 */
export function openReplica(options: ReplicaOptions): Replica {
  const { url, primary, primaryUrl, metrics, log, ...rest } = options;
  const pool = { ...rest, url, isReadOnly: true, acquireTimeoutMs: ACQUIRE_TIMEOUT_MS };
  const db = openDb({ ...pool, onError: (error) => log.warn({ err: error }, 'a connection to the replica broke') });
  // Of their own, so that a look neither waits behind what the two are asked nor takes long.
  const openProbe = (of: string) => openDb({ ...pool, url: of, poolSize: 1, statementTimeoutMs: ACQUIRE_TIMEOUT_MS });
  const [primaryProbe, probe] = [openProbe(primaryUrl), openProbe(url)];
  let mark: { lsn: string; takenAt: number } | undefined;
  let isFit = true;
  let checkedAt = -Infinity;
  let checking: Promise<void> | undefined;

  function judge(fault: { err: unknown } | { reason: string } | null): void {
    if (isFit && fault) log.warn(fault, 'the replica is left alone, and the primary reads');
    if (!isFit && !fault) log.info('the replica reads again');
    isFit = fault === null;
  }

  async function check(): Promise<void> {
    const lsn = await selectLsn(primaryProbe).catch(() => undefined);
    const now = performance.now();
    const due = mark && now - mark.takenAt < MARK_FOR_MS ? mark.lsn : lsn;
    mark = lsn === undefined ? undefined : { lsn, takenAt: now };
    // While the primary is away nothing is written that could be late.
    await faultOf(probe, due ?? '0/0').then(judge, (error: unknown) => judge({ err: error }));
  }

  // Nobody waits for one that was away: whether it has come back is found out beside.
  async function mayRead(): Promise<boolean> {
    if (performance.now() - checkedAt > CHECKED_FOR_MS) {
      checking ??= check().finally(() => {
        checkedAt = performance.now();
        checking = undefined;
      });
    }
    if (isFit) await checking;
    return isFit;
  }

  return {
    isSet: true,
    async read(work) {
      if (await mayRead()) {
        try {
          const result = await work(db);
          metrics.countReplicaRead('replica');
          return result;
        } catch (error) {
          if (error instanceof AppError || isOwnFault(error)) throw error;
          if (refusalOfDatabase(error)?.reason === 'unavailable') judge({ err: error });
        }
      }
      metrics.countReplicaRead('primary');
      return await work(primary);
    },
    async close() {
      await checking;
      await Promise.all([db, primaryProbe, probe].map((each) => each.destroy()));
    },
  };
}

async function selectLsn(primary: Kysely<DB>): Promise<string | undefined> {
  const { rows } = await sql<{ lsn: string }>`select pg_current_wal_lsn() as lsn`.execute(primary);
  return rows[0]?.lsn;
}

async function faultOf(probe: Kysely<DB>, due: string): Promise<{ reason: string } | null> {
  const { rows } = await sql<{ isStandby: boolean; isLate: boolean }>`
    select pg_is_in_recovery() as is_standby, pg_last_wal_replay_lsn() < ${due}::pg_lsn as is_late
  `.execute(probe);
  // Who was made a primary goes ways of his own.
  if (!rows[0]?.isStandby) return { reason: 'it is no standby' };
  return rows[0].isLate ? { reason: 'it is late' } : null;
}

function isOwnFault(error: unknown): boolean {
  return error instanceof pg.DatabaseError && OWN_FAULTS.includes(error.code);
}
