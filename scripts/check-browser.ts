/**
 * Checks the cinema as people see it: starts all of `npm start` on free ports with a folder of its own, and walks through
 * the web app in the system's Chromium, from a new account to the end of a bought film. An error on a page's console, a
 * violated policy or a request to anybody else fails it. Needs Chromium: /usr/bin/chromium, or CHROMIUM_PATH.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser, type Watched } from './check-browser/browser.ts';
import { type Cinema, findPlace, startCinema } from './check-browser/cinema.ts';
import { visitAccount } from './check-browser/visit-account.ts';
import { visitDocs } from './check-browser/visit-docs.ts';
import { visitPlayer } from './check-browser/visit-player.ts';
import { visitAgain, visitAsNewcomer, visitCinema, visitDesk } from './check-browser/visit.ts';

const startedAt = performance.now();
const pictures = await mkdtemp(join(tmpdir(), 'cinema-browser-'));
const place = await findPlace();
let cinema: Cinema | undefined;
let browser: Watched | undefined;
try {
  cinema = await startCinema(place);
  report(`the cinema runs at ${cinema.appUrl}`);
  browser = await startBrowser(pictures);
  await visitAsNewcomer(cinema, browser, report);
  await visitAccount(cinema, browser, report);
  await visitCinema(cinema, browser, report);
  await visitPlayer(cinema, place, browser, report);
  await visitDesk(cinema, browser, report);
  await visitDocs(cinema, browser, report);
  // A page that is open would complain of the lost connection, and rightly.
  await browser.page.goto('about:blank');
  await cinema.kill();
  cinema = await startCinema(place);
  await visitAgain(cinema, browser, report);
  await cinema.stop();
  if (browser.faults.length > 0) throw new Error('The browser complains.');
  report('no error on any console, and no request to anybody else');
} catch (error) {
  process.exitCode = 1;
  await browser?.shoot('failed').catch(() => {});
  console.error(error instanceof Error ? error.message : error);
  for (const fault of browser?.faults ?? []) console.error(`  ${fault}`);
} finally {
  await browser?.stop();
  await cinema?.kill();
  await rm(place.dataDir, { recursive: true, force: true });
  console.log(`Pictures: ${pictures}`);
}

function report(step: string): void {
  console.log(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(5)} s  ${step}`);
}
