/**
 * Checks the client as a customer gets it: packs it, installs the tarball with npm into an empty project, looks for
 * anything of the server in it, compiles a customer's code against it and loads it in Node. Needs the package registry.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { findLeaks } from './check-client/leaks.ts';
import { installPackedClient } from './pack-client.ts';

const CONSUMER = fileURLToPath(new URL('check-client/consumer.mts', import.meta.url));

/**
 * With `skipLibCheck: false` the declarations of tRPC's WebSocket adapter are checked too. They need these types, and do
 * not fit the ones after 8.5.13, whose default export has no members.
 */
const TYPES_OF_TRPC: readonly string[] = ['@types/ws@8.5.13', '@types/node@24.19.2'];

/** How customers resolve modules, each as strict as can be, and one as most of them are. */
const PROJECTS = [
  { module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false },
  { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: false },
  { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true },
];

const ESM = `
  import { createCinemaClient, isCinemaError } from '@online-cinema/client';
  const cinema = createCinemaClient({ baseUrl: 'http://127.0.0.1:9' });
  if ((await cinema) !== cinema || cinema.$session.current() !== null) throw new Error('not a client');
  const error = await cinema.movies.list.query({}).catch((thrown) => thrown);
  if (!(error instanceof Error) || isCinemaError(error)) throw new Error('nobody answered, yet the cinema refused');
`;
const COMMONJS = `if (typeof require('@online-cinema/client').createCinemaClient !== 'function') throw new Error('no client');`;

const folder = mkdtempSync(join(tmpdir(), 'check-client-'));
try {
  const tarball = installPackedClient(folder);
  const installed = join(folder, 'node_modules/@online-cinema/client');

  const leaks = findLeaks(installed);
  if (leaks.length > 0) throw new Error(`The packed client gives away the server:\n${leaks.join('\n')}`);
  console.log('No module or word of the server in the package.');

  run('node', ['--input-type=module', '--eval', ESM]);
  run('node', ['--input-type=commonjs', '--eval', COMMONJS]);
  console.log('Node imports and requires it.');

  run('npm', [
    'install',
    '--save-dev',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--loglevel=error',
    ...TYPES_OF_TRPC,
  ]);
  copyFileSync(CONSUMER, join(folder, basename(CONSUMER)));
  for (const project of PROJECTS) compileConsumer(project);

  const code = readFileSync(join(installed, 'dist/client.js'));
  console.log(`Tarball ${statSync(tarball).size} bytes; client.js ${code.length}, ${gzipSync(code).length} gzipped.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function compileConsumer(project: (typeof PROJECTS)[number]): void {
  const compilerOptions = {
    ...project,
    target: 'es2022',
    lib: ['ES2022', 'DOM'],
    types: project.skipLibCheck ? [] : ['ws'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [basename(CONSUMER)] }));
  run('node_modules/.bin/tsc', []);
  console.log(`A customer's code compiles: ${project.moduleResolution}, skipLibCheck ${project.skipLibCheck}.`);
}

function run(command: string, args: string[]): void {
  execFileSync(command, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
}
