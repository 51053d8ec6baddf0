import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { type Caller, selectCaller } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { activatedMail } from './jobs.ts';
import { deleteOneTimeTokens } from './queries.ts';
import { deleteSessions } from './session-list.ts';

/** What the staff may change of an account: whether it is closed, its role, and that it asks for a second factor. */
export type Standing = { role: Role; closedAt: Date | null; totpEnabledAt: Date | null };

/**
 * Makes sure that the cinema keeps an admin when this user is one no longer; who has no password can't come in and does
 * not count. Every admin who counts stays locked until the transaction ends: of two that take each other's role, one
 * finds himself the last. To be called before anything else is locked.
 *
 * @throws AppError `last_admin`.
 */
export async function assertAdminRemains(trx: Db, userId: string): Promise<void> {
  const admins = await trx
    .selectFrom('users')
    .where('role', '=', 'admin')
    .where('isActive', '=', true)
    .where('passwordHash', 'is not', null)
    .select('id')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  if (admins.length === 1 && admins[0]?.id === userId) throw new AppError('last_admin');
}

/**
 * Makes sure that who acts is an admin still, and signed in: the call may have waited for locks since it was let in. To
 * be called once there is nothing left to wait for. Null, the command line, may do what it does.
 *
 * @throws AppError `not_authenticated`, `not_allowed`.
 */
export async function assertStillAdmin(
  { clock }: Pick<Deps, 'clock'>,
  trx: Db,
  actor: Pick<Caller, 'userId' | 'sessionId'> | null,
): Promise<void> {
  if (actor === null) return;
  const caller = await selectCaller(trx, actor, clock.now());
  if (!caller) throw new AppError('not_authenticated');
  if (caller.role !== 'admin') throw new AppError('not_allowed');
}

/** An account's standing, which nobody else changes until the transaction ends; nothing when the account is gone. */
export async function lockStanding(trx: Db, userId: string): Promise<Standing | undefined> {
  return await trx
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .select(['role', 'closedAt', 'totpEnabledAt'])
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/**
 * Opens an account without the link of a mail, and tells its owner: the link is good for nothing any more. `false` when
 * there is nothing to open: no such account, or an open one.
 */
export async function openAccount({ queue }: Pick<Deps, 'queue'>, trx: Db, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('users')
    .set({ isActive: true, activatedAt: sql`coalesce(activated_at, now())`, closedAt: null, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .where('isActive', '=', false)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  await trx.deleteFrom('oneTimeTokens').where('userId', '=', userId).where('purpose', '=', 'activation').execute();
  // One that began while the account was being closed must not come to life with it.
  await deleteSessions(trx, { userId });
  await queue.enqueue(trx, activatedMail, { userId, occasion: crypto.randomUUID() });
  return true;
}

/**
 * Closes an account, or an invitation that nobody has followed. Its sessions end and its links are taken back, so that
 * nothing its owner holds works from the next call on, nor when the account is opened again.
 */
export async function closeAccount(trx: Db, userId: string): Promise<void> {
  await trx
    .updateTable('users')
    .set({ isActive: false, closedAt: sql`now()`, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .execute();
  await deleteOneTimeTokens(trx, userId);
  await deleteSessions(trx, { userId });
}

/** Gives an account a role; calls read it anew each time. */
export async function updateRole(trx: Db, userId: string, role: Role): Promise<void> {
  await trx
    .updateTable('users')
    .set({ role, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .execute();
}
