import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { ParsedMail } from './mail.ts';

/** A document, and the Content-Security-Policy it must be sent with. */
interface GuardedPage {
  html: string;
  policy: string;
}

/** The page that people read mail on; only its own script and style run on it. */
export const inboxPage: GuardedPage = readPage();

/** Prepares a mail's HTML for display: nothing of it runs, and nothing is fetched from elsewhere. */
export function viewHtml(mail: ParsedMail, embedded: boolean): GuardedPage {
  const html = mail.attachments.reduce(
    (text, { contentId, partId }) =>
      contentId ? text.replaceAll(`cid:${contentId}`, `/api/v1/message/${mail.id}/part/${partId}`) : text,
    mail.html,
  );
  return {
    html: embedded ? openLinksInNewTab(html) : html,
    policy: [
      "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; form-action 'none'",
      "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox",
    ].join('; '),
  };
}

function openLinksInNewTab(html: string): string {
  const base = '<base target="_blank">';
  // Anything in front of the doctype would change how the mail is laid out.
  for (const place of [/<head\b[^>]*>/i, /<html\b[^>]*>/i, /<!doctype\b[^>]*>/i]) {
    if (place.test(html)) return html.replace(place, (tag) => tag + base);
  }
  return base + html;
}

function readPage(): GuardedPage {
  const html = readFileSync(new URL('page.html', import.meta.url), 'utf8');
  const hash = (tag: string) => {
    const content = new RegExp(`<${tag}>([^]*)</${tag}>`).exec(html)?.[1] ?? '';
    return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  };
  const policy = [
    `default-src 'none'; script-src ${hash('script')}; style-src ${hash('style')}; connect-src 'self'; frame-src 'self'`,
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}
