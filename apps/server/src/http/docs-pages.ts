import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A page that shows `/openapi.json`, made of a bundle of somebody else's and of what we start it with. */
export type DocsPage = {
  path: string;
  /** Its Content-Security-Policy. */
  policy: string;
  html: string;
  start: string;
  readBundle: () => Promise<Buffer>;
};

// Neither package exports its browser build.
const require = createRequire(import.meta.url);
const SCALAR_BUNDLE = join(dirname(require.resolve('@scalar/api-reference')), 'browser/standalone.js');
const REDOC_BUNDLE = join(dirname(require.resolve('redoc/package.json')), 'bundles/redoc.standalone.js');

/** The one thing its bundle fetches from others. An image that is nothing hides itself. */
const REDOC_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_IMAGE = 'data:,';

/** Its bundle would try whether it may make code of texts, which the policy forbids: zod in it, only to be faster. */
const NO_EVAL = 'globalThis.__zod_globalConfig = { jitless: true };\n';

// Everything the page would fetch from others is off: fonts, telemetry, proxies, assistants.
const START_SCALAR = `Scalar.createApiReference('#app', {
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

const START_REDOC = `Redoc.init(
  '/openapi.json',
  {
    downloadUrls: [{ title: 'openapi.json', url: '/openapi.json' }],
    jsonSamplesExpandLevel: 3,
    theme: { typography: { fontFamily: 'system-ui, sans-serif', headings: { fontFamily: 'system-ui, sans-serif' } } },
  },
  document.getElementById('app'),
);
`;

/** The pages: the one is for trying calls out, the other for reading. */
export const DOCS_PAGES: readonly DocsPage[] = [
  {
    path: '/docs',
    policy: policyWith(),
    html: pageAt('/docs'),
    start: START_SCALAR,
    readBundle: async () => Buffer.concat([Buffer.from(NO_EVAL), await readFile(SCALAR_BUNDLE)]),
  },
  {
    path: '/redoc',
    // Its search runs in a worker it writes itself.
    policy: policyWith('worker-src blob:'),
    html: pageAt('/redoc'),
    start: START_REDOC,
    readBundle: async () => {
      const bundle = await readFile(REDOC_BUNDLE, 'utf8');
      return Buffer.from(bundle.replaceAll(REDOC_LOGO, NO_IMAGE));
    },
  },
];

function policyWith(...directives: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    ...directives,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function pageAt(path: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Online Cinema API</title>
    <link rel="icon" href="data:," />
    <style>
      body {
        margin: 0;
      }
    </style>
  </head>
  <body>
    <div id="app"></div>
    <script src="${path}/bundle.js"></script>
    <script src="${path}/start.js"></script>
  </body>
</html>
`;
}
