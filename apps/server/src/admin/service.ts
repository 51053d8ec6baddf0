import type { AdminUser, AdminUserDetails, ResetTotp, UserListInput } from '@online-cinema/contract/admin';
import type { Page } from '@online-cinema/contract/common';
import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { deleteSessions } from '../accounts/session-list.ts';
import {
  assertAdminRemains,
  assertStillAdmin,
  closeAccount,
  lockStanding,
  openAccount,
  type Standing,
  updateRole,
} from '../accounts/standing.ts';
import { switchTotpOff } from '../accounts/totp.ts';
import { audit, type CallingActor } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import {
  countPurchases,
  countUsers,
  selectLivingSessions,
  selectPurchases,
  selectUser,
  selectUserPage,
  sumPayments,
  USER_SORT,
} from './queries.ts';

/** How many sessions and purchases of a user are shown. */
const SHOWN = 100;

/** The accounts of the cinema, newest first. */
export async function listUsers(
  { db }: Pick<Deps, 'db'>,
  { query, role, isActive, ...page }: UserListInput,
): Promise<Page<AdminUser>> {
  const filter = { query, role, isActive };
  return await readPage(page, {
    query: { list: 'users', ...filter },
    sort: USER_SORT,
    select: (position, limit) => selectUserPage(db, { position, limit, filter }),
    count: () => countUsers(db, filter),
    toItem: (user) => user,
  });
}

/**
 * Everything the administration looks up about a user.
 *
 * @throws AppError `not_found`.
 */
export async function getUser({ db, clock }: Pick<Deps, 'db' | 'clock'>, userId: string): Promise<AdminUserDetails> {
  const [user, sessions, purchases, purchaseCount, spend] = await Promise.all([
    selectUser(db, userId),
    selectLivingSessions(db, userId, { now: clock.now(), limit: SHOWN }),
    selectPurchases(db, userId, SHOWN),
    countPurchases(db, userId),
    sumPayments(db, userId),
  ]);
  if (!user) throw new AppError('not_found');
  return {
    ...user,
    sessions,
    purchases: purchases.flatMap(({ priceAmount, currency, paidAt, ...purchase }) =>
      paidAt ? [{ ...purchase, price: { amount: priceAmount, currency }, boughtAt: paidAt }] : [],
    ),
    purchaseCount,
    spend,
  };
}

/**
 * Opens an account; an open one stays as it is, and nobody is told.
 *
 * @throws AppError `not_found`.
 */
export async function activateUser(
  deps: Pick<Deps, 'db' | 'queue' | 'clock'>,
  actor: CallingActor,
  userId: string,
): Promise<AdminUser> {
  return await inTransaction(deps.db, async (trx) => {
    const isOpened = await openAccount(deps, trx, userId);
    await assertStillAdmin(deps, trx, actor);
    if (isOpened) {
      await audit(trx, { actor, action: 'users.activate', target: { kind: 'user', id: userId } });
    }
    return await readUser(trx, userId);
  });
}

/**
 * Closes an account and ends its sessions, or takes an invitation back; a closed one stays as it is.
 *
 * @throws AppError `not_found`, `last_admin`.
 */
export async function deactivateUser(
  deps: Pick<Deps, 'db' | 'clock'>,
  actor: CallingActor,
  userId: string,
): Promise<AdminUser> {
  return await inTransaction(deps.db, async (trx) => {
    await assertAdminRemains(trx, userId);
    const { closedAt } = await lockUser(trx, userId);
    await assertStillAdmin(deps, trx, actor);
    if (closedAt === null) {
      await closeAccount(trx, userId);
      await audit(trx, { actor, action: 'users.deactivate', target: { kind: 'user', id: userId } });
    }
    return await readUser(trx, userId);
  });
}

/**
 * Gives a user another role, which counts from his next call on.
 *
 * @throws AppError `own_role`, `not_found`, `last_admin`.
 */
export async function changeRole(
  deps: Pick<Deps, 'db' | 'clock'>,
  actor: CallingActor,
  { userId, role }: { userId: string; role: Role },
): Promise<AdminUser> {
  if (userId === actor.userId) throw new AppError('own_role');
  return await inTransaction(deps.db, async (trx) => {
    if (role !== 'admin') await assertAdminRemains(trx, userId);
    const { role: before } = await lockUser(trx, userId);
    await assertStillAdmin(deps, trx, actor);
    if (role !== before) {
      await updateRole(trx, userId, role);
      const details = { from: before, to: role };
      await audit(trx, { actor, action: 'users.changeRole', target: { kind: 'user', id: userId }, details });
    }
    return await readUser(trx, userId);
  });
}

/**
 * Switches two-factor login off for somebody who lost both app and codes, and tells him; his sessions end.
 *
 * @param actor null: the command line.
 * @throws AppError `own_totp`, `not_found`, `totp_not_enabled`.
 */
export async function resetTotp(
  deps: Pick<Deps, 'db' | 'queue' | 'clock'>,
  actor: CallingActor | null,
  { userId, reason }: ResetTotp,
): Promise<AdminUser> {
  if (userId === actor?.userId) throw new AppError('own_totp');
  return await inTransaction(deps.db, async (trx) => {
    const { totpEnabledAt } = await lockUser(trx, userId);
    await assertStillAdmin(deps, trx, actor);
    if (totpEnabledAt === null) throw new AppError('totp_not_enabled');
    await switchTotpOff(deps, trx, { userId, change: 'reset' });
    await deleteSessions(trx, { userId });
    const details = { reason: reason ?? null };
    await audit(trx, { actor, action: 'users.resetTotp', target: { kind: 'user', id: userId }, details });
    return await readUser(trx, userId);
  });
}

async function lockUser(trx: Db, userId: string): Promise<Standing> {
  const standing = await lockStanding(trx, userId);
  if (!standing) throw new AppError('not_found');
  return standing;
}

async function readUser(db: Db, userId: string): Promise<AdminUser> {
  const user = await selectUser(db, userId);
  if (!user) throw new AppError('not_found');
  return user;
}
