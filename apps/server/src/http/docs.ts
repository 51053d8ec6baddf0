import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { etagOf } from '../lib/etag.ts';
import { toProblem } from '../lib/problems.ts';
import { createDocsAccess } from './docs-access.ts';
import { DOCS_PAGES, type DocsPage } from './docs-pages.ts';
import { sendPublicRead } from './public-reads.ts';

const BASIC = 'Basic realm="Online Cinema", charset="UTF-8"';

/** `/openapi.json`, `/docs` and `/redoc`: the REST face described and shown, to everybody or to account holders only. */
export async function mountDocs(app: FastifyInstance, options: { deps: Deps }): Promise<void> {
  const { deps } = options;
  if (deps.config.docsAccess === 'authenticated') {
    const admit = createDocsAccess(deps);
    app.addHook('onRequest', async (request, reply) => {
      await admit(request).catch((error: unknown) => {
        // At this a browser asks its user for a name and a password, which would not help with a second factor.
        const needsBearer = error instanceof AppError && error.reason === 'bearer_required';
        if (!needsBearer && toProblem(error).status === 401) reply.header('www-authenticate', BASIC);
        throw error;
      });
    });
    app.addHook('onSend', async (_request, reply) => {
      if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'private, no-cache');
    });
  }

  let document: Promise<{ body: string; etag: string }> | undefined;
  app.get('/openapi.json', async (request, reply) => {
    document ??= describeApi().catch((error: unknown) => {
      document = undefined;
      throw error;
    });
    return sendPublicRead(request, reply, await document);
  });
  for (const page of DOCS_PAGES) mountPage(app, page);
}

function mountPage(app: FastifyInstance, { path, policy, html, start, readBundle }: DocsPage): void {
  let bundle: Promise<Buffer> | undefined;
  app.get(`${path}/bundle.js`, async (_request, reply) => {
    bundle ??= readBundle();
    return reply
      .header('cache-control', 'private, max-age=86400')
      .type('text/javascript; charset=utf-8')
      .send(await bundle);
  });
  app.get(`${path}/start.js`, async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(start));
  app.get(path, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(html),
  );
}

// The generator is a third of what the process would load at its start, and most processes are never asked.
async function describeApi(): Promise<{ body: string; etag: string }> {
  const { createOpenApiDocument } = await import('./openapi.ts');
  const body = JSON.stringify(createOpenApiDocument());
  return { body, etag: etagOf(body) };
}
