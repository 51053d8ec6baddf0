import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, readFile, readdir, realpath, rename, rm, rmdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import type { Binaries } from './binaries.ts';
import { isAlive } from './orphans.ts';
import { canReach, homeOutside, type Owner } from './owner.ts';

const run = promisify(execFile);

/** In a data directory that Postgres cannot reach: the link to where its cluster lies instead. */
const ELSEWHERE = 'cluster';

/**
 * Says where the cluster of `dataDir` lies, and makes its parent directory: in `dataDir` itself, or outside of a home
 * that the account of Postgres must not enter. Removing `dataDir` removes the cluster in either case.
 */
export async function placeCluster(dataDir: string, owner: Owner | undefined): Promise<string> {
  const wanted = resolve(dataDir);
  await mkdir(dirname(wanted), { recursive: true });
  const place = join(await realpath(dirname(wanted)), basename(wanted));
  if (!owner || (await canReach(dirname(place), owner))) return place;

  const cluster = join(await homeOutside(owner), createHash('sha256').update(place).digest('hex').slice(0, 16));
  const link = join(place, ELSEWHERE);
  if (!(await lstat(link).catch(() => undefined))) {
    await rm(cluster, { recursive: true, force: true });
    await mkdir(place, { recursive: true });
    await symlink(cluster, link);
  }
  return cluster;
}

/**
 * Makes the cluster when there is none: UTF-8, sorted by code point and with the letters of Unicode, alike on every machine.
 *
 * @throws Error when the directory holds something else, or a cluster of another major version.
 */
export async function makeCluster(
  cluster: string,
  binaries: Binaries,
  owner: Owner | undefined,
  user: string,
): Promise<void> {
  await removeDrafts(cluster);
  const entries = await readdir(cluster).catch(() => undefined);
  if (entries?.includes('PG_VERSION')) {
    const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
    if (version === '18') return;
    throw new Error(`${cluster} was made by Postgres ${version}; this is 18. Dump it with the old one, or remove it.`);
  }
  if (entries?.length) throw new Error(`${cluster} is neither empty nor a database.`);

  // Made under another name and moved, so that a run killed halfway leaves no half cluster.
  const draft = `${cluster}${DRAFT}${process.pid}`;
  await mkdir(draft, { mode: 0o700 });
  if (owner) await chown(draft, owner.uid, owner.gid);
  await initCluster(draft, binaries, owner, user);
  if (entries) await rmdir(cluster);
  await rename(draft, cluster);
}

// Trigrams and the text search ask the operating system what a letter is, whatever the locale provider; plain C would
// cut "Amélie" in two. Not every system has the same name for it.
const LETTERS_OF_UNICODE = ['C.UTF-8', 'en_US.UTF-8', 'UTF-8'];

async function initCluster(
  directory: string,
  binaries: Binaries,
  owner: Owner | undefined,
  user: string,
): Promise<void> {
  const options = [
    '--pgdata',
    directory,
    '--username',
    user,
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--text-search-config=english',
    '--no-instructions',
  ];
  for (const ctype of LETTERS_OF_UNICODE) {
    try {
      await run(binaries.initdb, [...options, `--lc-ctype=${ctype}`], {
        ...owner,
        cwd: directory,
        env: cleanEnvironment(),
      });
      return;
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('invalid locale name'))) throw error;
    }
  }
  await run(binaries.initdb, options, { ...owner, cwd: directory, env: cleanEnvironment() });
}

/** The environment without what would change how Postgres behaves here. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C', TZ: 'UTC' };
}

const DRAFT = '.draft-';

async function removeDrafts(cluster: string): Promise<void> {
  const parent = dirname(cluster);
  for (const name of await readdir(parent)) {
    const [ours, pid] = name.split(DRAFT);
    if (ours === basename(cluster) && pid && !isAlive(Number(pid))) {
      await rm(join(parent, name), { recursive: true, force: true });
    }
  }
}
