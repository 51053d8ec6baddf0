import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function follow(accept: string) {
  const answer = await fetch(`${app.url}/exports/an-old-token`, { headers: { accept } });
  const { status, headers } = answer;
  return { status, type: headers.get('content-type'), cache: headers.get('cache-control'), headers, answer };
}

test('a person whose link opens nothing reads a page that says where to get another one', async () => {
  const { status, type, cache, headers, answer } = await follow(BROWSER);
  expect([status, type, cache]).toEqual([404, 'text/html; charset=utf-8', 'no-store']);
  const page = await answer.text();
  expect(page).toContain('This link is not good any more');
  expect(page).toContain(`href="${app.config.publicUrl}/account/data"`);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*|script/);
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? '';
  expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
});

test.for(['*/*', 'application/json'])('a program reads a problem: %s', async (accept) => {
  const { status, type, answer } = await follow(accept);
  expect([status, type]).toEqual([404, 'application/problem+json; charset=utf-8']);
  expect(((await answer.json()) as { reason: string }).reason).toBe('not_found');
});
