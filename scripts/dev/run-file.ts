import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './ancestors.ts';

/** Which process runs on a data folder, and who started it. */
type Run = { pid: number; starters: number[] };

const STOP_TIMEOUT_MS = 20_000;

/**
 * Makes sure that no earlier run is left on a data folder, and notes this one.
 *
 * A run whose starter was killed is stopping by itself, or is told to; it is waited for. One that is alive and well
 * stays: the ports it holds are named by whoever wants them.
 */
export async function takeOver(dataDir: string, starters: number[]): Promise<void> {
  const earlier = readRun(dataDir);
  if (earlier && isAlive(earlier.pid) && !earlier.starters.every(isAlive)) await stopRun(earlier.pid);
  mkdirSync(dataDir, { recursive: true });
  const current = readRun(dataDir);
  if (current && isAlive(current.pid)) return;
  writeFileSync(fileOf(dataDir), JSON.stringify({ pid: process.pid, starters } satisfies Run));
}

export function forgetRun(dataDir: string): void {
  if (readRun(dataDir)?.pid === process.pid) rmSync(fileOf(dataDir), { force: true });
}

async function stopRun(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; isAlive(pid) && Date.now() < deadline; ) await sleep(100);
  if (isAlive(pid)) process.kill(pid, 'SIGKILL');
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
