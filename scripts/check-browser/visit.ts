/// <reference lib="dom" />
import type { Locator, Page } from 'playwright-core';
import type { Watched } from './browser.ts';
import type { Cinema } from './cinema.ts';

const CARD = { cardNumber: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123' };

/** Who opens an account, and looks after it later. */
export const NEWCOMER: Account = { email: 'newcomer@example.com', password: 'Popcorn-for-2' };

export type Account = { email: string; password: string };

/** Told of each step that is done. */
export type Report = (step: string) => void;

/** Does what a customer does: signs in, searches, buys, pays, and watches the film to its end. */
export async function visitCinema(cinema: Cinema, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  const film = await chooseFilm(cinema);

  await page.goto(cinema.appUrl);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('a[href^="/movies/"]').first().waitFor();
  await browser.shoot('home');
  report('the first page shows films');

  await page.getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, { email: 'viewer@demo.test', password: 'Popcorn-demo1' });
  report('signed in as viewer@demo.test');

  await page.getByRole('searchbox').pressSequentially(film.name, { delay: 15 });
  await page.getByRole('heading', { name: `Films for “${film.name}”` }).waitFor();
  await browser.shoot('search');
  await page.locator(`a[href="/movies/${film.slug}"]`).click();
  await page.getByRole('heading', { level: 1, name: film.name }).waitFor();
  await browser.shoot('film');
  report(`found ${film.name}`);

  await page.getByRole('button', { name: /^Buy for/ }).click();
  await page.getByRole('link', { name: /In your cart/ }).click();
  const order = page.getByRole('button', { name: 'Order and pay' });
  await order.waitFor();
  await browser.shoot('cart');
  browser.allow(cinema.appUrl, cinema.simulatorUrl);
  await order.click();
  await pay(page, browser);
  report('ordered, and paid on the payment service’s page');

  await page.getByText('Thank you, it is paid.').waitFor();
  browser.allow(cinema.appUrl);
  await browser.shoot('order');
  report('the order is paid');

  await page.getByRole('link', { name: 'To your library' }).click();
  await page.getByRole('link', { name: `Watch ${film.name}` }).waitFor();
  await browser.shoot('library');
  await page.getByRole('link', { name: `Watch ${film.name}` }).click();
  await watchFilm(page.locator('video'), browser);
  report('watched to its end, with captions');

  await page.getByRole('link', { name: 'Library', exact: true }).click();
  await page.getByText('✓ Watched').waitFor();
  report('the library knows that it was watched');
}

/** The most popular film that is for sale and has a video. */
async function chooseFilm({ appUrl }: Cinema): Promise<{ name: string; slug: string }> {
  const answer = await fetch(`${appUrl}/api/v1/movies?sort=popularity&limit=50`);
  const { items } = (await answer.json()) as {
    items: { name: string; slug: string; hasVideo: boolean; price: unknown }[];
  };
  const film = items.find(({ hasVideo, price }) => hasVideo && price !== null);
  if (!film) throw new Error('No film to buy: is the demo catalogue seeded?');
  return film;
}

async function pay(page: Page, browser: Watched): Promise<void> {
  await page.locator('[name=cardNumber]').fill(CARD.cardNumber);
  await page.locator('[name=expiry]').fill(CARD.expiry);
  await page.locator('[name=cvc]').fill(CARD.cvc);
  await browser.shoot('payment');
  await page.getByRole('button', { name: /^Pay / }).click();
}

/** Plays the film from the keyboard, as the player's focus allows, and waits for its end. */
async function watchFilm(video: Locator, browser: Watched): Promise<void> {
  await video.waitFor();
  await video.press(' ');
  await video.evaluate(async (element: HTMLVideoElement) => {
    const wait = (isSo: () => boolean, what: string) =>
      new Promise<void>((resolve, reject) => {
        const timer = setInterval(() => {
          if (isSo()) resolve();
          else if (performance.now() > deadline) reject(new Error(what));
          else return;
          clearInterval(timer);
        }, 100);
      });
    const deadline = performance.now() + 30_000;
    await wait(() => !element.paused && element.currentTime > 0.5, 'The film does not play.');
    await wait(
      () => [...element.textTracks].some((track) => track.mode === 'showing' && (track.activeCues?.length ?? 0) > 0),
      'No captions are shown.',
    );
  });
  await browser.shoot('watching');
  await video.evaluate(async (element: HTMLVideoElement) => {
    if (element.ended) return;
    await new Promise((resolve, reject) => {
      element.addEventListener('ended', resolve, { once: true });
      element.addEventListener('error', () => reject(new Error(element.error?.message ?? 'The film broke off.')));
    });
  });
  await browser.shoot('watched');
}

/** Opens an account, with the link of the mail that comes. */
export async function visitAsNewcomer(cinema: Cinema, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  await page.goto(`${cinema.appUrl}/register`);
  await page.getByLabel('E-mail').fill(NEWCOMER.email);
  await page.getByLabel('Password').fill(NEWCOMER.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  await browser.shoot('check-mail');

  browser.allow(cinema.inboxUrl);
  await page.goto(cinema.inboxUrl);
  await page.getByText(NEWCOMER.email).first().click();
  const link = await page.frameLocator('iframe').locator('#link').getAttribute('href');
  browser.allow(cinema.appUrl);
  await page.goto(link ?? '');
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
  await signIn(page, NEWCOMER);
  await browser.shoot('newcomer');
  await signOut(page);
  report(`opened an account as ${NEWCOMER.email}, activated it, signed in and out`);
}

/** Signs in with a password alone. */
export async function signIn(page: Page, account: Account): Promise<void> {
  await fillSignIn(page, account);
  await page.getByRole('button', { name: 'Your account' }).waitFor();
}

/** Sends the form of the page for signing in. */
export async function fillSignIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Signs out, from any page. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
}

/** Looks whether the film that was bought is still there, and the viewer still known. */
export async function visitAgain(cinema: Cinema, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  await page.goto(`${cinema.appUrl}/library`);
  await page.getByText('✓ Watched').first().waitFor();
  report('the cinema was killed and started again: still signed in, and the film is still there');
}

/** Opens what developers look at: the documentation and the inbox, with the mail of the purchase in it. */
export async function visitDesk(cinema: Cinema, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  await page.goto(`${cinema.appUrl}/docs`);
  await page.getByRole('heading', { name: 'Online Cinema', level: 1 }).waitFor();
  await page
    .getByRole('button', { name: 'movies' })
    .or(page.getByRole('link', { name: 'movies' }))
    .first()
    .click();
  await page.getByText('Search and browse the films').first().waitFor();
  await browser.shoot('docs');
  report('the documentation shows the API');

  browser.allow(cinema.inboxUrl);
  await page.goto(cinema.inboxUrl);
  await page.getByText('viewer@demo.test').first().click();
  await page.frameLocator('iframe').locator('body').getByText(/paid/i).first().waitFor();
  await browser.shoot('inbox');
  report('the inbox shows the mail of the purchase');
}
