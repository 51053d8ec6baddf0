import { execFileSync } from 'node:child_process';

// What stands between a person's shell and us: npm, the bootstrap, pnpm, and the shells they run scripts in. Not what only
// lies in a folder of theirs, such as `node_modules/.pnpm/…`.
const STARTERS = /(?:^|[\s/])p?npm(?:-cli)?(?:\.[cm]?js)?(?=\s|$)|run\.mjs|^(?:\S*\/)?(?:da|ba|z)?sh -c /;

/** Lists the processes that started this one on behalf of `npm start`, nearest first. */
export function listStarters(): number[] {
  const processes = readProcesses();
  const starters: number[] = [];
  let next = processes.get(process.pid)?.parent;
  while (next !== undefined && next > 1) {
    const ancestor = processes.get(next);
    if (!ancestor || !STARTERS.test(ancestor.command)) break;
    starters.push(next);
    next = ancestor.parent;
  }
  return starters;
}

/**
 * Calls `onLost` once when one of the starters is gone: `kill -9` of npm leaves its children running, and what nobody
 * can stop with Ctrl-C must stop itself.
 */
export function watchStarters(starters: number[], onLost: () => void): void {
  const timer = setInterval(() => {
    if (starters.every(isAlive)) return;
    clearInterval(timer);
    onLost();
  }, 500);
  timer.unref();
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Tells the command line of a process; nothing when there is none, or no way to ask. */
export function commandOf(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch {
    return undefined;
  }
}

function readProcesses(): Map<number, { parent: number; command: string }> {
  try {
    const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8' }).split('\n');
    const rows = lines.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter((row) => row !== null);
    return new Map(rows.map(([, pid, parent, command = '']) => [Number(pid), { parent: Number(parent), command }]));
  } catch {
    // No `ps` here (Windows, a slim container): the nearest starter is known all the same.
    return new Map([
      [process.pid, { parent: process.ppid, command: 'node' }],
      [process.ppid, { parent: 0, command: 'npm' }],
    ]);
  }
}
