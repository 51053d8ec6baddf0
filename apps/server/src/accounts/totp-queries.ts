import type { Db } from '@online-cinema/db/open';

export type TotpUser = {
  email: string;
  isActive: boolean;
  passwordGeneration: number;
  totpEnabledAt: Date | null;
};

/**
 * Locks an account before its secret and codes are read: `share` for a sign-in, many of which may use them up at once,
 * `change` for whoever replaces them.
 */
export async function lockTotpUser(db: Db, userId: string, lock: 'share' | 'change'): Promise<TotpUser | undefined> {
  const query = db
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['email', 'isActive', 'passwordGeneration', 'totpEnabledAt']);
  return await (lock === 'share' ? query.forShare() : query.forNoKeyUpdate()).executeTakeFirst();
}

// A statement of its own: beside the lock it would be read before the wait for it.
export async function selectTotpSecret(db: Db, userId: string): Promise<Buffer | undefined> {
  const row = await db.selectFrom('totpSecrets').where('userId', '=', userId).select('sealed').executeTakeFirst();
  return row?.sealed;
}

/** Gives an account a secret in place of the one before. */
export async function replaceTotpSecret(db: Db, userId: string, sealed: Buffer): Promise<void> {
  await deleteTotp(db, userId);
  await db.insertInto('totpSecrets').values({ userId, sealed }).execute();
}

/** Removes an account's secret and, with it, its recovery codes. */
export async function deleteTotp(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('totpSecrets').where('userId', '=', userId).execute();
}

/** Uses up the codes of a time step and of all before it; `false` when that was done already. */
export async function advanceTotpStep(db: Db, userId: string, step: number): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('totpSecrets')
    .set({ lastStep: step })
    .where('userId', '=', userId)
    .where((column) => column.or([column('lastStep', 'is', null), column('lastStep', '<', step)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Uses a recovery code up; `false` when there is none such. */
export async function deleteRecoveryCode(db: Db, userId: string, codeHash: Buffer): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('recoveryCodes')
    .where('userId', '=', userId)
    .where('codeHash', '=', codeHash)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function replaceRecoveryCodes(db: Db, userId: string, codeHashes: Buffer[]): Promise<void> {
  await db.deleteFrom('recoveryCodes').where('userId', '=', userId).execute();
  await db
    .insertInto('recoveryCodes')
    .values(codeHashes.map((codeHash) => ({ userId, codeHash })))
    .execute();
}

/** Makes an account ask for codes from a moment on; `null`: no more. */
export async function updateTotpEnabledAt(db: Db, userId: string, totpEnabledAt: Date | null): Promise<void> {
  await db.updateTable('users').set({ totpEnabledAt }).where('id', '=', userId).execute();
}
