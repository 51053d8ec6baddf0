import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** The program in a process of its own; killed when disposed of. */
export type ServerProcess = AsyncDisposable & {
  /** Where it listens; empty when it only works. */
  url: string;
  child: ChildProcess;
  /** Settles when the process has ended: its exit code, or null when a signal killed it. */
  exited: Promise<number | null>;
};

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Starts the program as production does, in a process of its own, and waits until it listens, or works. */
export async function startServerProcess(env: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      RATE_LIMITS: 'off',
      // One that has just started on a busy machine would refuse its first requests.
      OVERLOAD_DELAY_MS: '0',
      // What one of them compiled, the next need not compile again.
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    const read = (line: string) => {
      lines.push(line);
      const started = /"url":(?:"([^"]+)"|null),"process":"\w+","msg":"started"/.exec(line);
      if (started) resolve(started[1] ?? '');
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    void exited.then((code) => reject(new Error(`ended with ${code}:\n${lines.join('\n')}`)));
  });
  return {
    url,
    child,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
