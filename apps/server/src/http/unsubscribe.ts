import type { FastifyInstance, FastifyReply } from 'fastify';
import { readUnsubscribe, unsubscribe } from '../community/unsubscribe.ts';
import type { Deps } from '../deps.ts';
import { type Html, html } from '../lib/html.ts';

const POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');
const BODY_LIMIT = 10_000;

/**
 * `/unsubscribe/{kind}/{token}`, from a mail: `GET` shows a button and changes nothing, for scanners follow links; `POST`
 * ends the mails, by the button or by the reader's mail program (RFC 8058). Nobody has to sign in for it.
 */
export async function mountUnsubscribe(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'db' | 'oneTimeTokens'> },
): Promise<void> {
  const { deps } = options;
  // A form or a part of one, as the mail program likes it: what it says is known.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, _body, done) => done(null));

  app.get('/:kind/:token', async (request, reply) => {
    readUnsubscribe(deps, request.params as { kind: string; token: string });
    return sendPage(
      reply,
      html`<h1>No more mails like this?</h1>
        <p>What you are told in the app stays as it is.</p>
        <form method="post"><button>Unsubscribe</button></form>`,
    );
  });

  app.post('/:kind/:token', async (request, reply) => {
    await unsubscribe(deps, readUnsubscribe(deps, request.params as { kind: string; token: string }));
    return sendPage(
      reply,
      html`<h1>Done</h1>
        <p>You will get no more mails like this. Your notification settings can bring them back.</p>`,
    );
  });
}

function sendPage(reply: FastifyReply, content: Html): FastifyReply {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Online Cinema</title>
        <style>
          body {
            max-width: 34rem;
            margin: 4rem auto;
            padding: 0 1rem;
            font:
              16px/1.5 system-ui,
              sans-serif;
          }
          button {
            font: inherit;
            padding: 0.6em 1.2em;
          }
        </style>
      </head>
      <body>
        ${content}
      </body>
    </html>`;
  return reply
    .header('content-security-policy', POLICY)
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .type('text/html; charset=utf-8')
    .send(page.html);
}
