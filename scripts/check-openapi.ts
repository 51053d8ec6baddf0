/**
 * Checks the OpenAPI document with other people's tools: Redocly and Spectral find nothing to complain of; clients that
 * openapi-typescript and Hey API generate from it compile, and buy a film from a running cinema, through Prism; and Prism,
 * put before the REST face in a part of the suite, finds that the cinema answers as documented. The tools are kept in
 * `.tools/openapi`, with a TypeScript of their own, so that nobody else has to install them. Needs the package registry.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cinema, findPlace, startCinema } from './check-browser/cinema.ts';
import { judge, type Paths } from './check-openapi/exchanges.ts';
import { type Exchange, startPrism } from './check-openapi/prism.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = join(ROOT, '.tools/openapi');
const DOCUMENT = join(ROOT, 'docs/openapi.json');
const CONSUMERS = join(ROOT, 'docs/examples/generated-clients');

const DEPENDENCIES = {
  '@hey-api/openapi-ts': '0.99.0',
  '@redocly/cli': '2.77.0',
  '@stoplight/prism-core': '5.16.0',
  '@stoplight/prism-http': '5.16.0',
  '@stoplight/prism-http-server': '5.16.0',
  '@stoplight/spectral-cli': '6.16.3',
  '@stoplight/spectral-owasp-ruleset': '2.0.1',
  'openapi-fetch': '0.17.0',
  'openapi-typescript': '7.13.0',
  typescript: '5.9.3',
};

const COMPILER_OPTIONS = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  target: 'es2024',
  lib: ['ES2024', 'DOM', 'DOM.Iterable'],
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  allowImportingTsExtensions: true,
  skipLibCheck: false,
  noEmit: true,
};

/** The part of the suite that says most over REST. Not `http/door`: what that sends fells or escapes Prism too. */
const TESTS = [
  'accounts/activation',
  'accounts/profile',
  'accounts/session-list',
  'admin/users',
  'cart/cart',
  'catalogue/movie',
  'catalogue/related',
  'community/acts',
  'community/comments',
  'community/moderation',
  'community/notifications',
  'http/fuzz',
  'http/public-reads',
  'library/library',
  'orders/orders',
  'payments/refunds',
  'playback/playback',
  'playback/progress',
  'promos/promos',
];

const folder = mkdtempSync(join(tmpdir(), 'check-openapi-'));
installTools();
lint();

const document = JSON.parse(readFileSync(DOCUMENT, 'utf8')) as { servers: { url: string }[]; paths: Paths };
const place = await findPlace();
const prism = await startPrism(TOOLS, document);
let cinema: Cinema | undefined;
try {
  generateClients();
  cinema = await startCinema(place);
  const env = { CINEMA_URL: await prism.startStrict(cinema.appUrl), INBOX_URL: cinema.inboxUrl };
  for (const consumer of ['openapi-fetch.ts', 'hey-api.ts']) await runBeside(process.execPath, [consumer], env);
  await runBeside('bash', [join(ROOT, 'docs/examples/walkthrough.sh')], env);
  console.log('All of that went through Prism.');
  await cinema.kill();
  await runSuiteThroughPrism();
} finally {
  await cinema?.kill();
  await prism.stop();
  await rm(place.dataDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

async function runSuiteThroughPrism(): Promise<void> {
  const report = join(folder, 'exchanges.jsonl');
  const files = TESTS.map((name) => `apps/server/src/${name}.test.ts`);
  const config = join(ROOT, 'scripts/vitest.config.ts');
  const env = { PRISM_URL: prism.url, PRISM_REPORT: report, FUZZ_RUNS: '3' };
  await runBeside(
    join(ROOT, 'node_modules/.bin/vitest'),
    ['run', '--config', config, '--reporter', 'dot', ...files],
    env,
  );
  const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
  const verdict = judge(
    lines.map((line) => JSON.parse(line) as Exchange),
    document.paths,
  );
  for (const fault of verdict.faults) console.error(fault);
  if (verdict.faults.length > 0) throw new Error('Prism finds what the document does not say.');
  const { requests, asked, answered } = verdict;
  console.log(
    `Prism finds no fault in ${requests} requests: ${asked.size} operations, ${answered.size} of them answered.`,
  );
}

function installTools(): void {
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies: DEPENDENCIES }, null, 2);
  const file = join(TOOLS, 'package.json');
  const isThere = existsSync(file) && readFileSync(file, 'utf8') === manifest;
  if (isThere) return;
  rmSync(TOOLS, { recursive: true, force: true });
  mkdirSync(TOOLS, { recursive: true });
  console.log('Installing the tools…');
  const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--ignore-scripts', '--loglevel=error'];
  writeFileSync(file, manifest);
  try {
    execFileSync('npm', ['install', ...flags], { cwd: TOOLS, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    rmSync(file);
    throw error;
  }
}

function lint(): void {
  const rules = (file: string) => join(ROOT, file);
  run('redocly', ['lint', '--config', rules('.redocly.yaml'), '--format', 'stylish', DOCUMENT]);
  // It looks for the rules it extends from where its own rules are.
  copyFileSync(rules('.spectral.yaml'), join(TOOLS, '.spectral.yaml'));
  run('spectral', ['lint', '--fail-severity', 'hint', '--ruleset', join(TOOLS, '.spectral.yaml'), DOCUMENT]);
}

function generateClients(): void {
  symlinkSync(join(TOOLS, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run('openapi-typescript', [DOCUMENT, '--output', join(folder, 'schema.d.ts')]);
  const output = { path: join(folder, 'hey-api'), module: { extension: '.ts' } };
  writeFileSync(
    join(folder, 'openapi-ts.config.mjs'),
    `export default ${JSON.stringify({ input: DOCUMENT, output, plugins: ['@hey-api/client-fetch', '@hey-api/sdk', '@hey-api/typescript'] })};`,
  );
  run('openapi-ts', ['--file', 'openapi-ts.config.mjs', '--silent']);
  const files = ['openapi-fetch.ts', 'hey-api.ts'];
  for (const file of ['shop.ts', ...files]) copyFileSync(join(CONSUMERS, file), join(folder, file));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
  run('tsc', []);
  console.log('The generated clients compile.');
}

function run(tool: string, args: string[]): void {
  execFileSync(join(TOOLS, 'node_modules/.bin', tool), args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Runs a program while this one goes on: Prism is in it. */
async function runBeside(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 300_000,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}.`);
}
