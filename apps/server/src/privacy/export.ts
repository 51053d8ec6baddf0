import { inTransaction } from '@online-cinema/db/transaction';
import { lockAccount } from '../accounts/queries.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { dataExportJob, EXPORT_LIFE_SECONDS } from './jobs.ts';
import { insertExport, selectLastExportRequest, selectOpenExport } from './queries.ts';

const SECONDS_BETWEEN = 86_400;

/**
 * Queues a copy of everything that belongs to an account; the link to it comes by mail.
 *
 * @throws AppError `too_many_requests` within 24 hours of the last one, with the seconds until then.
 */
export async function requestExport(
  { db, queue, clock }: Pick<Deps, 'db' | 'queue' | 'clock'>,
  userId: string,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    // Of many at once, each but the first finds the row of the first.
    if (!(await lockAccount(trx, userId))) throw new AppError('not_authenticated');
    const now = clock.now();
    const last = await selectLastExportRequest(trx, userId);
    const freeAt = last && addSeconds(last, SECONDS_BETWEEN);
    if (freeAt && freeAt > now) {
      const retryAfterSeconds = Math.ceil((freeAt.getTime() - now.getTime()) / 1_000);
      throw new AppError('too_many_requests', { retryAfterSeconds, details: { retryAfterSeconds } });
    }
    const exportId = await insertExport(trx, {
      userId,
      storageKey: `exports/${crypto.randomUUID()}.json`,
      requestedAt: now,
      // Should the job never end, the row goes when the archive would have gone.
      expiresAt: addSeconds(now, EXPORT_LIFE_SECONDS),
    });
    await queue.enqueue(trx, dataExportJob, { exportId });
  });
}

/**
 * Finds the archive that a mailed link is for.
 *
 * @throws AppError `not_found`, whatever is wrong with the link: forged, too old, or its account is gone.
 */
export async function openExport(
  { db, oneTimeTokens, clock }: Pick<Deps, 'db' | 'oneTimeTokens' | 'clock'>,
  token: string,
): Promise<{ storageKey: string; fileName: string }> {
  const id = oneTimeTokens.verify('data_export', token);
  const found = id === null ? undefined : await selectOpenExport(db, id, clock.now());
  if (!found) throw new AppError('not_found');
  return {
    storageKey: found.storageKey,
    fileName: `online-cinema-${found.requestedAt.toISOString().slice(0, 10)}.json`,
  };
}
