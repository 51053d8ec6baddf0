import type { Dirent } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from '../deps.ts';
import { UNFINISHED } from '../lib/storage.ts';
import { UPLOAD_FOLDER } from './parts.ts';
import { selectKnownFolders } from './queries.ts';

/** Who sends a film sends some of it each half minute, or is cut off (`http/binary-body.ts`). */
const ABANDONED_AFTER_MS = 15 * 60_000;
const READ_AS = { method: 'GET', contentType: '', cacheControl: 'no-store', lifeSeconds: 60 } as const;

/**
 * Removes what writers left that were killed: the unfinished file of a film that nobody has written to for a while, and
 * the folders of films and uploads that are empty and that no row knows. Others may share the folder, and write to it
 * meanwhile. A bucket has neither.
 *
 * @returns how many files and folders there were.
 */
export async function sweepLeftovers(
  { db, storage }: Pick<Deps, 'db' | 'storage'>,
  signal: AbortSignal,
): Promise<number> {
  // The files' own time is the file system's, not that of `deps.clock`.
  const touchedBefore = Date.now() - ABANDONED_AFTER_MS;
  let removed = 0;
  for (const top of ['media', UPLOAD_FOLDER]) {
    const location = await storage.locate(top, READ_AS);
    if (!location || !('path' in location)) return 0;
    const root = join(location.root, location.path);
    const empty: string[] = [];
    for (const folder of await entriesOf(root)) {
      if (signal.aborted) return removed;
      if (!folder.isDirectory()) continue;
      // Asked before anything is removed from it.
      const isOld = await isTouchedBefore(join(root, folder.name), touchedBefore);
      const found = await removeUnfinished(join(root, folder.name), touchedBefore);
      removed += found.removed;
      if (isOld && found.left === 0) empty.push(`${top}/${folder.name}`);
    }
    const known = await selectKnownFolders(db, empty);
    for (const folder of empty.filter((each) => !known.has(each))) {
      if (await removeEmpty(join(location.root, folder))) removed += 1;
    }
  }
  return removed;
}

/** Removes the unfinished files of a folder that nobody writes to; gives how many, and how much is left in it. */
async function removeUnfinished(folder: string, touchedBefore: number): Promise<{ removed: number; left: number }> {
  const entries = await entriesOf(folder);
  let removed = 0;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (!entry.isFile() || !entry.name.endsWith(UNFINISHED) || !(await isTouchedBefore(path, touchedBefore))) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return { removed, left: entries.length - removed };
}

// Fails where somebody has put something in meanwhile: that is theirs.
async function removeEmpty(folder: string): Promise<boolean> {
  return await rmdir(folder).then(
    () => true,
    () => false,
  );
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return await readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function isTouchedBefore(path: string, beforeMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < beforeMs;
}
