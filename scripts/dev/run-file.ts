import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf, isAlive } from './ancestors.ts';

/** Which process runs on a data folder, and who started it. Its command tells whether a process is still that one. */
type Run = { pid: number; command?: string | undefined; starters: number[] };

const STOP_TIMEOUT_MS = 20_000;

/**
 * Makes sure that no earlier run is left on a data folder, and notes this one.
 *
 * A run whose starter was killed is stopping by itself, or is told to; it is waited for. One that is alive and well
 * stays: the ports it holds are named by whoever wants them.
 */
export async function takeOver(dataDir: string, starters: number[]): Promise<void> {
  const earlier = readRun(dataDir);
  if (earlier && isRunning(earlier) && !earlier.starters.every(isAlive)) await stopRun(earlier);
  mkdirSync(dataDir, { recursive: true });
  const current = readRun(dataDir);
  if (current && isRunning(current)) return;
  const run: Run = { pid: process.pid, command: commandOf(process.pid), starters };
  writeFileSync(fileOf(dataDir), JSON.stringify(run));
}

export function forgetRun(dataDir: string): void {
  if (readRun(dataDir)?.pid === process.pid) rmSync(fileOf(dataDir), { force: true });
}

// After a restart of the machine, or of a container, the number may be that of somebody else, who is not ours to stop.
function isRunning({ pid, command }: Run): boolean {
  return isAlive(pid) && command !== undefined && commandOf(pid) === command;
}

async function stopRun(run: Run): Promise<void> {
  process.kill(run.pid, 'SIGTERM');
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; isRunning(run) && Date.now() < deadline;) await sleep(100);
  if (isRunning(run)) process.kill(run.pid, 'SIGKILL');
}

function readRun(dataDir: string): Run | null {
  try {
    const run: unknown = JSON.parse(readFileSync(fileOf(dataDir), 'utf8'));
    return isRun(run) ? run : null;
  } catch {
    return null;
  }
}

function isRun(value: unknown): value is Run {
  return typeof value === 'object' && value !== null && 'pid' in value && 'starters' in value;
}

function fileOf(dataDir: string): string {
  return join(dataDir, 'run.json');
}
