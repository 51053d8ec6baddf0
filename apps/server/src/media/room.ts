import { AppError } from '../lib/errors.ts';
import type { Storage } from '../lib/storage.ts';

/** What else is written here must find room too: archives, pictures, the database. */
const MARGIN_BYTES = 500_000_000;

/** Refuses what would fill the disk up; where nobody can tell, everything fits. @throws AppError `payload_too_large`. */
export async function assertRoom(storage: Pick<Storage, 'freeBytes'>, neededBytes: number): Promise<void> {
  const free = await storage.freeBytes();
  if (free === null || free >= neededBytes + MARGIN_BYTES) return;
  throw new AppError('payload_too_large', {
    issues: [{ path: [], message: 'The server has no room for a film of this size.' }],
  });
}
