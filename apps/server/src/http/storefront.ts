import { extname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { sendProblem } from './problem-reply.ts';

const POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "script-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the built web app. Its pages are one document; which one is shown, the document decides by the address. */
export async function mountStorefront(app: FastifyInstance, options: { folder: string }): Promise<void> {
  await app.register(fastifyStatic, {
    root: options.folder,
    decorateReply: false,
    wildcard: true,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      // Built files carry a digest in their names.
      const isNamedByContent = path.includes('/assets/');
      reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('content-security-policy', POLICY);
    },
  });
  app.setNotFoundHandler(async (request, reply) => {
    const wantsPage = request.method === 'GET' && request.headers.accept?.includes('text/html');
    const path = request.url.split('?')[0] ?? '/';
    if (!wantsPage || extname(path) !== '' || /^\/(api|trpc|media|webhooks)\//.test(path)) {
      return sendProblem(reply, new AppError('not_found'));
    }
    return reply.header('cache-control', 'no-cache').sendFile('index.html', options.folder);
  });
}
