import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { isSystemError } from '../lib/ports.ts';
import type { Binaries } from './binaries.ts';
import type { Owner } from './owner.ts';

const run = promisify(execFile);

/** The setting in which a server remembers the process that started it. */
export const LAUNCHER_SETTING = 'online_cinema.launcher';

/**
 * Stops the server that a killed run left behind on this cluster, and removes a pid file that names another program.
 *
 * @throws Error when the run that started the server is still alive.
 */
export async function stopOrphan(clusterDir: string, binaries: Binaries, owner: Owner | undefined): Promise<void> {
  const pidFile = join(clusterDir, 'postmaster.pid');
  const pid = await readPid(pidFile);
  // Postgres itself removes the file of a dead process, after it made sure that no child of it is left.
  if (pid === undefined || !isAlive(pid)) return;

  const server = await describeProcess(pid);
  if (!server) return;
  if (!isServerOf(clusterDir, server)) {
    await rm(pidFile, { force: true });
    return;
  }
  const launcher = Number(new RegExp(`${LAUNCHER_SETTING}=(\\d+)`).exec(server.command)?.[1]);
  if (server.parent === launcher && isAlive(launcher)) {
    throw new Error(
      `The database in ${clusterDir} is in use by another run (process ${launcher}). Stop that one first.`,
    );
  }
  try {
    await run(binaries.pgCtl, ['stop', '-D', clusterDir, '-m', 'fast', '-w', '-t', '30'], {
      ...owner,
      cwd: clusterDir,
    });
  } catch (error) {
    const remaining = await describeProcess(pid);
    if (!remaining || !isServerOf(clusterDir, remaining)) return; // it was stopping by itself
    throw new Error(`The Postgres that a killed run left behind (process ${pid}) does not stop.`, { cause: error });
  }
}

/** Says whether a process of this id exists, of whoever it is. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return isSystemError(error, 'EPERM');
  }
}

async function readPid(pidFile: string): Promise<number | undefined> {
  const text = await readFile(pidFile, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

interface RunningProcess {
  parent: number;
  command: string;
}

function isServerOf(clusterDir: string, { command }: RunningProcess): boolean {
  return command.includes('postgres') && command.includes(clusterDir);
}

async function describeProcess(pid: number): Promise<RunningProcess | undefined> {
  try {
    if (process.platform === 'linux') {
      // Slim containers have no ps.
      const [status, command] = await Promise.all([
        readFile(`/proc/${pid}/status`, 'utf8'),
        readFile(`/proc/${pid}/cmdline`, 'utf8'),
      ]);
      return { parent: Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]), command: command.replaceAll('\0', ' ') };
    }
    const { stdout } =
      process.platform === 'win32'
        ? await run('powershell.exe', ['-NoProfile', '-Command', windowsQuery(pid)])
        : await run('ps', ['-ww', '-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, command] = /^\s*(\d+)\s+([^]*)$/.exec(stdout) ?? [];
    return parent && command ? { parent: Number(parent), command } : undefined;
  } catch {
    return undefined;
  }
}

function windowsQuery(pid: number): string {
  return `Get-CimInstance Win32_Process -Filter 'ProcessId=${pid}' | ForEach-Object { "$($_.ParentProcessId) $($_.CommandLine)" }`;
}
