import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { type ServerProcess, startServerProcess } from '../testing/process.ts';
import { sendRaw } from '../testing/raw-request.ts';

const PATIENCE_MS = 120_000;
const FILM_SIZE = 30_000_000;

let app: TestApp;
/** A film so large that no socket's buffer holds it. */
let filmPath: string;
let filmId: string;
let moderator: Viewer;
let storageFolder: string;
beforeAll(async () => {
  storageFolder = await mkdtemp(join(tmpdir(), 'cinema-storage-'));
  app = await startTestApp({ STORAGE_URL: `file://${storageFolder}` });
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { byteCount: FILM_SIZE });
  filmId = film.id;
  moderator = await app.signIn({ role: 'moderator' });
  filmPath = new URL(localAddress(app, (await viewer.client.playback.start.mutate({ movieId: film.id })).src)).pathname;
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await rm(storageFolder, { recursive: true, force: true });
});

// All at once, for each of them waits: for half a minute and more.
describe.concurrent('whoever is too slow is cut off, and nobody else notices', () => {
  test('headers that do not come to an end: 408', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    slow.socket.write('GET /livez HTTP/1.1\r\nHost: cinema.test\r\n');
    const drip = setInterval(() => slow.socket.write('X-Drop: 1\r\n'), 500);
    slow.socket.once('close', () => clearInterval(drip));
    await servesOthersUntil(slow.closed);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a connection that says nothing', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    await servesOthersUntil(slow.closed);
    expect(slow.text()).not.toContain('200');
  });

  test('a body that does not come to an end: 408', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    slow.socket.write(
      'POST /api/v1/accounts/login HTTP/1.1\r\nHost: cinema.test\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
    );
    const drip = setInterval(() => slow.socket.write(' '), 500);
    slow.socket.once('close', () => clearInterval(drip));
    await servesOthersUntil(slow.closed);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a film of which no more than crumbs arrive: 408', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    slow.socket.write(await headOf(moderator, `/movies/${filmId}/media?kind=trailer`, 'video/mp4', FILM_SIZE));
    slow.socket.write(Buffer.from('000000186674797069736f6d00000200', 'hex'));
    const drip = setInterval(() => slow.socket.write('.'.repeat(100)), 500);
    slow.socket.once('close', () => clearInterval(drip));
    await servesOthersUntil(slow.closed);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('who goes on to send what was refused', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    slow.socket.write(await headOf(moderator, `/movies/${filmId}/media?kind=trailer`, 'video/mp4', FILM_SIZE));
    const drip = setInterval(() => slow.socket.write('.'.repeat(100)), 500);
    slow.socket.once('close', () => clearInterval(drip));
    await servesOthersUntil(slow.closed);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 415 /);
  });

  test('but not who sends much over a slow line', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    const lines = Array.from({ length: 40 }, (_, line) => `${'x'.repeat(4_000)}${line}\n`);
    const length = lines.join('').length;
    slow.socket.write(await headOf(moderator, '/movies/import?dryRun=true', 'text/csv', length));
    const send = async () => {
      for (const line of lines) {
        slow.socket.write(line);
        await sleep(1_000);
      }
    };
    await servesOthersUntil(Promise.all([send(), once(slow.socket, 'data')]));
    slow.socket.destroy();
    expect(slow.text()).toMatch(/^HTTP\/1\.1 202 /);
  });

  async function headOf(viewer: Viewer, path: string, contentType: string, length: number): Promise<string> {
    return [
      `POST /api/v1${path} HTTP/1.1`,
      'Host: cinema.test',
      `Authorization: Bearer ${await viewer.client.$session.accessToken()}`,
      `Content-Type: ${contentType}`,
      `Content-Length: ${length}`,
      '',
      '',
    ].join('\r\n');
  }

  test('fifty at once', { timeout: PATIENCE_MS }, async () => {
    const crowd = Array.from({ length: 50 }, () => {
      const slow = open(app.url);
      slow.socket.write('POST /trpc/accounts.login HTTP/1.1\r\nHost: cinema.test\r\nContent-');
      return slow;
    });
    await servesOthersUntil(Promise.all(crowd.map(({ closed }) => closed)));
    for (const slow of crowd) expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('a viewer who stops reading, whose stream lives until then', { timeout: PATIENCE_MS }, async () => {
    const slow = open(app.url);
    const accepted = acceptedFor(filmPath);
    slow.socket.write(`GET ${filmPath} HTTP/1.1\r\nHost: cinema.test\r\nConnection: close\r\n\r\n`);
    const socket = await accepted;
    // Two minutes are what a reader has; here he has four seconds.
    expect(socket.timeout).toBe(60_000);
    await once(slow.socket, 'data');
    slow.socket.pause();
    const seenAt = () => app.db.selectFrom('playbackStreams').select('lastSeenAt').executeTakeFirstOrThrow();
    const before = await seenAt();
    await servesOthersUntil(expect.poll(seenAt, { timeout: 60_000, interval: 500 }).not.toEqual(before));
    socket.setTimeout(2_000);
    await servesOthersUntil(once(socket, 'close'));
    slow.socket.resume();
    await slow.closed;
    expect(slow.text()).toMatch(/^HTTP\/1\.1 200 /);
    expect(slow.bytes()).toBeLessThan(FILM_SIZE);
  });

  /** The cinema's end of the connection on which a path is asked for. */
  async function acceptedFor(path: string): Promise<Socket> {
    const channel = 'http.server.request.start';
    return await new Promise((resolve) => {
      const notice = (message: unknown) => {
        const { request, socket } = message as { request: IncomingMessage; socket: Socket };
        if (request.url !== path) return;
        unsubscribe(channel, notice);
        resolve(socket);
      };
      subscribe(channel, notice);
    });
  }

  async function servesOthersUntil(end: Promise<unknown>): Promise<void> {
    let isOver = false;
    void end.finally(() => (isOver = true));
    while (!isOver) {
      expect((await fetch(`${app.url}/api/v1/movies`)).status).toBe(200);
      await Promise.race([end, sleep(500)]);
    }
    await end;
  }
});

describe.concurrent('a process that is told to stop', () => {
  const LOGIN = JSON.stringify({ email: 'nobody@example.com', password: 'whatever' });

  async function start(env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
    return await startServerProcess({
      ...env,
      DATABASE_URL: app.config.databaseUrl,
      STORAGE_URL: `file://${storageFolder}`,
      DATA_DIR: app.config.dataDir,
      SMTP_URL: app.config.smtpUrl,
      STRIPE_API_URL: app.config.stripe.apiUrl,
    });
  }

  test.for(['SIGTERM', 'SIGINT'] as const)('by %s ends with 0', { timeout: PATIENCE_MS }, async (signal) => {
    await using server = await start();
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status).toBe(200);
    server.child.kill(signal);
    expect(await server.exited).toBe(0);
  });

  /** Begins to sign in: the server has seen the head of the request, and waits for its body. */
  async function beginLogin(url: string): Promise<Connection> {
    const request = open(url);
    const head = ['POST /api/v1/accounts/login HTTP/1.1', 'Host: cinema.test', 'Content-Type: application/json'];
    request.socket.write([...head, `Content-Length: ${LOGIN.length}`, 'Expect: 100-continue', '', ''].join('\r\n'));
    await once(request.socket, 'data');
    return request;
  }

  test('answers what it has begun with and is not ready meanwhile', { timeout: PATIENCE_MS }, async () => {
    await using server = await start();
    const request = await beginLogin(server.url);
    server.child.kill('SIGTERM');
    await until(async () => !(await isReady(server.url)));
    expect(server.child.exitCode).toBeNull();
    request.socket.write(LOGIN);
    await request.closed;
    expect(request.text()).toMatch(/HTTP\/1\.1 401 .*invalid_credentials/s);
    expect(await server.exited).toBe(0);
  });

  test('does so at every address of its host', { timeout: PATIENCE_MS }, async () => {
    await using server = await start({ HOST: 'localhost' });
    const { port } = new URL(server.url);
    const addresses = await lookup('localhost', { all: true });
    const urls = addresses.map(({ address, family }) => `http://${family === 6 ? `[${address}]` : address}:${port}`);
    for (const url of urls) {
      for (const method of ['CONNECT a:1', 'BREW /', 'TRACE /']) {
        expect((await sendRaw(url, `${method} HTTP/1.1\r\nHost: a\r\n\r\n`)).status).toBe(405);
      }
    }
    const requests = await Promise.all(urls.map(beginLogin));
    server.child.kill('SIGTERM');
    await until(async () => !(await isReady(server.url)));
    for (const request of requests) request.socket.write(LOGIN);
    await Promise.all(requests.map(({ closed }) => closed));

    for (const request of requests) expect(request.text()).toContain('invalid_credentials');
    expect(await server.exited).toBe(0);
  });

  test('does not wait for connections opened in store, nor for idle ones', { timeout: PATIENCE_MS }, async () => {
    await using server = await start();
    const unused = open(server.url);
    const idle = open(server.url);
    idle.socket.write('GET /livez HTTP/1.1\r\nHost: cinema.test\r\n\r\n');
    await once(idle.socket, 'data');
    server.child.kill('SIGTERM');
    await Promise.all([unused.closed, idle.closed]);
    expect(await server.exited).toBe(0);
  });

  test('told twice it ends once', { timeout: PATIENCE_MS }, async () => {
    await using server = await start();
    server.child.kill('SIGTERM');
    server.child.kill('SIGTERM');
    server.child.kill('SIGINT');
    expect(await server.exited).toBe(0);
  });

  test('lets a download come to its end', { timeout: PATIENCE_MS }, async () => {
    await using server = await start();
    const download = open(server.url);
    download.socket.write(`GET ${filmPath} HTTP/1.1\r\nHost: cinema.test\r\nConnection: close\r\n\r\n`);
    await once(download.socket, 'data');
    download.socket.pause();
    server.child.kill('SIGTERM');
    await until(async () => !(await isReady(server.url)));
    download.socket.resume();
    await download.closed;
    expect(download.bytes()).toBeGreaterThanOrEqual(FILM_SIZE);
    expect(await server.exited).toBe(0);
  });

  test('does not wait for ever for a viewer who stopped reading', { timeout: PATIENCE_MS }, async () => {
    await using server = await start();
    const download = open(server.url);
    download.socket.write(`GET ${filmPath} HTTP/1.1\r\nHost: cinema.test\r\nConnection: close\r\n\r\n`);
    await once(download.socket, 'data');
    download.socket.pause();
    server.child.kill('SIGTERM');
    expect(await server.exited).toBe(0);
    download.socket.destroy();
  });
});

test('a process whose configuration is wrong names every fault, and ends with 1', async () => {
  const env = { DATABASE_URL: 'mysql://x', PORT: 'eighty', CURRENCY: 'dollars' };
  const error: unknown = await startServerProcess(env).catch((reason: unknown) => reason);
  expect(String(error)).toContain('ended with 1');
  for (const name of Object.keys(env)) expect(String(error)).toContain(name);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

async function isReady(url: string): Promise<boolean> {
  return await fetch(`${url}/readyz`).then(
    (answer) => answer.ok,
    () => false,
  );
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(20);
}

type Connection = { socket: Socket; closed: Promise<void>; text(): string; bytes(): number };

/** Opens a connection and keeps what comes over it. */
function open(url: string): Connection {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // To be cut off is what many of these tests wait for.
  socket.on('error', () => {});
  return {
    socket,
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    text: () => Buffer.concat(chunks).subarray(0, 20_000).toString('latin1'),
    bytes: () => chunks.reduce((sum, chunk) => sum + chunk.length, 0),
  };
}
