import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assertPortsFree, readPorts } from './ports.ts';

const DEV = fileURLToPath(new URL('../dev.ts', import.meta.url));
const NAMES = ['PORT', 'INBOX_PORT', 'SMTP_PORT', 'STRIPE_SIMULATOR_PORT', 'POSTGRES_PORT'] as const;

let servers: Server[];
let taken: number[];
beforeAll(async () => {
  servers = await Promise.all(
    NAMES.map(async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  taken = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
});
afterAll(() => {
  for (const server of servers) server.close();
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

describe('the ports', () => {
  const DEFAULTS = {
    PORT: 8000,
    INBOX_PORT: 8025,
    SMTP_PORT: 1025,
    STRIPE_SIMULATOR_PORT: 12_111,
    POSTGRES_PORT: 54_320,
  };

  test('are these unless the environment says otherwise', () => {
    expect(readPorts({})).toEqual(DEFAULTS);
    expect(readPorts({ PORT: '', SMTP_PORT: '2525', OTHER: '1' })).toEqual({ ...DEFAULTS, SMTP_PORT: 2525 });
  });

  test.for(['abc', '0', '-1', '65536', '80.5', '1e9', 'NaN', '80 81'])(
    '%s is none, and its variable is named',
    (port) => {
      expect(() => readPorts({ INBOX_PORT: port })).toThrow(`INBOX_PORT=${port} is no port.`);
    },
  );
});

describe('before anything starts', () => {
  test('free ports are fine, and free afterwards', async () => {
    const port = await freePort();
    await expect(assertPortsFree({ PORT: port })).resolves.toBeUndefined();
    await expect(assertPortsFree({ PORT: port })).resolves.toBeUndefined();
  });

  test('every taken port is named, and how to choose another; free ones are not', async () => {
    const [first = 0, second = 0] = taken;
    const free = await freePort();
    const refusal = assertPortsFree({ PORT: first, SMTP_PORT: free, INBOX_PORT: second });
    await expect(refusal).rejects.toThrow(`port ${first} (PORT), port ${second} (INBOX_PORT).`);
    await expect(refusal).rejects.toThrow('PORT=… INBOX_PORT=… npm start');
    await expect(refusal).rejects.not.toThrow(String(free));
  });

  test('a start on taken ports names each of them and ends with 1, having started nothing', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'cinema-taken-'));
    const env = {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      ...Object.fromEntries(NAMES.map((name, index) => [name, String(taken[index])])),
    };
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      execFile(process.execPath, [DEV], { cwd: dataDir, env }, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });
    await rm(dataDir, { recursive: true, force: true });
    expect(code).toBe(1);
    for (const [index, name] of NAMES.entries()) expect(output).toContain(`port ${taken[index]} (${name})`);
    expect(output).not.toMatch(/\n\s+at /);
  });
});
