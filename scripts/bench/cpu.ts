import { readdirSync, readFileSync } from 'node:fs';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

// USER_HZ, which is 100 wherever Linux runs.
const MS_PER_TICK = 10;

/** CPU spent so far, in ms: by the server's process, and by all of the database's. */
export type Cpu = { server: number; postgres: number };

/** Makes a meter of two things that burn CPU: a process, and the Postgres behind a connection. Needs Linux's `/proc`. */
export async function createCpuMeter(pid: number, db: Db): Promise<() => Cpu> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  const postmaster = statOf(rows[0]?.pid ?? 0).parent;
  return () => ({
    server: statOf(pid).cpuMs,
    postgres: readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => statOf(Number(name)))
      // Those that ended are counted in their parent.
      .reduce((sum, each) => sum + (each.parent === postmaster ? each.cpuMs : 0), statOf(postmaster).childrenMs),
  });
}

/** The time that a process's threads had a processor, to the nanosecond where `stat` counts ticks. */
function cpuMsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/task`)
    .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6)
    .reduce((sum, ms) => sum + ms, 0);
}

/** A process as `proc_pid_stat(5)` describes it; all zero when it has ended. */
function statOf(pid: number): { parent: number; cpuMs: number; childrenMs: number } {
  let line = '';
  let cpuMs = 0;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    cpuMs = cpuMsOf(pid);
  } catch {
    // Ended between the listing and the look.
  }
  // The name before it may hold spaces and brackets.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const ticks = (first: number) => (Number(fields[first] ?? 0) + Number(fields[first + 1] ?? 0)) * MS_PER_TICK;
  return { parent: Number(fields[1] ?? 0), cpuMs, childrenMs: ticks(13) };
}
