import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '@online-cinema/local-services/postgres';
import { expect, inject, test } from 'vitest';
import { startTestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

type Body = { status?: string; checks?: object; items?: unknown[]; total?: number };

async function get(app: { url: string }, path: string) {
  const answer = await fetch(`${app.url}${path}`);
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Body };
}

test('a cinema that can do its work says so', async () => {
  await using app = await startTestApp();
  const [live, ready] = [await get(app, '/livez'), await get(app, '/readyz')];
  expect(live).toMatchObject({ status: 200, body: { status: 'ok' } });
  expect(ready).toMatchObject({
    status: 200,
    body: { status: 'ready', checks: { database: true, migrations: true, queue: true } },
  });
  for (const { headers } of [live, ready]) expect(headers.get('cache-control')).toBe('no-store');
  expect((await fetch(`${app.url}/readyz`, { method: 'HEAD' })).status).toBe(200);
});

test('a database that lacks a migration is not ready', async () => {
  await using app = await startTestApp();
  await app.db
    .withoutPlugins()
    .deleteFrom('kysely_migration' as never)
    .execute();
  const { status, body } = await get(app, '/readyz');
  expect(status).toBe(503);
  expect(body).toMatchObject({ status: 'not ready', checks: { database: true, migrations: false } });
});

test('with the database away the cinema stays up, asks for patience, and works again when it is back', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'cinema-health-'));
  const first = await startPostgres({ dataDir });
  let postgres = first;
  const app = await startTestApp({ DATABASE_URL: first.url });
  try {
    await createMovie(app.db);
    const viewer = await app.signIn();
    expect((await get(app, '/readyz')).status).toBe(200);

    await postgres.stop();

    for (const path of ['/readyz', '/api/v1/movies']) {
      const away = await get(app, path);
      expect(away.status).toBe(503);
      expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await get(app, '/livez')).status).toBe(200);
    const refusals = await Promise.all([
      app.rest('GET', '/movies/heat-1995'),
      app.rest('GET', '/library', { viewer }),
      app.rest('POST', '/accounts/login', { body: { email: viewer.email, password: 'x' } }),
      app.rest('POST', '/accounts/register', { body: { email: 'new@example.com', password: 'Correct-horse1' } }),
    ]);
    for (const { status, body, headers } of refusals) {
      expect([status, body.reason]).toEqual([503, 'unavailable']);
      expect(headers.has('retry-after')).toBe(true);
    }

    postgres = await startPostgres({ dataDir, port: first.port });
    while ((await get(app, '/readyz')).status !== 200) await sleep(100);
    expect((await get(app, '/api/v1/movies')).body.items).toHaveLength(1);
    expect((await app.rest('GET', '/library', { viewer })).status).toBe(200);
    // The worker too: the letter of a new account goes out.
    await app.rest('POST', '/accounts/register', { body: { email: 'new@example.com', password: 'Correct-horse1' } });
    while ((await get(app.inbox, '/api/v1/messages')).body.total === 0) await sleep(100);
  } finally {
    await app[Symbol.asyncDispose]();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('with a database that is frozen the cinema says that it is not ready, instead of nothing', async () => {
  await using database = await startFreezer(inject('postgresUrl'));
  await using app = await startTestApp();
  await using frozen = await startTestApp({ DATABASE_URL: database.through(app.config.databaseUrl) });
  expect((await get(frozen, '/readyz')).status).toBe(200);

  database.freeze();
  const { status, headers, body } = await get(frozen, '/readyz');
  expect(status).toBe(503);
  expect(headers.has('retry-after')).toBe(true);
  expect(body).toMatchObject({ status: 'not ready', checks: { database: false } });
  expect((await get(frozen, '/livez')).status).toBe(200);

  database.thaw();
  while ((await get(frozen, '/readyz')).status !== 200) await sleep(100);
});

type Freezer = AsyncDisposable & {
  /** The same database, by way of this. */
  through(url: string): string;
  freeze(): void;
  thaw(): void;
};

/** Stands between the cinema and its database; frozen, it keeps connections and lets nothing pass. */
async function startFreezer(postgresUrl: string): Promise<Freezer> {
  const { hostname, port } = new URL(postgresUrl);
  const sockets = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      sockets.add(socket);
      if (isFrozen) socket.pause();
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const ownPort = typeof address === 'object' && address ? address.port : 0;
  return {
    through: (url) => Object.assign(new URL(url), { host: `127.0.0.1:${ownPort}` }).href,
    freeze() {
      isFrozen = true;
      sockets.forEach((socket) => socket.pause());
    },
    thaw() {
      isFrozen = false;
      sockets.forEach((socket) => socket.resume());
    },
    async [Symbol.asyncDispose]() {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
