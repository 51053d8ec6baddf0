import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandOf, isAlive } from './ancestors.ts';
import { forgetRun, takeOver } from './run-file.ts';

let dataDir: string;
let file: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'cinema-run-')), 'data');
  file = join(dataDir, 'run.json');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(join(dataDir, '..'), { recursive: true, force: true });
});

/** A process that does nothing until it is told to stop. */
async function startIdler(script = ''): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ['-e', `${script}; setInterval(() => {}, 1000); console.log('ready')`]);
  children.push(child);
  await once(child.stdout, 'data');
  return { child, pid: child.pid ?? 0 };
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

/** What an earlier run left behind: its data, with the number of its process. */
async function leave(run: object | string): Promise<void> {
  await takeOver(dataDir, []);
  writeFileSync(file, typeof run === 'string' ? run : JSON.stringify(run));
}

function readRun(): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

const ours = { pid: process.pid, command: commandOf(process.pid), starters: [process.ppid] };

test('a first run notes itself, and forgets itself when it stops', async () => {
  await takeOver(dataDir, [process.ppid]);
  expect(readRun()).toEqual(ours);
  forgetRun(dataDir);
  expect(existsSync(file)).toBe(false);
  forgetRun(dataDir);
});

describe('an earlier run', () => {
  test('that was killed is taken over', async () => {
    await leave({ pid: await deadPid(), command: 'node dev.ts', starters: [] });
    await takeOver(dataDir, [process.ppid]);
    expect(readRun()).toEqual(ours);
  });

  test('whose starter was killed is told to stop, and waited for', async () => {
    const { child, pid } = await startIdler("process.on('SIGTERM', () => setTimeout(() => process.exit(3), 300))");
    await leave({ pid, command: commandOf(pid), starters: [await deadPid()] });
    const exited = once(child, 'exit');
    await takeOver(dataDir, [process.ppid]);
    expect(await exited).toEqual([3, null]);
    expect(readRun()).toEqual(ours);
  });

  test('that is alive and well stays, and is not forgotten by the second', async () => {
    const { pid } = await startIdler();
    const earlier = { pid, command: commandOf(pid), starters: [process.pid] };
    await leave(earlier);
    await takeOver(dataDir, [process.ppid]);
    forgetRun(dataDir);
    expect(isAlive(pid)).toBe(true);
    expect(readRun()).toEqual(earlier);
  });

  test('whose number another process has got by now leaves that process alone', async () => {
    const { pid } = await startIdler();
    await leave({ pid, command: 'node scripts/dev.ts', starters: [await deadPid()] });
    await takeOver(dataDir, [process.ppid]);
    expect(isAlive(pid)).toBe(true);
    expect(readRun()).toEqual(ours);
  });

  test.for(['', '{', 'null', '7', '{"pid":1}', '[]'])('that left %j behind blocks nobody', async (text) => {
    await leave(text);
    await takeOver(dataDir, [process.ppid]);
    expect(readRun()).toEqual(ours);
  });
});
