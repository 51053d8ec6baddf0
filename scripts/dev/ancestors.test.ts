import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { commandOf, isAlive } from './ancestors.ts';

const MODULE = JSON.stringify(new URL('ancestors.ts', import.meta.url).href);

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

/** Runs a script below two shells, as npm does, and gives what it prints, line by line. */
function startBelowShells(script: string) {
  const node = `'${process.execPath}' --input-type=module -e '${script}'`;
  const shell = spawn('/bin/sh', ['-c', `/bin/sh -c "$SCRIPT; true"; true`], {
    env: { ...process.env, SCRIPT: node },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: shell.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  return { shell, pid: shell.pid ?? 0, next };
}

test('the shells between a person and the cinema are its starters, nearest first; whoever stands above is not', async () => {
  const { pid, next } = startBelowShells(
    `import { listStarters } from ${MODULE}; console.log(JSON.stringify([process.ppid, ...listStarters()]))`,
  );
  started.push(pid);
  const [parent, ...starters] = JSON.parse(await next()) as number[];
  expect(starters.slice(0, 2)).toEqual([parent, pid]);
  expect(starters).not.toContain(process.pid);
});

test('who lost a starter is told, once', async () => {
  const { shell, pid, next } = startBelowShells(`
    import { listStarters, watchStarters } from ${MODULE};
    const starters = listStarters();
    let count = 0;
    watchStarters(starters, () => { count += 1; setTimeout(() => { console.log("lost", count); process.exit(); }, 1200); });
    setInterval(() => {}, 1000);
    console.log(process.pid);
  `);
  const watcher = Number(await next());
  started.push(watcher);
  const exited = once(shell, 'exit');
  process.kill(pid, 'SIGKILL');
  await exited;
  expect(await next()).toBe('lost 1');
});

test('the command of a process is told, and nothing of one that is gone', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)', 'marker-of-the-test']);
  started.push(child.pid ?? 0);
  await once(child.stdout, 'data');
  expect(commandOf(child.pid ?? 0)).toContain('marker-of-the-test');
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  expect(commandOf(child.pid ?? 0)).toBeUndefined();
  expect(isAlive(child.pid ?? 0)).toBe(false);
});
