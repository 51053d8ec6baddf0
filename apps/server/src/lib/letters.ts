import { type Html, html } from './html.ts';
import type { Letter } from './mailer.ts';

type LetterParts = {
  key: string;
  to: string;
  subject: string;
  paragraphs: Html[];
  action?: { label: string; url: string };
  ending?: Html;
  /** Where its reader ends mails of this kind. */
  unsubscribeUrl?: string;
};

/** Puts a letter's parts into the one page all mails share, and writes its text part from them. */
export function composeLetter({ key, to, subject, paragraphs, action, ending, unsubscribeUrl }: LetterParts): Letter {
  const text = [
    ...paragraphs.map(toText),
    ...(action ? [`${action.label}: ${action.url}`] : []),
    ...(ending ? [toText(ending)] : []),
    ...(unsubscribeUrl === undefined ? [] : [`${UNSUBSCRIBE}: ${unsubscribeUrl}`]),
    '-- \nOnline Cinema',
  ].join('\n\n');
  const page = renderPage({ subject, paragraphs, action, endings: [ending, renderUnsubscribe(unsubscribeUrl)] });
  return { key, to, subject, text, html: page, ...(unsubscribeUrl !== undefined && { unsubscribeUrl }) };
}

/** What a letter tells whose link carries a one-time token. */
export type TokenMail = { email: string; tokenId: string; token: string; expiresAt: Date; publicUrl: string };

/**
 * Writes a letter with the link of a one-time token. Each token has its own; the time it is good until is said in UTC.
 *
 * @param parts `todo` is what the link is followed for, `page` where it leads.
 */
export function tokenLetter(
  { email, tokenId, token, expiresAt, publicUrl }: TokenMail,
  parts: { kind: string; subject: string; opening: Html; todo: string; label: string; page: string; ending: Html },
): Letter {
  return composeLetter({
    key: `${parts.kind}.${tokenId}`,
    to: email,
    subject: parts.subject,
    paragraphs: [
      parts.opening,
      html`Follow the link to ${parts.todo}. The link is good once, and until ${minuteOf(expiresAt)}.`,
    ],
    action: { label: parts.label, url: `${publicUrl}/${parts.page}?token=${token}` },
    ending: parts.ending,
  });
}

/** Says a moment to the minute, in UTC. */
export function minuteOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

const UNSUBSCRIBE = 'No more mails like this';

function renderUnsubscribe(url: string | undefined): Html | undefined {
  return url === undefined ? undefined : html`<a href="${url}" style="color:inherit">${UNSUBSCRIBE}</a>`;
}

type PageParts = Pick<LetterParts, 'subject' | 'paragraphs'> & {
  action: LetterParts['action'] | undefined;
  endings: (Html | undefined)[];
};

function renderPage({ subject, paragraphs, action, endings }: PageParts): string {
  const body = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${subject}</title>
      </head>
      <body style="margin:0;padding:32px 16px;background:#f4f2ee;color:#1d1b18;font:16px/1.5 system-ui,sans-serif">
        <div style="max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:12px">
          <p style="margin:0 0 24px;font-weight:700;letter-spacing:.04em">ONLINE CINEMA</p>
          <h1 style="margin:0 0 16px;font-size:22px;line-height:1.3">${subject}</h1>
          ${paragraphs.map((paragraph) => html`<p style="margin:0 0 16px">${paragraph}</p>`)}
          ${action ? renderAction(action) : ''}
          ${endings.flatMap((ending) =>
            ending ? [html`<p style="margin:0;color:#6b665e;font-size:14px">${ending}</p>`] : [],
          )}
        </div>
      </body>
    </html>`;
  return body.html.replace(/^ {4,}/gm, '');
}

function renderAction({ label, url }: { label: string; url: string }): Html {
  return html`<p style="margin:24px 0">
    <a
      id="link"
      href="${url}"
      style="display:inline-block;padding:12px 20px;border-radius:8px;background:#b3261e;color:#fff;text-decoration:none"
      >${label}</a
    >
  </p>`;
}

function toText({ html: source }: Html): string {
  return source
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ')
    .replace(/&(lt|gt|quot|#39|amp);/g, (_match, name: string) => CHARACTERS[name]!)
    .trim();
}

const CHARACTERS: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
