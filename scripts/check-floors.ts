/**
 * Guards the floors of ARCHITECTURE.md: who may import whom, between packages and between the server's features. Prints
 * every violation and exits with 1 when there is one. The floors themselves stand in `check-floors/plan.ts`.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ENVIRONMENT_READERS,
  FEATURE_FLOORS,
  LAYERS,
  OTHER_SERVER_FOLDERS,
  PRIVATE_FEATURE_FILES,
  ROOMS,
  SERVER,
  SHARED_SERVER_FILES,
  TOP_LEVEL,
} from './check-floors/plan.ts';
import { listCode, readSource, type Import, type Place, type Source } from './check-floors/source.ts';

/** What is wrong at a place. */
export interface Violation extends Place {
  message: string;
}

/** Checks the repository under `root`, and says how much there was to check. */
export function checkFloors(root: string): { violations: Violation[]; files: number; imports: number } {
  const folders = [...listPackages(root, 'apps'), ...listPackages(root, 'packages'), 'db', 'scripts'];
  const names = new Map(folders.flatMap((folder) => readName(root, folder).map((name) => [name, folder])));
  const sources = folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => listCode(root, folder))
    .map((file) => readSource(root, file));

  const violations = [
    ...checkTopLevel(root),
    ...folders
      .filter((folder) => !ROOMS[folder])
      .map((folder) => ({ file: folder, line: 1, message: 'this package has no floor in check-floors/plan.ts' })),
    ...sources.flatMap(checkFile),
    ...sources.flatMap((source) => source.imports.flatMap((one) => checkImport(root, one, names))),
    ...findCircles(sources),
  ];
  const imports = sources.reduce((sum, source) => sum + source.imports.length, 0);
  return { violations, files: sources.length, imports };
}

function listPackages(root: string, parent: string): string[] {
  if (!existsSync(join(root, parent))) return [];
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${parent}/${entry.name}`);
}

function readName(root: string, folder: string): string[] {
  const manifest = join(root, folder, 'package.json');
  if (!existsSync(manifest)) return [];
  const { name }: { name?: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  return name === undefined ? [] : [name];
}

function checkTopLevel(root: string): Violation[] {
  return readdirSync(root)
    .filter((name) => !name.startsWith('.') && !TOP_LEVEL.includes(name))
    .map((name) => ({ file: name, line: 1, message: 'the top level has no place for this' }));
}

function checkFile({ file, defaultExports, starExports, environmentReads, syntaxErrors }: Source): Violation[] {
  const violations: Violation[] = [];
  const report = (places: Place[], message: string) =>
    violations.push(...places.map((place) => ({ ...place, message })));
  const top = [{ file, line: 1 }];

  report(syntaxErrors, 'does not parse');
  report(starExports, 'export * is a barrel: export by name, where it is defined');
  if (/^index\.[cm]?[jt]sx?$/.test(basename(file)))
    report(top, 'index files are barrels: name the file after its subject');
  if (!isConfig(file)) report(defaultExports, 'default export: export by name');
  const mayReadEnvironment = basename(file) === 'config.ts' || isConfig(file) || file in ENVIRONMENT_READERS;
  if (!mayReadEnvironment && roomOf(file) !== 'scripts') {
    report(environmentReads, 'reads process.env: only config.ts does');
  }
  const folder = serverFolderOf(file);
  if (folder !== undefined && !(folder in FEATURE_FLOORS) && !OTHER_SERVER_FOLDERS.includes(folder)) {
    report(top, `${SERVER}/${folder} has no floor in check-floors/plan.ts`);
  }
  return violations;
}

function checkImport(root: string, one: Import, names: ReadonlyMap<string, string>): Violation[] {
  const { file, line, specifier } = one;
  const message =
    specifier === undefined
      ? roomOf(file) !== 'scripts' && 'a computed import cannot be checked'
      : specifier.startsWith('.')
        ? checkRelativeImport(root, file, resolve(file, specifier))
        : checkPackageImport(file, packageOf(specifier), names);
  return message ? [{ file, line, message }] : [];
}

function checkPackageImport(file: string, name: string, names: ReadonlyMap<string, string>): string | false {
  const room = roomOf(file);
  const { imports = [], testImports = [], packages, packagesOf = {} } = ROOMS[room] ?? {};
  const target = names.get(name);
  if (target === undefined) {
    const isFree =
      !packages ||
      [...packages, ...(packagesOf[file] ?? [])].includes(name) ||
      isTest(file) ||
      !file.startsWith(`${room}/src/`);
    return !isFree && `${room} knows only ${packages.join(', ')}, not ${name}`;
  }
  if (target === room) return file.startsWith(`${room}/src/`) && 'imports its own package by name: use a relative path';
  if (target === 'scripts') return 'nothing imports scripts';
  if (imports.includes(target)) return false;
  if (!testImports.includes(target)) return `${room} may not import ${target}`;
  return !isTest(file) && `only the tests of ${room} may import ${target}`;
}

function checkRelativeImport(root: string, file: string, target: string): string | false {
  // Also what keeps the search for circles whole: an import without its extension would end it.
  if (!existsSync(join(root, target))) return `there is no ${target}: write the path with its extension`;
  if (roomOf(file) !== roomOf(target)) return 'a relative import leaves its package: import the package by name';
  if (isTest(target) && !isTest(file)) return 'only tests import tests and testing/';
  return file.startsWith(`${SERVER}/`) && !isTest(file) && checkServerImport(file, target);
}

function checkServerImport(file: string, target: string): string | false {
  const [from, to] = [serverFolderOf(file), serverFolderOf(target)];
  const name = basename(target);
  const toFeature = to !== undefined && to in FEATURE_FLOORS;

  if (toFeature && name === 'router.ts' && file !== `${SERVER}/router.ts`)
    return 'only the root router imports a router';
  const stands = from !== undefined && from in FEATURE_FLOORS ? 'a feature' : from === 'lib' ? 'lib/' : undefined;
  if (stands === undefined) return false;

  if (to === 'http') return `${stands} may not import http/`;
  if (to === undefined)
    return !SHARED_SERVER_FILES.includes(name) && `${stands} may not import ${name}, which stands above it`;
  if (!toFeature) return false;
  if (stands === 'lib/') return 'lib/ may not import a feature';
  if (from === to) {
    const [layer, targetLayer] = [LAYERS.indexOf(basename(file)), LAYERS.indexOf(name)];
    return targetLayer !== -1 && targetLayer < layer && `${basename(file)} may not import ${name}, the layer above it`;
  }
  if ((FEATURE_FLOORS[to] ?? 0) >= (FEATURE_FLOORS[from ?? ''] ?? 0))
    return `${from} may not import ${to}: it stands no lower`;
  return PRIVATE_FEATURE_FILES.includes(name) && `${name} is private to ${to}`;
}

/** Finds circles of relative imports, types included: each is reported once, at the import that closes it. */
function findCircles(sources: Source[]): Violation[] {
  const byFile = new Map(sources.map((source) => [source.file, source]));
  const violations: Violation[] = [];
  const done = new Set<string>();
  const path: string[] = [];

  function walk(file: string): void {
    path.push(file);
    for (const { line, specifier } of byFile.get(file)?.imports ?? []) {
      if (!specifier?.startsWith('.')) continue;
      const target = resolve(file, specifier);
      const start = path.indexOf(target);
      if (start !== -1) {
        violations.push({ file, line, message: `closes a circle: ${[...path.slice(start), target].join(' → ')}` });
      } else if (!done.has(target) && byFile.has(target)) {
        walk(target);
      }
    }
    path.pop();
    done.add(file);
  }
  for (const { file } of sources) if (!done.has(file)) walk(file);
  return violations;
}

/** The file a relative import means, without a bundler's query (`./poster.svg?url`). */
function resolve(file: string, specifier: string): string {
  return posix.join(posix.dirname(file), specifier.replace(/\?.*$/, ''));
}

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'apps' || first === 'packages' ? `${first}/${second}` : first;
}

function serverFolderOf(file: string): string | undefined {
  if (!file.startsWith(`${SERVER}/`)) return undefined;
  const [folder, rest] = file.slice(SERVER.length + 1).split('/');
  return rest === undefined ? undefined : folder;
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function isTest(file: string): boolean {
  return /\.test\.[jt]sx?$/.test(file) || file.includes('/testing/');
}

function isConfig(file: string): boolean {
  return /\.config\.[cm]?[jt]s$/.test(file);
}

if (import.meta.main) {
  const { violations, files, imports } = checkFloors(dirname(dirname(fileURLToPath(import.meta.url))));
  for (const { file, line, message } of violations) console.log(`${file}:${line}  ${message}`);
  console.log(`Floors: ${files} files and ${imports} imports checked, ${violations.length} violations.`);
  if (violations.length > 0 || files === 0 || imports === 0) process.exitCode = 1;
}
