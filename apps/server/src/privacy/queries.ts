import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { deleteCommunityOf } from '../community/account-removal.ts';

export async function selectLastExportRequest(db: Db, userId: string): Promise<Date | undefined> {
  const row = await db
    .selectFrom('exports')
    .where('userId', '=', userId)
    .select('requestedAt')
    .orderBy('requestedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.requestedAt;
}

export async function insertExport(
  db: Db,
  request: { userId: string; storageKey: string; requestedAt: Date; expiresAt: Date },
): Promise<string> {
  return (await db.insertInto('exports').values(request).returning('id').executeTakeFirstOrThrow()).id;
}

/** An export and the address of its owner. */
export async function selectExport(db: Db, exportId: string) {
  return await db
    .selectFrom('exports')
    .innerJoin('users', 'users.id', 'exports.userId')
    .where('exports.id', '=', exportId)
    .select(['exports.userId', 'exports.storageKey', 'exports.readyAt', 'exports.expiresAt', 'users.email'])
    .executeTakeFirst();
}

/** An archive that can be fetched; those of a closed account can't. */
export async function selectOpenExport(
  db: Db,
  exportId: string,
  now: Date,
): Promise<{ storageKey: string; requestedAt: Date } | undefined> {
  return await db
    .selectFrom('exports')
    .innerJoin('users', 'users.id', 'exports.userId')
    .where('exports.id', '=', exportId)
    .where('exports.readyAt', 'is not', null)
    .where('exports.expiresAt', '>', now)
    .where('users.isActive', '=', true)
    .select(['exports.storageKey', 'exports.requestedAt'])
    .executeTakeFirst();
}

/** Opens an archive; `false` when it was open before, or is gone. */
export async function setExportReady(
  db: Db,
  exportId: string,
  ready: { readyAt: Date; expiresAt: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('exports')
    .set(ready)
    .where('id', '=', exportId)
    .where('readyAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function selectExpiredExports(
  db: Db,
  now: Date,
  limit: number,
): Promise<{ id: string; storageKey: string }[]> {
  return await db
    .selectFrom('exports')
    .where('expiresAt', '<=', now)
    .select(['id', 'storageKey'])
    .orderBy('expiresAt')
    .limit(limit)
    .execute();
}

/** Forgets an export; `false` when somebody else did. */
export async function deleteExport(db: Db, exportId: string): Promise<boolean> {
  const { numDeletedRows } = await db.deleteFrom('exports').where('id', '=', exportId).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Tells which of these keys a row names. */
export async function selectNamedExports(db: Db, keys: string[]): Promise<Set<string>> {
  const rows = await db.selectFrom('exports').where('storageKey', 'in', keys).select('storageKey').execute();
  return new Set(rows.map(({ storageKey }) => storageKey));
}

/** When an account will be deleted, and where its owner is told. */
export async function selectDeletion(
  db: Db,
  userId: string,
): Promise<{ email: string; deletesAt: Date | null } | undefined> {
  return await db.selectFrom('users').where('id', '=', userId).select(['email', 'deletesAt']).executeTakeFirst();
}

export async function setDeletion(trx: Db, userId: string, deletesAt: Date): Promise<void> {
  await trx
    .updateTable('users')
    .set({ deletesAt, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .execute();
}

/** Takes the deletion of an account back; `false` when the account is gone. */
export async function clearDeletion(db: Db, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ deletesAt: null })
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Some accounts that are due at a moment, or were deleted after another, in the order of their ids. */
export async function selectAccountsToDelete(
  db: Db,
  { dueAt, deletedAfter, after, limit }: { dueAt: Date; deletedAfter: Date; after: string | null; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .where((where) => where.or([where('deletesAt', '<=', dueAt), where('deletedAt', '>', deletedAfter)]))
    .$if(after !== null, (query) => query.where('id', '>', after!))
    .select('id')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** An account that is due or deleted already; whoever wants to cancel has to wait. */
export async function lockAccountToDelete(
  trx: Db,
  userId: string,
  now: Date,
): Promise<{ isDeleted: boolean } | undefined> {
  const row = await trx
    .selectFrom('users')
    .where('id', '=', userId)
    .where((where) => where.or([where('deletesAt', '<=', now), where('deletedAt', 'is not', null)]))
    .select('deletedAt')
    .forUpdate()
    .executeTakeFirst();
  return row && { isDeleted: row.deletedAt !== null };
}

/** Tells whether a page of the gateway may be open, or was until lately, on which this user pays. */
export async function hasOpenPayment(db: Db, userId: string, expiresAfter: Date): Promise<boolean> {
  const row = await db
    .selectFrom('payments')
    .where('userId', '=', userId)
    .where('closedAt', 'is', null)
    .where('expiresAt', '>', expiresAfter)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Makes an account one of nobody. The address is free again. */
export async function setDeleted(trx: Db, userId: string, deletedAt: Date): Promise<void> {
  await trx
    .updateTable('users')
    .set((column) => ({
      email: sql<string>`'deleted-' || id || '@deleted.invalid'`,
      passwordHash: null,
      passwordGeneration: column('passwordGeneration', '+', 1),
      role: 'user' as const,
      isActive: false,
      totpEnabledAt: null,
      deletesAt: null,
      deletedAt,
      updatedAt: sql`now()`,
    }))
    .where('id', '=', userId)
    .execute();
}

/** Deletes everything that belongs to an account but orders and payments; gives the keys of its objects. */
export async function deleteBelongings(trx: Db, userId: string, now: Date): Promise<string[]> {
  await deleteCommunityOf(trx, userId, now);
  await trx.deleteFrom('sessions').where('userId', '=', userId).execute();
  await trx.deleteFrom('oneTimeTokens').where('userId', '=', userId).execute();
  await trx.deleteFrom('totpSecrets').where('userId', '=', userId).execute();
  await trx.deleteFrom('emailChanges').where('userId', '=', userId).execute();
  await trx.deleteFrom('cartItems').where('userId', '=', userId).execute();
  await trx.deleteFrom('cartPromos').where('userId', '=', userId).execute();
  await trx.deleteFrom('idempotencyKeys').where('userId', '=', userId).execute();
  await trx.deleteFrom('libraryMovies').where('userId', '=', userId).execute();
  await trx.deleteFrom('watchProgress').where('userId', '=', userId).execute();
  await trx.deleteFrom('playbackStreams').where('userId', '=', userId).execute();
  await trx.deleteFrom('playbackDevices').where('userId', '=', userId).execute();
  await trx.deleteFrom('playbackServed').where('userId', '=', userId).execute();
  await trx.deleteFrom('notifications').where('userId', '=', userId).execute();
  await trx.deleteFrom('notificationInboxes').where('userId', '=', userId).execute();
  await trx.deleteFrom('notificationPreferences').where('userId', '=', userId).execute();
  const profiles = await trx.deleteFrom('profiles').where('userId', '=', userId).returning('avatarKey').execute();
  const exports = await trx.deleteFrom('exports').where('userId', '=', userId).returning('storageKey').execute();
  return [...profiles.flatMap(({ avatarKey }) => avatarKey ?? []), ...exports.map(({ storageKey }) => storageKey)];
}
