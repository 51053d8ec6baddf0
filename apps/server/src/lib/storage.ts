import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** Where the bytes of an object are: a file below `root`. */
export type ObjectLocation = { root: string; path: string };

/** Keeps objects (films, captions, pictures) by key: segments of letters, digits, `.`, `_`, `-`, joined by `/`. */
export type Storage = {
  /** Writes an object whole: a reader sees the old one or the new one. Resolves to its size in bytes. */
  put(key: string, content: Readable | Uint8Array): Promise<number>;
  /** Tells where an object is, or `null` when the key can't be one. */
  locate(key: string): ObjectLocation | null;
  /**
   * Removes an object, or every object below a prefix. Nothing there is fine. Like `put`, it throws at what is no key.
   */
  remove(key: string): Promise<void>;
};

/** Keeps objects as files below a folder. */
export function createFileStorage(folder: string): Storage {
  const root = resolve(folder);
  return {
    async put(key, content) {
      const path = join(root, checkKey(key));
      await mkdir(dirname(path), { recursive: true });
      const unfinished = `${path}.${crypto.randomUUID()}.part`;
      try {
        await pipeline(content instanceof Readable ? content : Readable.from([content]), createWriteStream(unfinished));
        const { size } = await stat(unfinished);
        await rename(unfinished, path);
        return size;
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    locate: (key) => (isKey(key) ? { root, path: key } : null),
    async remove(key) {
      await rm(join(root, checkKey(key)), { recursive: true, force: true });
    },
  };
}

/** Gives the folder of a `file:` address; relative ones (`file:.data/media`) start at the working directory. */
export function folderOf(storageUrl: string): string {
  return storageUrl.startsWith('file://') ? fileURLToPath(storageUrl) : resolve(storageUrl.slice('file:'.length));
}

// A segment starts with a letter or digit, so `.` and `..` are none.
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

function isKey(key: string): boolean {
  return key.length <= 500 && KEY.test(key);
}

function checkKey(key: string): string {
  if (!isKey(key)) throw new Error(`${JSON.stringify(key)} is no storage key`);
  return key;
}
