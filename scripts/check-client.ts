/**
 * Checks the client as a customer gets it: packs it, installs the tarball with npm into an empty project, and looks for
 * anything of the server in it; compiles a customer's code and every block of the README against it, with the compilers
 * customers have; loads it in their Nodes and in Chromium where there is one; weighs it; asks publint and attw; and
 * compares what it exports with `packages/client/api.md`, which `--write` writes anew. Needs the package registry.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reportApi } from './check-client/api-report.ts';
import { findChromium, loadInChromium } from './check-client/chromium.ts';
import { findLeaks } from './check-client/leaks.ts';
import { takeCodeBlocks } from './check-client/readme.ts';
import { measureCore, MOST_BYTES } from './check-client/size.ts';
import { COMPILERS, fetchNode, JUDGES, NODES } from './check-client/tools.ts';
import { installPackedClient } from './pack-client.ts';

const CONSUMERS = ['consumer.mts', 'consumer-react.mts'];
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const API_REPORT = join(ROOT, 'packages/client/api.md');
const NAME = '@online-cinema/client';
const ENTRIES = ['client', 'react', 'node', 'player', 'upload', 'testing'];

/**
 * With `skipLibCheck: false` the declarations of tRPC's WebSocket adapter are checked too. They need these types, and do
 * not fit the ones after 8.5.13, whose default export has no members.
 */
const TYPES_OF_TRPC: readonly string[] = ['@types/ws@8.5.13', '@types/node@24.19.2'];

/** What the ways in need that are not for everybody. */
const PEERS: readonly string[] = [
  'react@19.3.1',
  'react-dom@19.3.1',
  '@types/react@19.3.0',
  '@tanstack/react-query@5.108.0',
  '@trpc/tanstack-react-query@11.22.1',
  'tus-js-client@4.3.1',
  'hls.js@1.7.4',
  'eventsource@5.1.5',
];

/** How customers resolve modules, as strict as can be. */
const RESOLUTIONS = [
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
];

const ESM = `
  import { createCinemaClient, isCinemaError, isConnectionError } from '${NAME}';
  import { fileStorage } from '${NAME}/node';
  import { createTestClient } from '${NAME}/testing';
  const cinema = createCinemaClient({ baseUrl: 'http://127.0.0.1:9', storage: fileStorage('session'), retries: 0 });
  if ((await cinema) !== cinema || cinema.$session.current() !== null) throw new Error('not a client');
  const error = await cinema.movies.list.query({}).catch((thrown) => thrown);
  if (!isConnectionError(error) || isCinemaError(error)) throw new Error('nobody answered, yet the cinema refused');
  const { items } = await createTestClient({ 'genres.list': () => ({ items: [1] }) }).genres.list.query({});
  if (items[0] !== 1) throw new Error('no answer');
`;
const COMMONJS = `if (typeof require('${NAME}').createCinemaClient !== 'function') throw new Error('no client');`;

const folder = mkdtempSync(join(tmpdir(), 'check-client-'));
try {
  const tarball = installPackedClient(folder);
  const installed = join(folder, 'node_modules', NAME);

  const leaks = findLeaks(installed);
  if (leaks.length > 0) throw new Error(`The packed client gives away the server:\n${leaks.join('\n')}`);
  console.log('No module or word of the server in the package, no module of Node in its core.');

  await loadInNodes();
  install([...Object.entries({ ...COMPILERS, ...JUDGES }).map((tool) => tool.join('@')), ...TYPES_OF_TRPC, ...PEERS]);
  compileConsumers();
  compileReadme(readFileSync(join(installed, 'README.md'), 'utf8'));

  run('node_modules/.bin/publint', ['run', installed, '--strict']);
  // CommonJS gets it by `require` of an ES module, which attw calls a fault.
  run('node_modules/.bin/attw', [tarball, '--profile', 'esm-only', '--quiet']);
  console.log('publint and attw find no fault.');

  const { minified, gzipped } = await measureCore(folder);
  console.log(`The core with tRPC's client: ${minified} bytes, ${gzipped} gzipped; tarball ${statSync(tarball).size}.`);
  if (gzipped > MOST_BYTES) throw new Error(`The core may have ${MOST_BYTES} bytes.`);

  const chromium = findChromium();
  if (chromium) await loadInChromium(chromium, folder);
  console.log(
    chromium ? 'Chromium runs it with React, in two tabs with one session.' : 'There is no Chromium here to run it.',
  );

  compareApi(installed);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function loadInNodes(): Promise<void> {
  for (const version of Object.values(NODES)) {
    const node = await fetchNode(version);
    if (node === null) throw new Error(`Node ${version} is not to be had for this machine.`);
    run(node, ['--input-type=module', '--eval', ESM]);
    run(node, ['--input-type=commonjs', '--eval', COMMONJS]);
    console.log(`Node ${version} imports and requires it.`);
  }
}

function compileConsumers(): void {
  for (const consumer of CONSUMERS) {
    copyFileSync(new URL(`check-client/${consumer}`, import.meta.url), join(folder, consumer));
  }
  for (const compiler of Object.keys(COMPILERS)) {
    for (const resolution of RESOLUTIONS) compile(compiler, CONSUMERS, { ...resolution, skipLibCheck: false });
    console.log(`A customer's code compiles: ${compiler}, nodenext and bundler.`);
  }
  // As most of them are.
  compile('typescript-7.0', CONSUMERS, {
    module: 'esnext',
    moduleResolution: 'bundler',
    skipLibCheck: true,
    types: [],
  });
}

function compileReadme(readme: string): void {
  const blocks = takeCodeBlocks(readme);
  for (const { name, text } of blocks) writeFileSync(join(folder, name), text);
  const options = { module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx', types: ['node'] };
  compile(
    'typescript-7.0',
    blocks.map(({ name }) => name),
    options,
  );
  console.log(`All ${blocks.length} blocks of the README compile.`);
}

function compile(compiler: string, files: string[], options: object): void {
  const compilerOptions = {
    target: 'es2022',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: ['ws', 'node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    ...options,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  run('node', [join('node_modules', compiler, 'bin/tsc')]);
}

function compareApi(installed: string): void {
  const nameOf = (entry: string) => (entry === 'client' ? NAME : `${NAME}/${entry}`);
  const files = ENTRIES.map((entry) => [nameOf(entry), join(installed, `dist/${entry}.d.ts`)]);
  const draft = join(folder, basename(API_REPORT));
  writeFileSync(draft, reportApi(Object.fromEntries(files)));
  // As the formatter wants everything that is committed.
  run(join(ROOT, 'node_modules/.bin/oxfmt'), ['--config', join(ROOT, '.oxfmtrc.json'), draft]);
  const report = readFileSync(draft, 'utf8');
  if (process.argv.includes('--write')) writeFileSync(API_REPORT, report);
  else if (!existsSync(API_REPORT) || readFileSync(API_REPORT, 'utf8') !== report) {
    throw new Error(`${basename(API_REPORT)} is not what the client exports. Look at it: check-client.ts --write.`);
  }
  console.log(`${basename(API_REPORT)} is what it exports.`);
}

function install(packages: string[]): void {
  run('npm', ['install', '--save-dev', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', ...packages]);
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
}
