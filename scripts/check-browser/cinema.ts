import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A whole cinema in a process of its own. */
export type Cinema = {
  appUrl: string;
  inboxUrl: string;
  simulatorUrl: string;
  databaseUrl: string;
  /** Stops it as Ctrl-C does. */
  stop(): Promise<void>;
  /** Ends it as a crash of the machine would, with no time to clean up. */
  kill(): Promise<void>;
};

/** Where a cinema is, so that another run can take its place. */
export type Place = { dataDir: string; ports: Record<string, string> };

/** For so long the addresses of a film are good: so short that they have to be renewed while it plays. */
export const GRANT_SECONDS = 10;

const DEV = fileURLToPath(new URL('../dev.ts', import.meta.url));
const LAST_LINE = 'Ctrl-C stops everything.';
const PORTS = ['PORT', 'INBOX_PORT', 'SMTP_PORT', 'STRIPE_SIMULATOR_PORT', 'POSTGRES_PORT'];

/** Finds free ports and makes a folder nobody else has. */
export async function findPlace(): Promise<Place> {
  const ports = await findFreePorts(PORTS.length);
  return {
    dataDir: await mkdtemp(join(tmpdir(), 'cinema-browser-data-')),
    ports: Object.fromEntries(PORTS.map((name, index) => [name, String(ports[index])])),
  };
}

/** Starts what `npm start` starts, and waits until it has said where everything is. */
export async function startCinema({ dataDir, ports }: Place): Promise<Cinema> {
  // Whatever this machine is set up for, this cinema is all its own.
  const unset = Object.fromEntries(
    ['DATABASE_URL', 'SMTP_URL', 'STRIPE_SECRET_KEY', 'PUBLIC_URL'].map((name) => [name, '']),
  );
  const child = spawn(process.execPath, [DEV], {
    env: { ...process.env, ...unset, ...ports, DATA_DIR: dataDir, MEDIA_GRANT_SECONDS: String(GRANT_SECONDS) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const output = await readUntil(child, LAST_LINE);
    const addressOf = (label: string) => {
      const address = new RegExp(`${label} +(\\w+://\\S+)`).exec(output)?.[1];
      if (address === undefined) throw new Error(`The cinema does not tell where ${label} is:\n${output}`);
      return address;
    };
    return {
      appUrl: addressOf('App'),
      inboxUrl: addressOf('Inbox'),
      simulatorUrl: addressOf('Stripe simulator'),
      databaseUrl: addressOf('Database'),
      async stop() {
        const code = await end(child, 'SIGINT');
        if (code !== 0) throw new Error(`The cinema was told to stop and ended with ${code}.`);
      },
      async kill() {
        await end(child, 'SIGKILL');
      },
    };
  } catch (error) {
    await end(child, 'SIGKILL');
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

/** @returns the exit code; null when it was killed. */
async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  return child.exitCode;
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
