import { inTransaction } from '@online-cinema/db/transaction';
import { verifyPassword } from '../accounts/password-change.ts';
import { lockAccount } from '../accounts/queries.ts';
import { assertAdminRemains } from '../accounts/standing.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { deletionScheduledMail } from './jobs.ts';
import { clearDeletion, setDeletion } from './queries.ts';

const GRACE_SECONDS = 14 * 86_400;

/**
 * Schedules the deletion of an account, and tells its owner by mail. One that is scheduled already stays as it is.
 *
 * @returns when the account will be deleted.
 * @throws AppError `wrong_password`, `last_admin`, `too_many_requests`.
 */
export async function requestDeletion(
  deps: Pick<Deps, 'db' | 'queue' | 'passwords' | 'limits' | 'clock'>,
  userId: string,
  password: string,
): Promise<Date> {
  const { db, queue, clock } = deps;
  const { passwordGeneration } = await verifyPassword(deps, userId, password);
  return await inTransaction(db, async (trx) => {
    await assertAdminRemains(trx, userId);
    const account = await lockAccount(trx, userId);
    if (!account) throw new AppError('not_authenticated');
    // It was changed while we looked at it.
    if (account.passwordGeneration !== passwordGeneration) throw new AppError('wrong_password');
    if (account.deletesAt !== null) return account.deletesAt;
    const deletesAt = addSeconds(clock.now(), GRACE_SECONDS);
    await setDeletion(trx, userId, deletesAt);
    await queue.enqueue(trx, deletionScheduledMail, { userId, deletesAt: deletesAt.toISOString() });
    return deletesAt;
  });
}

/**
 * Keeps an account that was to be deleted; fine when nothing was scheduled.
 *
 * @throws AppError `not_authenticated` when it is too late.
 */
export async function cancelDeletion({ db }: Pick<Deps, 'db'>, userId: string): Promise<void> {
  if (!(await clearDeletion(db, userId))) throw new AppError('not_authenticated');
}
