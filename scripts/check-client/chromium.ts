/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright-core';
import { bundleForBrowser } from './size.ts';

const PATHS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(
  (name) => `/usr/bin/${name}`,
);

/** The Chromium of this machine, if it has one. */
export function findChromium(): string | undefined {
  return PATHS.find((path) => existsSync(path));
}

/**
 * Loads the bundled client in two tabs, with a component that uses it, against a server that signs everybody in.
 *
 * @throws Error when a tab does not learn what the other did.
 */
export async function loadInChromium(executablePath: string, folder: string): Promise<void> {
  const bundle = await bundleForBrowser(folder, PAGE);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://cinema.test');
    const answer = ANSWERS[pathname];
    if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    else if (pathname === '/client.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(bundle);
    else response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Cinema</title>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext();
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const [ours, theirs] = [await context.newPage(), await context.newPage()];
    for (const page of [ours, theirs]) {
      await page.goto(address);
      await page.evaluate(`import('/client.js').then(() => undefined)`);
    }
    await ours.evaluate(`cinema.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' })`);
    await theirs.waitForFunction(`cinema.$session.current() !== null`);
    for (const page of [ours, theirs]) await page.waitForFunction(`document.body.textContent === 'signed in'`);
    const email = await theirs.evaluate(`cinema.accounts.me.query().then((me) => me.email)`);
    if (email !== 'ada@demo.test') throw new Error(`The other tab is ${String(email)}.`);
    await theirs.evaluate(`cinema.$session.signOut()`);
    await ours.waitForFunction(`document.body.textContent === 'signed out'`);
    const { message } = await ours.evaluate<{ message: string }>(
      `cinema.$safe(cinema.movies.list.query({})).then(({ error }) => ({ message: error.data.reason }))`,
    );
    if (message !== 'unavailable') throw new Error(`A page of HTML is ${message}.`);
  } finally {
    await browser.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const PAGE = `
  import { createCinemaClient } from '@online-cinema/client';
  import { useSession } from '@online-cinema/client/react';
  import { createElement } from 'react';
  import { createRoot } from 'react-dom/client';

  globalThis.cinema = createCinemaClient({ baseUrl: location.origin, retries: 0 });
  function State() {
    return useSession(cinema) ? 'signed in' : 'signed out';
  }
  createRoot(document.body).render(createElement(State));
`;

const TOKENS = { accessToken: 'access', refreshToken: 'refresh', tokenType: 'Bearer', expiresIn: 900 };
const ANSWERS: Readonly<Record<string, unknown>> = {
  '/trpc/accounts.login': { result: { data: { json: TOKENS } } },
  '/trpc/accounts.logout': { result: { data: { json: { message: 'You are signed out.' } } } },
  '/trpc/accounts.me': [{ result: { data: { json: { email: 'ada@demo.test' } } } }],
};
