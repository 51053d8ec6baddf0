import { extname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { sendProblem } from './problem-reply.ts';

/** Serves the built web app. Its pages are one document; which one is shown, the document decides by the address. */
export async function mountStorefront(
  app: FastifyInstance,
  options: {
    folder: string;
    /** Where pictures and films are, when they are not here. */
    mediaOrigin: string | null;
  },
): Promise<void> {
  const policy = policyFor(options.mediaOrigin);
  await app.register(fastifyStatic, {
    root: options.folder,
    wildcard: true,
    index: false,
    cacheControl: false,
    setHeaders(reply, path) {
      // Built files carry a digest in their names.
      const isNamedByContent = path.startsWith(join(options.folder, 'assets'));
      reply.header('cache-control', isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache');
      reply.header('content-security-policy', policy);
    },
  });
  app.get('/', async (_request, reply) => sendPage(reply, options.folder, policy));
  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?')[0] ?? '/';
    if (!wantsPage(request) || extname(path) !== '' || /^\/(api|trpc|media|webhooks)\//.test(path)) {
      return sendProblem(reply, new AppError('not_found'));
    }
    return sendPage(reply, options.folder, policy);
  });
}

/** Tells whether a browser asks, which shows the answer to a person. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && headers.accept?.includes('text/html') === true;
}

function sendPage(reply: FastifyReply, folder: string, policy: string): FastifyReply {
  return reply
    .header('cache-control', 'no-cache')
    .header('content-security-policy', policy)
    .sendFile('index.html', folder, { cacheControl: false });
}

function policyFor(mediaOrigin: string | null): string {
  const media = mediaOrigin === null ? '' : ` ${mediaOrigin}`;
  return [
    "default-src 'self'",
    `img-src 'self' data: blob:${media}`,
    `media-src 'self' blob:${media}`,
    "style-src 'self' 'unsafe-inline'",
    "script-src 'self'",
    `connect-src 'self'${media}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
