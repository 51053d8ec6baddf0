/// <reference lib="dom" />
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

/** A browser, and what it has seen go wrong. */
export type Watched = {
  page: Page;
  /** Console errors, errors of scripts, violations of a page's policy, and requests to anybody but `origins`. */
  faults: string[];
  /** Who may be asked from now on. */
  allow(...origins: string[]): void;
  /** Strikes off a fault that had to be, and throws when it was not there. */
  pardon(expected: RegExp): void;
  /** Keeps a picture of the page. */
  shoot(name: string): Promise<void>;
  stop(): Promise<void>;
};

const PATHS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(
  (name) => `/usr/bin/${name}`,
);

// Alone, quiet, and with nothing to say to its maker.
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the system's Chromium without a window and watches every page it opens. Pictures go into `folder`. */
export async function startBrowser(folder: string): Promise<Watched> {
  const profile = await mkdtemp(join(tmpdir(), 'cinema-browser-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    args: ARGS,
    locale: 'en-US',
    viewport: { width: 1280, height: 900 },
  });
  const faults: string[] = [];
  let allowed: string[] = [];
  await watch(context, faults, (origin) => allowed.includes(origin));
  const page = await context.newPage();
  let pictures = 0;
  return {
    page,
    faults,
    allow(...origins) {
      allowed = origins.map((address) => new URL(address).origin);
    },
    pardon(expected) {
      const index = faults.findIndex((fault) => expected.test(fault));
      if (index < 0) throw new Error(`The browser was to complain: ${String(expected)}`);
      faults.splice(index, 1);
    },
    async shoot(name) {
      pictures += 1;
      await page.screenshot({
        path: join(folder, `${String(pictures).padStart(2, '0')}-${name}.png`),
        animations: 'disabled',
      });
    },
    async stop() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

async function watch(context: BrowserContext, faults: string[], isAllowed: (origin: string) => boolean): Promise<void> {
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy violated: ${violatedDirective} by ${blockedURI}`),
    );
  });
  context.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console on ${message.page()?.url()}: ${message.text()}`);
  });
  context.on('weberror', (error) => faults.push(`script on ${error.page()?.url()}: ${error.error().message}`));
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (/^https?:|^wss?:/.test(protocol) && !isAllowed(origin)) faults.push(`request to ${request.url()}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 500) faults.push(`${response.status()} from ${response.url()}`);
  });
}

function findChromium(): string {
  const path = process.env['CHROMIUM_PATH'] || PATHS.find((each) => existsSync(each));
  if (!path)
    throw new Error(`No Chromium found. Install one, or say where it is: CHROMIUM_PATH=… (tried ${PATHS.join(', ')})`);
  return path;
}
