/**
 * Checks that what the documentation says is so: its links lead somewhere, its TypeScript compiles against the packed
 * client, and what is marked (` ```ts run `, ` ```sh run `) runs against a cinema that is started for it, as do the
 * examples of `docs/examples`. With `examples`, these only. Needs the package registry, bash, curl, jq and python3.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cinema, findPlace, startCinema } from './check-browser/cinema.ts';
import { toModule } from './check-client/readme.ts';
import { type Block, listDocuments, readAnchors, readBlocks, readLinks } from './check-docs/blocks.ts';
import { installPackedClient } from './pack-client.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TSC = join(ROOT, 'scripts/node_modules/.bin/tsc');
/** What the examples import beside the client, in the versions that the client is tested with. */
const BESIDE = [
  '@tanstack/react-query',
  '@trpc/tanstack-react-query',
  '@types/node',
  '@types/react',
  'eventsource',
  'hls.js',
  'react',
  'tus-js-client',
];

const COMPILER_OPTIONS = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  target: 'es2024',
  lib: ['ES2024', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable', 'ESNext.Disposable'],
  jsx: 'react-jsx',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

const isWhole = !process.argv.includes('examples');
const documents = listDocuments(ROOT);
const blocks = isWhole ? documents.flatMap((file) => readBlocks(ROOT, file)) : [];
if (isWhole) checkLinks();
const folder = mkdtempSync(join(tmpdir(), 'check-docs-'));
const place = await findPlace();
let cinema: Cinema | undefined;
try {
  compile();
  cinema = await startCinema(place);
  runBlocks(cinema);
  runExamples(cinema);
} finally {
  await cinema?.kill();
  await rm(place.dataDir, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

function checkLinks(): void {
  const faults = documents
    .flatMap((file) => readLinks(ROOT, file))
    .filter(({ target }) => {
      const [path = '', anchor] = target.split('#');
      if (!existsSync(join(ROOT, path))) return true;
      return anchor !== undefined && !readAnchors(ROOT, path).includes(anchor);
    });
  for (const { file, line, target } of faults) console.error(`${file}:${line}: there is no ${target}`);
  if (faults.length > 0) throw new Error('A link leads nowhere.');
  console.log(`The links of ${documents.length} documents lead somewhere.`);
}

function compile(): void {
  installPackedClient(folder);
  const versions = BESIDE.map((name) => {
    const places = ['packages/client', 'apps/server'].map((room) =>
      join(ROOT, room, 'node_modules', name, 'package.json'),
    );
    const manifest = readFileSync(places.find((file) => existsSync(file)) ?? '', 'utf8');
    return `${name}@${(JSON.parse(manifest) as { version: string }).version}`;
  });
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--silent', ...versions]);
  cpSync(join(ROOT, 'docs/examples'), join(folder, 'examples'), { recursive: true });
  mkdirSync(join(folder, 'blocks'));
  const compiled = blocks.filter(({ language }) => /^tsx?$/.test(language));
  for (const block of compiled) writeFileSync(join(folder, fileOf(block)), toModule(block.code));
  const files = ['examples/node-script.ts', 'examples/react.tsx', ...compiled.map(fileOf)];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS, files }));
  run(TSC, []);
  console.log(`${files.length} pieces of TypeScript compile against the packed client.`);
}

function fileOf({ file, line, language }: Block): string {
  return `blocks/${file.replaceAll('/', '-')}-${line}.${language}`;
}

function runBlocks(at: Cinema): void {
  for (const file of documents) {
    const marked = blocks.filter((block) => block.file === file && block.mayRun);
    const shell = marked.filter(({ language }) => language === 'sh');
    for (const block of marked.filter(({ language }) => language === 'ts')) {
      writeFileSync(join(folder, fileOf(block)), relocate(block.code, at));
      run(process.execPath, [fileOf(block)]);
    }
    // One after the other in one shell: a block goes on where the one before ended.
    const script = shell.map(({ code }) => relocate(code, at)).join('\n');
    if (script !== '') runShell(file, script);
    if (marked.length > 0) console.log(`${file}: ${marked.length} blocks run.`);
  }
}

// curl does not fail at a refusal; what jq then looks for is not there.
function runShell(file: string, script: string): void {
  const output = execFileSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  });
  console.log(output.trimEnd());
  if (/^null$/m.test(output)) throw new Error(`${file}: something that a block looks for is not there.`);
}

function runExamples({ appUrl }: Cinema): void {
  const env = { CINEMA_URL: appUrl };
  run(process.execPath, ['examples/node-script.ts'], env);
  run('bash', ['examples/walkthrough.sh'], env);
  run('python3', ['examples/python/buy.py'], env);
  console.log('The examples run.');
}

/** Where `npm start` would be, the cinema of this check is elsewhere. */
function relocate(code: string, { appUrl, inboxUrl }: Cinema): string {
  return code.replaceAll('http://localhost:8000', appUrl).replaceAll('http://localhost:8025', inboxUrl);
}

function run(command: string, args: string[], env: NodeJS.ProcessEnv = {}): void {
  execFileSync(command, args, {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    timeout: 120_000,
  });
}
