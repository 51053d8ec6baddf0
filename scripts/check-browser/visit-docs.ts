/// <reference lib="dom" />
import type { Watched } from './browser.ts';
import type { Cinema } from './cinema.ts';
import type { Report } from './visit.ts';

/** Reads the documentation, on both of its pages: each shows an operation with the reasons it refuses with. */
export async function visitDocs(cinema: Cinema, browser: Watched, report: Report): Promise<void> {
  const { page } = browser;
  browser.allow(cinema.appUrl);
  for (const path of ['/docs', '/redoc']) {
    await page.goto(`${cinema.appUrl}${path}`);
    const operation = page.getByRole('heading', { name: 'Open an account' }).first();
    await operation.scrollIntoViewIfNeeded();
    await page.getByText('email_taken').first().waitFor();
    await browser.shoot(path.slice(1));
  }
  await page.getByRole('textbox').first().fill('receipt');
  await page
    .getByRole('menuitem', { name: /receipt/i })
    .first()
    .waitFor();
  report('the documentation shows every operation, on both of its pages');
}
