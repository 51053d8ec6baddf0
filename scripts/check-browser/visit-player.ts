/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import type { Watched } from './browser.ts';
import { type Cinema, GRANT_SECONDS, type Place } from './cinema.ts';
import { giveHlsFilm } from './hls-film.ts';
import type { Report } from './visit.ts';

const VIEWER = 'viewer@demo.test';

/** Watches a film that comes as HLS, and one that comes as a file, for longer than their addresses are good. */
export async function visitPlayer(cinema: Cinema, place: Place, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  const { slug } = await giveHlsFilm(cinema, place, VIEWER);
  const grants = collectGrants(page);

  await page.goto(`${cinema.appUrl}/watch/${slug}`);
  const video = page.locator('video');
  await play(video);
  const source = await video.evaluate((element: HTMLVideoElement) => element.currentSrc);
  if (!source.startsWith('blob:')) throw new Error(`The film does not play as HLS, but from ${source}`);
  await waitForCaptions(video);
  await browser.shoot('hls');
  const [first] = grants();
  await page.waitForResponse((answer) => answer.url().includes('playback.renew') && answer.ok());
  await page.waitForTimeout(GRANT_SECONDS * 1_000 * 0.3);
  // Nothing of it is loaded yet: it needs an address that is still good.
  await video.evaluate(async (element: HTMLVideoElement) => {
    element.currentTime = 110;
    element.playbackRate = 2;
    if (!element.ended) await new Promise((resolve) => element.addEventListener('ended', resolve, { once: true }));
  });
  if (grants().every((grant) => grant === first)) throw new Error('The film was played with one grant.');
  report('watched HLS with captions, past the end of its first addresses, jumped ahead, and saw the end');

  await page.goto(`${cinema.appUrl}/library`);
  await page
    .getByRole('link', { name: /^(▶ )?Watch again/ })
    .last()
    .click();
  await play(video);
  const before = await video.evaluate((element: HTMLVideoElement) => {
    element.playbackRate = 0.5;
    return element.currentSrc;
  });
  await page.waitForResponse((answer) => answer.url().includes('playback.renew') && answer.ok());
  await video.evaluate(
    async (element: HTMLVideoElement, { address, at }) => {
      const wait = (isSo: () => boolean) =>
        new Promise<void>((resolve) => {
          const timer = setInterval(() => isSo() && (clearInterval(timer), resolve()), 50);
        });
      await wait(() => element.currentSrc !== address && !element.paused && element.currentTime > at);
    },
    { address: before, at: await video.evaluate((element: HTMLVideoElement) => element.currentTime) },
  );
  report('watched a file, and went on with other addresses where it was');
}

/** The grants of all that was asked for, in their order. */
function collectGrants(page: Page): () => string[] {
  const grants: string[] = [];
  page.on('request', (request) => {
    const grant = /\/media\/([\w-]+)\/[\w-]+\/hls\//.exec(request.url())?.[1];
    if (grant !== undefined) grants.push(grant);
  });
  return () => grants;
}

async function play(video: Locator): Promise<void> {
  await video.waitFor();
  // Before, there is nothing that the key could start.
  await waitUntil(video, 'The film is not loaded.', 'is loaded');
  await video.press(' ');
  await waitUntil(video, 'The film does not play.', 'plays');
}

async function waitForCaptions(video: Locator): Promise<void> {
  await waitUntil(video, 'No captions are shown.', 'captions');
}

type State = 'is loaded' | 'plays' | 'captions';

async function waitUntil(video: Locator, otherwise: string, what: State): Promise<void> {
  await video.evaluate(
    async (element: HTMLVideoElement, { message, state }) => {
      const isSo = {
        'is loaded': () => element.readyState >= HTMLMediaElement.HAVE_METADATA,
        plays: () => !element.paused && element.currentTime > 0.5,
        captions: () =>
          [...element.textTracks].some((track) => track.mode === 'showing' && (track.activeCues?.length ?? 0) > 0),
      }[state];
      const deadline = performance.now() + 30_000;
      while (!isSo()) {
        if (performance.now() > deadline) throw new Error(message);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    { message: otherwise, state: what },
  );
}
