/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import type { Watched } from './browser.ts';
import { type Cinema, GRANT_SECONDS, type Place } from './cinema.ts';
import { giveHlsFilm } from './hls-film.ts';
import type { Report } from './visit.ts';

const VIEWER = 'viewer@demo.test';
/** So much of a file comes at first: the clip has 420 kB for its 16 seconds. */
const HELD_FROM = 200_000;

/**
 * Watches a film that comes as HLS, by the client's player and hls.js, and one that comes as a file, for longer than their
 * addresses are good.
 */
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
  // Only the leaving of the page saves this place.
  await video.evaluate(async (element: HTMLVideoElement) => {
    for (const [event, act] of [
      ['pause', () => element.pause()],
      ['seeked', () => (element.currentTime = 20)],
    ] as const) {
      const happened = new Promise((resolve) => element.addEventListener(event, resolve, { once: true }));
      act();
      await happened;
    }
  });
  await page.reload();
  await play(video);
  const resumedAt = await video.evaluate((element: HTMLVideoElement) => element.currentTime);
  if (resumedAt < 20) throw new Error(`The film was left at 20 s and goes on at ${resumedAt} s.`);
  const first = grants().at(-1);
  const asked = grants().length;
  await page.waitForResponse((answer) => answer.url().includes('playback.renew') && answer.ok());
  await page.waitForTimeout(GRANT_SECONDS * 1_000 * 0.3);
  // Nothing of it is loaded yet: it needs an address that is still good.
  await video.evaluate(async (element: HTMLVideoElement) => {
    element.currentTime = 110;
    element.playbackRate = 2;
    if (!element.ended) await new Promise((resolve) => element.addEventListener('ended', resolve, { once: true }));
  });
  if (
    grants()
      .slice(asked)
      .every((grant) => grant === first)
  )
    throw new Error('The film was played with one grant.');
  report('watched HLS with captions, left and came back, went past the end of its first addresses, and saw the end');

  await page.goto(`${cinema.appUrl}/library`);
  const askForTheRest = await holdRest(page);
  await page
    .getByRole('link', { name: /^(▶ )?Watch again/ })
    .last()
    .click();
  await play(video);
  await video.evaluate((element: HTMLVideoElement) => (element.playbackRate = 0.5));
  const expired = await video.evaluate((element: HTMLVideoElement) => element.currentSrc);
  await page.waitForResponse((answer) => answer.url().includes('playback.renew') && answer.ok());
  await page.waitForTimeout(GRANT_SECONDS * 1_000 * 0.3);
  const refused = page.waitForResponse((answer) => answer.url() === expired && answer.status() === 403);
  const at = await video.evaluate((element: HTMLVideoElement) => element.currentTime);
  askForTheRest();
  await refused;
  await video.evaluate(
    async (element: HTMLVideoElement, { address, at }) => {
      const wait = (isSo: () => boolean) =>
        new Promise<void>((resolve) => {
          const timer = setInterval(() => isSo() && (clearInterval(timer), resolve()), 50);
        });
      await wait(() => element.currentSrc !== address && !element.paused && element.currentTime > at + 1);
    },
    { address: expired, at },
  );
  await page.unrouteAll({ behavior: 'wait' });
  browser.pardon(/403/);
  report('watched a file, and went on with other addresses where it was');
}

/** Lets a file begin, and keeps the request for the rest of it back. Returns how to let it go. */
async function holdRest(page: Page): Promise<() => void> {
  let letGo = () => {};
  const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
  await page.route('**/movie.mp4', async (route) => {
    const headers = route.request().headers();
    if (headers['range'] === 'bytes=0-') {
      await route.continue({ headers: { ...headers, range: `bytes=0-${HELD_FROM - 1}` } });
    } else {
      await isLetGo;
      await route.continue();
    }
  });
  return letGo;
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
