import { Readable } from 'node:stream';

import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';

import { isSystemError, takenPort } from '../lib/ports.ts';
import type { ParsedMail } from './mail.ts';
import type { Mailbox } from './mailbox.ts';
import { toHeaders, toMessage, toMessages } from './mailpit.ts';
import { inboxPage, viewHtml } from './page.ts';
import { searchMails } from './search.ts';

export interface InboxHttp {
  port: number;
  stop(): Promise<void>;
}

interface ListQuery {
  query?: string;
  start?: string;
  limit?: string;
}

/**
 * Serves the mailbox: a page for people at `/`, Mailpit's API for programs.
 *
 * @throws Error when the port is taken.
 */
export async function startHttp(host: string, port: number, mailbox: Mailbox): Promise<InboxHttp> {
  const app = fastify({ forceCloseConnections: true });
  // Mailpit reads whatever comes as JSON, and takes what is not for nothing.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    });
  });
  app.setNotFoundHandler(async (_request, reply) => notFound(reply));

  addPage(app, mailbox);
  addLists(app, mailbox);
  addMessage(app, mailbox);

  try {
    await app.listen({ host, port });
  } catch (error) {
    throw isSystemError(error, 'EADDRINUSE') ? takenPort(port, "the inbox's page") : error;
  }
  const address = app.server.address();
  return { port: typeof address === 'object' && address ? address.port : port, stop: () => app.close() };
}

function addPage(app: FastifyInstance, mailbox: Mailbox): void {
  app.get('/', async (_request, reply) => {
    return await reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', inboxPage.policy)
      .send(inboxPage.html);
  });
  app.get('/events', async (_request, reply) => {
    const events = new Readable({ read() {} });
    events.push('retry: 1000\n\ndata: change\n\n');
    reply.raw.once(
      'close',
      mailbox.onChange(() => events.push('data: change\n\n')),
    );
    return await reply.type('text/event-stream').send(events);
  });
  app.get<{ Params: { file: string }; Querystring: { embed?: string } }>('/view/:file', async (request, reply) => {
    const [, id = '', kind] = /^(\w+)\.(html|txt)$/.exec(request.params.file) ?? [];
    const mail = findMail(mailbox, id);
    if (!mail) return await notFound(reply);
    mailbox.markRead(mail);
    if (kind === 'txt') return await reply.type('text/plain; charset=utf-8').send(mail.text);
    if (mail.html === '') return await notFound(reply, 'This message does not contain a HTML part');
    const view = viewHtml(mail, request.query.embed === '1');
    return await reply.type('text/html; charset=utf-8').header('content-security-policy', view.policy).send(view.html);
  });
}

function addLists(app: FastifyInstance, mailbox: Mailbox): void {
  app.get<{ Querystring: ListQuery }>('/api/v1/messages', async ({ query }) => {
    const mails = mailbox.messages();
    return toMessages(mails, mails, wholeNumber(query.start, 0), wholeNumber(query.limit, 50));
  });
  app.get<{ Querystring: ListQuery }>('/api/v1/search', async ({ query }, reply) => {
    const wanted = query.query?.trim();
    if (!wanted) return await reply.code(400).type('text/plain; charset=utf-8').send('Error: no search query');
    const mails = mailbox.messages();
    return toMessages(mails, searchMails(mails, wanted), wholeNumber(query.start, 0), wholeNumber(query.limit, 50));
  });
  app.delete('/api/v1/messages', async ({ body }, reply) => {
    mailbox.clear(readIds(body));
    return await reply.type('text/plain; charset=utf-8').send('ok');
  });
}

function addMessage(app: FastifyInstance, mailbox: Mailbox): void {
  app.get<{ Params: { id: string } }>('/api/v1/message/:id', async ({ params }, reply) => {
    const mail = findMail(mailbox, params.id);
    if (!mail) return await notFound(reply);
    mailbox.markRead(mail);
    return toMessage(mail);
  });
  app.get<{ Params: { id: string } }>('/api/v1/message/:id/headers', async ({ params }, reply) => {
    const mail = findMail(mailbox, params.id);
    return mail ? toHeaders(mail) : await notFound(reply);
  });
  app.get<{ Params: { id: string } }>('/api/v1/message/:id/raw', async ({ params }, reply) => {
    const mail = findMail(mailbox, params.id);
    return mail ? await reply.type('text/plain; charset=utf-8').send(mail.raw) : await notFound(reply);
  });
  app.get<{ Params: { id: string; partId: string } }>('/api/v1/message/:id/part/:partId', async ({ params }, reply) => {
    const part = findMail(mailbox, params.id)?.attachments.find(({ partId }) => partId === params.partId);
    if (!part) return await notFound(reply);
    // Shown only what cannot run anything in this origin.
    const harmless = /^image\/(png|jpeg|gif|webp|avif)$/.test(part.contentType);
    return await reply
      .type(harmless ? part.contentType : 'application/octet-stream')
      .header(
        'content-disposition',
        `${harmless ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeHeader(part.filename)}`,
      )
      .header('content-security-policy', "default-src 'none'; sandbox")
      .send(part.content);
  });
}

function findMail(mailbox: Mailbox, id: string): ParsedMail | undefined {
  return id === 'latest' ? mailbox.messages()[0] : mailbox.find(id);
}

async function notFound(reply: FastifyReply, message = '404 page not found'): Promise<FastifyReply> {
  return await reply.code(404).type('text/plain; charset=utf-8').send(message);
}

function wholeNumber(text: string | undefined, fallback: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : fallback;
}

/** Reads `{"IDs":[…]}`; `undefined`, which means all, when there are none. */
function readIds(body: unknown): string[] | undefined {
  try {
    const data: unknown = JSON.parse(String(body));
    if (typeof data !== 'object' || data === null || !('IDs' in data) || !Array.isArray(data.IDs)) return undefined;
    return data.IDs.length > 0 ? data.IDs.map(String) : undefined;
  } catch {
    return undefined;
  }
}

function encodeHeader(filename: string): string {
  // A lone surrogate would throw, and RFC 5987 wants more escaped than a URL does.
  return encodeURIComponent(filename.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16)}`,
  );
}
