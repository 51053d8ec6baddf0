import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A whole cinema in a process of its own, with data nobody else has. */
export type Cinema = {
  appUrl: string;
  inboxUrl: string;
  simulatorUrl: string;
  /** Stops it as Ctrl-C does, and removes its data. */
  stop(): Promise<void>;
};

const DEV = fileURLToPath(new URL('../dev.ts', import.meta.url));
const LAST_LINE = 'Ctrl-C stops everything.';

/** Starts what `npm start` starts, on free ports, and waits until it has said where everything is. */
export async function startCinema(): Promise<Cinema> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cinema-browser-data-'));
  const names = ['PORT', 'INBOX_PORT', 'SMTP_PORT', 'STRIPE_SIMULATOR_PORT', 'POSTGRES_PORT'];
  const ports = await findFreePorts(names.length);
  const child = spawn(process.execPath, [DEV], {
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      // Whatever this machine is set up for, this cinema is all its own.
      ...Object.fromEntries(['DATABASE_URL', 'SMTP_URL', 'STRIPE_SECRET_KEY', 'PUBLIC_URL'].map((name) => [name, ''])),
      ...Object.fromEntries(names.map((name, index) => [name, String(ports[index])])),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = async () => {
    await end(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const output = await readUntil(child, LAST_LINE);
    const addressOf = (label: string) => {
      const address = new RegExp(`${label} +(http://\\S+)`).exec(output)?.[1];
      if (address === undefined) throw new Error(`The cinema does not tell where ${label} is:\n${output}`);
      return address;
    };
    return {
      appUrl: addressOf('App'),
      inboxUrl: addressOf('Inbox'),
      simulatorUrl: addressOf('Stripe simulator'),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function readUntil(child: ChildProcess, mark: string): Promise<string> {
  const lines: string[] = [];
  return await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        if (line.includes(mark)) resolve(lines.join('\n'));
      });
    }
    child.once('exit', (code) => reject(new Error(`The cinema ended with ${code}:\n${lines.join('\n')}`)));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGINT');
  const [code] = await exited;
  if (code !== 0) throw new Error(`The cinema was told to stop and ended with ${code}.`);
}

// All held at once, so that they differ.
async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}
