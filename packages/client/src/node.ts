import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { newId } from './ids.ts';
import type { SessionStorage } from './storage.ts';

/**
 * Keeps the session in a file that nobody else may read, for command lines and services: it outlives the process, and
 * processes of one user share it.
 *
 * @example
 * const cinema = createCinemaClient({ baseUrl, storage: fileStorage(join(homedir(), '.config/cinema/session')) });
 */
export function fileStorage(path: string): SessionStorage {
  return {
    async read() {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async write(text) {
      if (text === null) return await rm(path, { force: true });
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Beside it, then moved over it: whoever reads meanwhile finds the one before or this one, whole.
      const draft = `${path}.${newId()}`;
      try {
        await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
        // What `umask` takes away is taken back.
        await chmod(draft, 0o600);
        await rename(draft, path);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
  };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
