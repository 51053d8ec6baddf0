import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createHttpServer } from './server.ts';

const PAGE = '<!doctype html><title>Cinema</title>';

let app: TestApp;
let folder: string;
let http: FastifyInstance;
let url: string;
beforeAll(async () => {
  app = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'cinema-storefront-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), PAGE);
  await writeFile(join(folder, 'assets/app-1a2b3c.js'), 'void 0;');
  await writeFile(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  http = await createHttpServer({ deps: app.deps, isStopping: () => false, storefrontFolder: folder });
  url = await http.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(async () => {
  await http.close();
  await app[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function get(path: string, accept = 'text/html,application/xhtml+xml,*/*;q=0.8', method = 'GET') {
  const answer = await fetch(`${url}${path}`, { method, headers: { accept } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

test.for(['/', '/?query=heat', '/movies/heat-1995', '/orders/1?checkout=success', '/apiary', '/%E2%98%83'])(
  'every page is the one document, never kept without asking, and may load from here only: %s',
  async (path) => {
    const { status, headers, text } = await get(path);
    expect([status, text]).toEqual([200, PAGE]);
    expect(headers.get('content-type')).toContain('text/html');
    expect(headers.get('cache-control')).toBe('no-cache');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/https?:|\*|unsafe-eval/);
  },
);

test('pictures and films may come from where the storage sends its readers, scripts may not', async () => {
  const storage = { ...app.deps.storage, origin: 'https://media.example' };
  await using other = await createHttpServer({
    deps: { ...app.deps, storage },
    isStopping: () => false,
    storefrontFolder: folder,
  });
  const { headers } = await other.inject({ url: '/', headers: { host: 'cinema.test' } });
  const policy = String(headers['content-security-policy']).split('; ');
  expect(policy.filter((directive) => directive.includes('https://media.example'))).toEqual([
    "img-src 'self' data: blob: https://media.example",
    "media-src 'self' blob: https://media.example",
    "connect-src 'self' https://media.example",
  ]);
});

test('HEAD of a page is answered as GET is', async () => {
  expect(await get('/movies/heat-1995', 'text/html', 'HEAD')).toMatchObject({ status: 200, text: '' });
});

test('files named by what they hold are kept for ever, others not', async () => {
  const script = await get('/assets/app-1a2b3c.js', '*/*');
  expect([script.status, script.text]).toEqual([200, 'void 0;']);
  expect(script.headers.get('content-type')).toMatch(/^(?:text|application)\/javascript/);
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  const icon = await get('/favicon.svg', 'image/*');
  expect([icon.status, icon.headers.get('cache-control')]).toEqual([200, 'no-cache']);
});

test.for([
  ['/assets/app-old.js', '*/*'],
  ['/assets/app-old.js', 'text/html'],
  ['/missing.png', 'text/html'],
  ['/movies/heat-1995', 'application/json'],
  ['/api/v1/nothing', 'text/html'],
  ['/trpc/nothing.here/x', 'text/html'],
  ['/media/nothing', 'text/html'],
  ['/..%2f..%2fetc%2fpasswd', 'text/plain'],
  ['/assets/..%2f..%2fsecret', 'text/plain'],
] as const)('what is no page and no file is 404, as a problem: %s for %s', async ([path, accept]) => {
  const { status, headers, text } = await get(path, accept);
  expect(status).toBe(404);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(JSON.parse(text).reason).toBe('not_found');
});

test('the cinema itself is where it was', async () => {
  expect((await get('/livez')).status).toBe(200);
  expect((await get('/docs')).text).toContain('/docs/bundle.js');
  expect(JSON.parse((await get('/api/v1/movies')).text).items).toEqual([]);
  expect((await get('/api/v1/movies', '*/*', 'DELETE')).status).toBe(405);
  expect((await get('/movies/heat-1995', 'text/html', 'POST')).status).toBe(404);
});
