import { Readable } from 'node:stream';
import type { ImportStatus } from '@online-cinema/contract/imports';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { importJob } from './import-jobs.ts';
import { type ImportRecord, insertImport, selectImport } from './import-queries.ts';
import { IMPORT_FOLDER } from './import-run.ts';

/** How a file of films may be sent, and how large it may be. What it holds, it tells itself. */
export const IMPORT_BODY = {
  field: 'file',
  contentTypes: ['text/csv', 'application/x-ndjson'],
  limitBytes: 50_000_000,
  refusal: 'unsupported_media_type',
  isLong: true,
} as const;

/**
 * Keeps a file of films and queues the work on it.
 *
 * @throws AppError `payload_too_large`, `invalid_input` when it is empty.
 */
export async function startImport(
  { db, storage, queue, clock }: Pick<Deps, 'db' | 'storage' | 'queue' | 'clock'>,
  actor: NonNullable<Actor>,
  { file, dryRun }: { file: AsyncIterable<Uint8Array>; dryRun: boolean },
): Promise<{ jobId: string }> {
  const storageKey = `${IMPORT_FOLDER}/${crypto.randomUUID()}`;
  const byteCount = await storage.put(storageKey, Readable.from(file));
  if (byteCount === 0) {
    await storage.remove(storageKey);
    throw new AppError('invalid_input', { issues: [{ path: ['file'], message: 'The file is empty.' }] });
  }
  return await db.transaction().execute(async (trx) => {
    const jobId = await insertImport(trx, { storageKey, byteCount, dryRun, createdAt: clock.now() });
    const target = { kind: 'import', id: jobId };
    await audit(trx, { actor, action: 'movies.import', target, details: { dryRun, bytes: byteCount } });
    await queue.enqueue(trx, importJob, { importId: jobId });
    return { jobId };
  });
}

/**
 * Tells how far an import has come.
 *
 * @throws AppError `not_found`.
 */
export async function getImport({ db }: Pick<Deps, 'db'>, jobId: string): Promise<ImportStatus> {
  const found = await selectImport(db, jobId);
  if (!found) throw new AppError('not_found');
  const { state, dryRun, rows, checked, failed, created, updated, unchanged } = found;
  const { errors, errorCount, createdAt, finishedAt } = found;
  const counts = { rows, checked, failed, created, updated, unchanged };
  return { jobId, state, dryRun, counts, errors, errorCount, progress: progressOf(found), createdAt, finishedAt };
}

function progressOf({ state, bytesRead, byteCount, rows, created, updated, unchanged }: ImportRecord): number {
  if (state === 'waiting') return 0;
  if (state === 'checking') return bytesRead / byteCount / 2;
  if (state === 'importing') return (1 + (created + updated + unchanged) / (rows ?? 1)) / 2;
  return 1;
}
