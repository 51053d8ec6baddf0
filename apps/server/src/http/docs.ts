import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { toProblem } from '../lib/problems.ts';
import { createDocsAccess } from './docs-access.ts';

// The package does not export its browser build; it stands beside its entry.
const SCALAR_FOLDER = dirname(createRequire(import.meta.url).resolve('@scalar/api-reference'));

const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
].join('; ');

const BASIC = 'Basic realm="Online Cinema", charset="UTF-8"';

/** `/openapi.json` and `/docs`: the REST face described and shown, to everybody or to account holders only. */
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

  let document: Promise<string> | undefined;
  app.get('/openapi.json', async (_request, reply) => {
    document ??= describeApi().catch((error: unknown) => {
      document = undefined;
      throw error;
    });
    return reply.type('application/json; charset=utf-8').send(await document);
  });
  app.get('/docs/scalar.js', async (_request, reply) =>
    reply
      .header('cache-control', 'private, max-age=86400')
      .sendFile('browser/standalone.js', SCALAR_FOLDER, { cacheControl: false }),
  );
  app.get('/docs/start.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START_SCRIPT));
  app.get('/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', POLICY).send(PAGE),
  );
}

// The generator is a third of what the process would load at its start, and most processes are never asked.
async function describeApi(): Promise<string> {
  const { createOpenApiDocument } = await import('./openapi.ts');
  return JSON.stringify(createOpenApiDocument());
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Online Cinema API</title>
    <link rel="icon" href="data:," />
  </head>
  <body>
    <div id="app"></div>
    <script src="/docs/scalar.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

// Everything the page would fetch from others is off: fonts, telemetry, proxies, assistants.
const START_SCRIPT = `Scalar.createApiReference('#app', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
  hideClientButton: true,
  documentDownloadType: 'direct',
});
`;
