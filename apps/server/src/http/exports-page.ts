import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { type Html, html } from '../lib/html.ts';

const STYLE = `
  :root { color-scheme: dark; background: #0c0a10; color: #f7f2e8; font: 1.125rem/1.6 system-ui, sans-serif; }
  body { max-width: 30rem; margin: 20vh auto; padding: 0 1.5rem; }
  h1 { font: 2rem/1.2 Georgia, serif; }
  a { color: #f4b942; }
`;

// Whole: the policy names it by its digest, to the last space.
const STYLE_ELEMENT: Html = { html: `<style>${STYLE}</style>` };

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Tells a person who followed the link to an archive that it opens nothing any more, and where to get another one. */
export function sendGonePage(reply: FastifyReply, { publicUrl }: { publicUrl: string }): FastifyReply {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>This link is not good any more – Online Cinema</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <h1>This link is not good any more</h1>
        <p>A link to a copy of your data works for seven days, as long as the account is there.</p>
        <p><a href="${publicUrl}/account/data">Ask for another copy</a></p>
      </body>
    </html> `;
  return reply
    .code(404)
    .header('cache-control', 'no-store')
    .header('content-security-policy', POLICY)
    .type('text/html; charset=utf-8')
    .send(page.html);
}
