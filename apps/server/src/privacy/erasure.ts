import { inTransaction } from '@online-cinema/db/transaction';
import { assertAdminRemains } from '../accounts/standing.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { removePayerTraces } from '../payments/payer-traces.ts';
import {
  deleteBelongings,
  hasOpenPayment,
  lockAccountToDelete,
  selectAccountsToDelete,
  setDeleted,
} from './queries.ts';

const BATCH_SIZE = 100;

/** For as long after its deletion an account is looked through again: calls under way may have left something behind. */
const SECOND_LOOK_SECONDS = 86_400;

/** Money may still come for an attempt that ran out this long ago: Stripe delivers late. */
const PAYMENT_PATIENCE_SECONDS = 86_400;

type ErasureDeps = Pick<Deps, 'db' | 'storage' | 'clock' | 'metrics' | 'log'>;

/**
 * Deletes the accounts whose time has come, each in a transaction of its own: one that can't be deleted now holds up no
 * other, and the next run comes back to it.
 *
 * @throws Error when some could not be deleted, after all others are.
 */
export async function deleteDueAccounts(deps: ErasureDeps, signal: AbortSignal): Promise<void> {
  const dueAt = deps.clock.now();
  const deletedAfter = addSeconds(dueAt, -SECOND_LOOK_SECONDS);
  const failures: unknown[] = [];
  let after: string | null = null;
  while (!signal.aborted) {
    const userIds: string[] = await selectAccountsToDelete(deps.db, { dueAt, deletedAfter, after, limit: BATCH_SIZE });
    for (const userId of userIds) {
      if (signal.aborted) break;
      await deleteAccount(deps, userId).catch((error: unknown) => {
        if (error instanceof AppError && error.reason === 'last_admin') {
          deps.log.warn({ userId }, 'the last admin is not deleted');
        } else failures.push(error);
      });
    }
    after = userIds.at(-1) ?? null;
    if (userIds.length < BATCH_SIZE) break;
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} accounts could not be deleted`);
}

// What somebody owned goes. His orders and payments stay with a row that says nothing of him any more.
async function deleteAccount({ db, storage, clock, metrics, log }: ErasureDeps, userId: string): Promise<void> {
  const now = clock.now();
  const done = await inTransaction(db, async (trx) => {
    await assertAdminRemains(trx, userId);
    const account = await lockAccountToDelete(trx, userId, now);
    // Canceled at the last moment.
    if (!account) return null;
    if (!account.isDeleted) {
      if (await hasOpenPayment(trx, userId, addSeconds(now, -PAYMENT_PATIENCE_SECONDS))) return null;
      await setDeleted(trx, userId, now);
    }
    await removePayerTraces(trx, userId);
    return { isFirstTime: !account.isDeleted, objects: await deleteBelongings(trx, userId, now) };
  });
  if (!done) return;
  if (done.isFirstTime) metrics.countDeleted('accounts', 1);
  // No row names them any more. What can't be removed now, the sweeps find.
  for (const key of done.objects) {
    await storage.remove(key).catch((error: unknown) => log.warn({ err: error }, 'an object was left behind'));
  }
}
