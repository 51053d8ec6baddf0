/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import { Secret, TOTP } from 'otpauth';
import type { Page } from 'playwright-core';
import type { Watched } from './browser.ts';
import type { Cinema } from './cinema.ts';
import { type Account, fillSignIn, NEWCOMER, type Report, signIn, signOut } from './visit.ts';

const STEP_MS = 30_000;

/** Looks after an account: makes its sign-in ask for a code, signs in with one, and fetches a copy of its data. */
export async function visitAccount(cinema: Cinema, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  await page.goto(`${cinema.appUrl}/sign-in`);
  await signIn(page, NEWCOMER);
  await page.getByRole('button', { name: 'Your account' }).click();
  await page.getByRole('link', { name: 'Your account' }).click();
  await page.getByLabel('First name').waitFor();
  await browser.shoot('profile');
  const authenticator = await switchTotpOn(browser);
  report('switched two-factor login on');

  await signOut(page);
  await page.getByRole('link', { name: 'Sign in' }).click();
  await signInWithCode(page, NEWCOMER, authenticator);
  // The sign-in is refused first, and the console tells of it.
  browser.pardon(/\/sign-in.* status of 401/);
  report('signed out, and in again with a code');

  await page.goto(`${cinema.appUrl}/account/data`);
  await page.getByRole('button', { name: 'Export my data' }).click();
  await page.getByText('send you a link').waitFor();
  await browser.shoot('data');
  const archive = await fetchArchive(cinema, browser);
  if (archive.account?.email !== NEWCOMER.email) throw new Error('The archive is not about the account.');
  await signOut(page);
  report('asked for a copy of the data, and downloaded it with the link of the mail');
}

async function switchTotpOn(browser: Watched): Promise<TOTP> {
  const { page } = browser;
  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByText('This device').waitFor();
  await browser.shoot('security');
  await page.getByRole('link', { name: 'Set it up' }).click();
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await page.getByRole('img', { name: 'QR code' }).waitFor();
  await browser.shoot('two-factor');
  const secret = (await page.locator('code').innerText()).replaceAll(/\s/g, '');
  const authenticator = new TOTP({ secret: Secret.fromBase32(secret) });
  await page.getByRole('textbox', { name: 'Code' }).fill(authenticator.generate());
  await page.getByRole('button', { name: 'Switch it on' }).click();
  const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await codes.nth(9).waitFor();
  await browser.shoot('recovery-codes');
  await page.getByRole('button', { name: 'I have kept them' }).click();
  await page.getByText('It is on').waitFor();
  return authenticator;
}

async function signInWithCode(page: Page, account: Account, authenticator: TOTP): Promise<void> {
  await fillSignIn(page, account);
  // A code is good once: the one that switched it on is spent, and the next is taken before its time.
  const code = authenticator.generate({ timestamp: Date.now() + STEP_MS });
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Your account' }).waitFor();
}

/** Downloads what the link of the mail leads to. */
async function fetchArchive(cinema: Cinema, browser: Watched): Promise<{ account?: { email?: string } }> {
  const { page } = browser;
  browser.allow(cinema.inboxUrl);
  await page.goto(cinema.inboxUrl);
  await page.getByText('Your data export').first().click();
  const link = await page.frameLocator('iframe').getByRole('link', { name: 'Download your data' }).getAttribute('href');
  browser.allow(cinema.appUrl);
  await page.goto(cinema.appUrl);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.evaluate((address) => location.assign(address), link ?? ''),
  ]);
  return JSON.parse(await readFile(await download.path(), 'utf8')) as { account?: { email?: string } };
}
