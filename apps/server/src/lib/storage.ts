import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** Where the bytes of an object are: in a file below `root`, or at an address that is good for a while. */
export type ObjectLocation = { root: string; path: string } | { url: string };

/** How an object is read from elsewhere: what its answer says of itself, and how long its address is good. */
export type ReadAs = {
  method: 'GET' | 'HEAD';
  contentType: string;
  /** Absent: the reader decides whether to show or to keep it. */
  contentDisposition?: string;
  cacheControl: string;
  lifeSeconds: number;
};

/** Bytes from `start` to `end`, both counted from 0 and both among them. */
export type ByteRange = { start: number; end: number };

/** Keeps objects (films, captions, pictures) by key: segments of letters, digits, `.`, `_`, `-`, joined by `/`. */
export type Storage = {
  /**
   * Writes an object whole: a reader sees the old one or the new one. Resolves to its size in bytes once no loss of power
   * can take it away again.
   */
  put(key: string, content: Readable | Uint8Array): Promise<number>;
  /**
   * Reads an object of one byte or more, as fast as it is taken; rejects when there is none. Of a range, whose ends both
   * belong to it, as much as there is; it must begin within the object.
   */
  read(key: string, range?: ByteRange): AsyncIterable<Uint8Array>;
  /** Tells where an object is, or `null` when the key can't be one. Whether there is one, is not asked. */
  locate(key: string, readAs: ReadAs): Promise<ObjectLocation | null>;
  /** Removes an object, or every object below a prefix. Nothing there is fine. */
  remove(key: string): Promise<void>;
  /** Lists the objects below a prefix. */
  list(prefix: string): AsyncIterable<{ key: string; modifiedAt: Date }>;
  /** How many bytes there is room for; `null` where nobody can tell. */
  freeBytes(): Promise<number | null>;
  /** The origin of the addresses `locate` gives; `null` when it gives none. */
  readonly origin: string | null;
};

/** How the names of files end that are not whole yet, where objects are files. */
export const UNFINISHED = '.part';

/** Keeps objects as files below a folder, which no other user of the machine may read. */
export function createFileStorage(folder: string): Storage {
  const root = resolve(folder);
  return {
    async put(key, content) {
      const path = join(root, checkKey(key));
      const made = await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      const unfinished = `${path}.${crypto.randomUUID()}${UNFINISHED}`;
      try {
        // On the disk before it has its name.
        const file = createWriteStream(unfinished, { mode: 0o600, flush: true });
        await pipeline(content instanceof Readable ? content : Readable.from([content]), file);
        const { size } = await stat(unfinished);
        await rename(unfinished, path);
        await syncFolders(dirname(path), made === undefined ? dirname(path) : dirname(made));
        return size;
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    read: (key, range) => createReadStream(join(root, checkKey(key)), range),
    locate: async (key) => (isKey(key) ? { root, path: key } : null),
    async remove(key) {
      await rm(join(root, checkKey(key)), { recursive: true, force: true });
    },
    async *list(prefix) {
      for (const path of await listFiles(join(root, checkKey(prefix)))) {
        const found = await stat(path).catch(() => null);
        // Gone since: somebody else removed it.
        if (found) yield { key: relative(root, path).replaceAll('\\', '/'), modifiedAt: found.mtime };
      }
    },
    async freeBytes() {
      await mkdir(root, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(root);
      return bavail * bsize;
    },
    origin: null,
  };
}

/** Has the names in a folder reach the disk, and those in the folders above it, as far as `last`. */
async function syncFolders(folder: string, last: string): Promise<void> {
  // Windows opens no folder; it keeps names in its journal.
  if (process.platform === 'win32') return;
  for (let each = folder; ; each = dirname(each)) {
    const handle = await open(each, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (each === last || each === dirname(each)) return;
  }
}

/** Gives the folder of a `file:` address; relative ones (`file:.data/media`) start at the working directory. */
export function folderOf(storageUrl: string): string {
  return storageUrl.startsWith('file://') ? fileURLToPath(storageUrl) : resolve(storageUrl.slice('file:'.length));
}

// A segment starts with a letter or digit, so `.` and `..` are none.
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** Tells whether a text is a key. */
export function isKey(key: string): boolean {
  return key.length <= 500 && KEY.test(key);
}

/** @throws Error when it is no key: the fault is in the program. */
export function checkKey(key: string): string {
  if (!isKey(key)) throw new Error(`${JSON.stringify(key)} is no storage key`);
  return key;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
