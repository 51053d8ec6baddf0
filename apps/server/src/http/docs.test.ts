import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { signInCarefully } from '../testing/totp.ts';

const PAGES = ['/docs', '/redoc'];
const ADDRESSES = ['/openapi.json', ...PAGES.flatMap((page) => [page, `${page}/bundle.js`, `${page}/start.js`])];

async function get(app: TestApp, path: string, authorization?: string) {
  const answer = await fetch(`${app.url}${path}`, { headers: authorization === undefined ? {} : { authorization } });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

const basic = (email: string, password: string) => `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`;

describe('in development', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  test.for(ADDRESSES)('everybody may read %s', async (path) => {
    expect((await get(app, path)).status).toBe(200);
  });

  test.for(PAGES)('%s loads nothing from anybody else', async (page) => {
    const { headers, text } = await get(app, page);
    expect(headers.get('content-type')).toContain('text/html');
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(['data:,', `${page}/bundle.js`, `${page}/start.js`]);
    expect(text).not.toMatch(/<script[^>]*>[^<]|style=|\son\w+=/);
    const policy = headers.get('content-security-policy') ?? '';
    for (const directive of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) {
      expect(policy).toContain(`${directive} 'none'`);
    }
    expect(policy).not.toMatch(/https?:|\*|script-src[^;]*'unsafe-/);
  });

  test('what they start with turns off whatever would ask others', async () => {
    const { text } = await get(app, '/docs/start.js');
    for (const setting of ['withDefaultFonts: false', 'telemetry: false', "url: '/openapi.json'"])
      expect(text).toContain(setting);
    expect(text).not.toMatch(/https?:/);
    expect((await get(app, '/redoc/start.js')).text).not.toMatch(/https?:/);
    const { headers, text: bundle } = await get(app, '/redoc/bundle.js');
    expect(headers.get('content-type')).toContain('javascript');
    expect(bundle).not.toContain('cdn.redoc.ly');
  });
});

describe('where only account holders may read', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ DOCS_ACCESS: 'authenticated' });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  test.for(ADDRESSES)('%s asks a stranger who he is', async (path) => {
    const { status, headers, text } = await get(app, path);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Basic realm="[^"]+"/);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(text)).toMatchObject({ status: 401, reason: 'not_authenticated' });
  });

  test.for(ADDRESSES)('%s opens with address and password, and with a token', async (path) => {
    const viewer = await app.signIn();
    expect((await get(app, path, basic(viewer.email, PASSWORD))).status).toBe(200);
    expect((await get(app, path, basic(` ${viewer.email.toUpperCase()} `, PASSWORD))).status).toBe(200);
    expect((await get(app, path, `Bearer ${await viewer.client.$session.accessToken()}`)).status).toBe(200);
  });

  test('what it opens stays out of shared caches', async () => {
    const viewer = await app.signIn();
    for (const path of ADDRESSES) {
      const { headers } = await get(app, path, basic(viewer.email, PASSWORD));
      expect(headers.get('cache-control')).toMatch(/private|no-store/);
    }
  });

  test('passwords with colons and letters of any script work', async () => {
    const password = 'Пароль:with:Colons-1';
    const passwordHash = await app.deps.passwords.hash(password);
    await app.db
      .insertInto('users')
      .values({ email: 'colon@example.com', passwordHash, role: 'user', isActive: true, activatedAt: new Date() })
      .execute();
    expect((await get(app, '/docs', basic('colon@example.com', password))).status).toBe(200);
  });

  test.for<[string, (email: string) => string]>([
    ['a wrong password', (email) => basic(email, 'Wrong-horse1')],
    ['no password', (email) => basic(email, '')],
    ['an unknown address', () => basic('nobody@example.com', PASSWORD)],
    ['no colon', (email) => `Basic ${Buffer.from(email).toString('base64')}`],
    ['nothing', () => 'Basic'],
    ['no base64', () => 'Basic !!!'],
    ['bytes that are no UTF-8', () => `Basic ${Buffer.from([0xff, 0xfe, 0x3a, 0x41]).toString('base64')}`],
    ['NUL', () => basic('a\0b@example.com', PASSWORD)],
    ['a long text', () => basic('a'.repeat(4_000), 'b'.repeat(4_000))],
    ['a token that is none', () => 'Bearer a.b.c'],
    ['another scheme', () => 'Digest username="x"'],
  ])('%s does not open it', async ([, authorize]) => {
    const viewer = await app.signIn();
    const { status, headers } = await get(app, '/docs', authorize(viewer.email));
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  test('neither does an account that is not active', async () => {
    const viewer = await app.signIn();
    const token = await viewer.client.$session.accessToken();
    await app.db.updateTable('users').set({ isActive: false }).where('id', '=', viewer.userId).execute();
    expect((await get(app, '/docs', basic(viewer.email, PASSWORD))).status).toBe(401);
    expect((await get(app, '/docs', `Bearer ${token}`)).status).toBe(401);
  });

  test('neither does the password of somebody with two-factor login: his token does', async () => {
    const { email, client } = await signInCarefully(app);
    for (const _ of [1, 2]) {
      const { status, headers, text } = await get(app, '/docs', basic(email, PASSWORD));
      expect(status).toBe(401);
      expect(JSON.parse(text)).toMatchObject({ reason: 'bearer_required', detail: expect.stringContaining('bearer') });
      // A browser would ask for the password again and again.
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    expect((await get(app, '/docs', `Bearer ${await client.$session.accessToken()}`)).status).toBe(200);
  });

  test('everything else is as open as it was', async () => {
    expect((await get(app, '/livez')).status).toBe(200);
    expect((await get(app, '/api/v1/movies')).status).toBe(200);
  });

  test('nothing of all this was a fault of the server', () => {
    expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
  });
});

describe('a password that was right', () => {
  const EACH_MINUTE = 3;
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({
      DOCS_ACCESS: 'authenticated',
      RATE_LIMITS: 'on',
      LOGINS_PER_MINUTE: String(EACH_MINUTE),
    });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  /** Views the page, which costs no login when it is remembered. */
  async function view(authorization: string): Promise<number[]> {
    const statuses: number[] = [];
    for (const path of [...ADDRESSES, ...ADDRESSES]) statuses.push((await get(app, path, authorization)).status);
    return [...new Set(statuses)];
  }

  test('is checked once for many pages, and again after a while', async () => {
    const viewer = await app.signIn();
    const authorization = basic(viewer.email, PASSWORD);
    for (let minutes = 0; minutes < 12; minutes++) {
      expect(await view(authorization)).toEqual([200]);
      app.clock.advance(60);
    }
    expect(await view(authorization)).toEqual([200]);
    await app.db.updateTable('users').set({ passwordHash: null }).where('id', '=', viewer.userId).execute();
    expect(await view(authorization)).toEqual([200]);
    app.clock.advance(301);
    expect((await get(app, '/docs', authorization)).status).toBe(401);
  });

  test.for([
    ['was changed', { passwordGeneration: 7, passwordHash: null }, 'invalid_credentials'],
    ['belongs to a closed account', { isActive: false }, 'not_authenticated'],
    ['has a second factor now', { totpEnabledAt: new Date() }, 'bearer_required'],
  ] as const)('and %s opens nothing from the next request on', async ([, change, reason]) => {
    app.clock.advance(60);
    const viewer = await app.signIn();
    const authorization = basic(viewer.email, PASSWORD);
    expect(await view(authorization)).toEqual([200]);
    await app.db.updateTable('users').set(change).where('id', '=', viewer.userId).execute();
    const { status, text } = await get(app, '/docs', authorization);
    expect([status, JSON.parse(text).reason]).toEqual([401, reason]);
  });

  test('is worth nothing to who guesses: he is limited as in a sign-in', async () => {
    app.clock.advance(60);
    const viewer = await app.signIn();
    expect(await view(basic(viewer.email, PASSWORD))).toEqual([200]);
    const statuses: number[] = [];
    for (const guess of ['Wrong-horse1', 'Wrong-horse2', 'Wrong-horse3']) {
      statuses.push((await get(app, '/docs', basic(viewer.email, guess))).status);
    }
    // The sign-in and the first page were logins too.
    expect(statuses).toEqual([401, 429, 429]);
    expect(await view(basic(viewer.email, PASSWORD))).toEqual([200]);
  });
});
