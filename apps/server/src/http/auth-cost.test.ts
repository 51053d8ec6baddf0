import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { startServerProcess } from '../testing/process.ts';
import { sendRaw } from '../testing/raw-request.ts';
import { listRestProcedures } from './rest.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const PUBLIC_AUTH = listRestProcedures()
  .filter(({ path, type, meta }) => path.startsWith('accounts.') && type === 'mutation' && meta.role === undefined)
  .map(({ path, meta }) => [path, meta.openapi.path] as const);

describe('a body of more than 4 KB is refused before it is read', () => {
  const head = (target: string, ...headers: string[]) =>
    [`POST ${target} HTTP/1.1`, 'Host: cinema.test', 'Content-Type: application/json', ...headers, '', ''].join('\r\n');

  test.for(PUBLIC_AUTH)('%s over REST', async ([, path]) => {
    const { status } = await sendRaw(app.url, head(`/api/v1${path}`, 'Content-Length: 4097'));
    expect(status).toBe(413);
  });

  test.for(PUBLIC_AUTH)('%s over RPC', async ([procedure]) => {
    const { status, text } = await sendRaw(app.url, head(`/trpc/${procedure}`, 'Content-Length: 4097'));
    expect(status).toBe(413);
    expect(text).toContain('"reason":"payload_too_large"');
    expect(text).toMatch(/connection: close/i);
  });

  test.for([
    '/api/v1/accounts/login',
    '/trpc/accounts.login',
    '/trpc/accounts%2Elogin',
    '/trpc/accounts.logout,accounts.logout?batch=1',
    '/trpc/movies.list,accounts.logout?batch=1',
  ])('%s, also in chunks that do not end', async (target) => {
    const chunk = `800\r\n${' '.repeat(2_048)}\r\n`;
    const { status } = await sendRaw(app.url, head(target, 'Transfer-Encoding: chunked') + chunk.repeat(3));
    expect(status).toBe(413);
  });

  test('what fits is read', async () => {
    const password = 'x'.repeat(4_000);
    const body = { email: 'a@example.com', password };
    expect((await app.rest('POST', '/accounts/login', { body })).status).toBe(401);
    const chunked = `${Buffer.byteLength(JSON.stringify({ json: body })).toString(16)}\r\n${JSON.stringify({ json: body })}\r\n0\r\n\r\n`;
    expect(await sendRaw(app.url, head('/trpc/accounts.login', 'Transfer-Encoding: chunked') + chunked)).toMatchObject({
      status: 401,
    });
    const viewer = await app.signIn();
    const padding = ' '.repeat(8_000);
    const answer = await app.rest('POST', '/cart/items', { viewer, body: `${padding}{"movieId":1}` });
    expect(answer.status).toBe(400);
  });
});

test('of 500 logins at once some are checked and the rest sent away, while the catalogue goes on answering', async () => {
  await createMovie(app.db);
  // A process of its own, for hashes at their full price.
  await using server = await startServerProcess({
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: app.config.dataDir,
    SMTP_URL: app.config.smtpUrl,
    STRIPE_API_URL: app.config.stripe.apiUrl,
    PROCESS: 'api',
  });
  let isOver = false;
  const logins = Promise.all(
    Array.from({ length: 500 }, async (_, index) => {
      const answer = await fetch(`${server.url}/api/v1/accounts/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `crowd${index}@example.com`, password: 'Wrong-horse1' }),
      });
      const { reason } = (await answer.json()) as { reason: string };
      return { status: answer.status, reason, mayRetry: answer.headers.has('retry-after') };
    }),
  ).finally(() => (isOver = true));
  const catalogue: number[] = [];
  do catalogue.push((await fetch(`${server.url}/api/v1/movies`)).status);
  while (!isOver);

  const answers = await logins;
  const checked = answers.filter(({ status }) => status === 401);
  const sentAway = answers.filter(({ status }) => status === 503);
  expect(checked.length + sentAway.length).toBe(500);
  expect(checked.length).toBeGreaterThan(0);
  expect(sentAway.length).toBeGreaterThan(0);
  for (const answer of sentAway) expect(answer).toMatchObject({ reason: 'unavailable', mayRetry: true });
  expect(new Set(catalogue)).toEqual(new Set([200]));
});
