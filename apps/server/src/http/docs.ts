import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { verifyCredentials } from '../accounts/credentials.ts';
import { authenticate } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';

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

/** `/openapi.json` and `/docs`: the REST face described and shown, to everybody or to account holders only. */
export async function mountDocs(app: FastifyInstance, options: { deps: Deps }): Promise<void> {
  const { deps } = options;
  if (deps.config.docsAccess === 'authenticated') {
    app.addHook('onRequest', async (request) => await admit(deps, request));
    // What a browser asks its user for a name and a password at.
    app.addHook('onSend', async (_request, reply) => {
      if (reply.statusCode === 401) reply.header('www-authenticate', 'Basic realm="Online Cinema", charset="UTF-8"');
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

async function admit(deps: Deps, { headers: { authorization }, ip }: FastifyRequest): Promise<void> {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) {
    await authenticate({ deps, authorization });
    return;
  }
  const credentials = Buffer.from(basic, 'base64').toString('utf8');
  // The database would refuse it with a reason that is not ours here.
  if (credentials.includes('\0')) throw new AppError('not_authenticated');
  const [email = '', ...password] = credentials.split(':');
  const address = email.trim().normalize('NFC').toLowerCase();
  const user = await verifyCredentials(deps, { email: address, password: password.join(':') }, ip);
  if (!user.isActive) throw new AppError('not_authenticated');
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
