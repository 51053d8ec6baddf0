import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { sql } from 'kysely';
import pg from 'pg';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { emailChangedMail, emailChangeMail } from './jobs.ts';
import { takeEmailChange } from './limits.ts';
import { verifyPassword } from './password-change.ts';
import {
  deleteOneTimeToken,
  deleteOneTimeTokens,
  emailExists,
  lockAccount,
  lockTokenOwner,
  replaceOneTimeToken,
} from './queries.ts';

/**
 * Mails a link to the address an account is to move to. Nothing changes before the link is followed; a second request
 * replaces the first.
 *
 * @throws AppError `wrong_password`, `email_taken`, `too_many_requests`.
 */
export async function requestEmailChange(
  deps: Pick<Deps, 'db' | 'queue' | 'passwords' | 'limits' | 'config' | 'clock'>,
  userId: string,
  { newEmail, password }: { newEmail: string; password: string },
): Promise<void> {
  const { db, queue, config, clock } = deps;
  const { passwordGeneration } = await verifyPassword(deps, userId, password);
  await takeEmailChange(deps, { userId, newEmail });
  await inTransaction(db, async (trx) => {
    // The password may have been changed while it was checked: who knows only the old one may not move the account.
    const account = await lockAccount(trx, userId);
    if (account?.passwordGeneration !== passwordGeneration) throw new AppError('wrong_password');
    if (await emailExists(trx, newEmail)) throw new AppError('email_taken');
    const expiresAt = addSeconds(clock.now(), config.activationTtlSeconds);
    const tokenId = await replaceOneTimeToken(trx, { userId, purpose: 'email_change', expiresAt });
    await upsertEmailChange(trx, { userId, tokenId, newEmail });
    await queue.enqueue(trx, emailChangeMail, { tokenId });
  });
}

/**
 * Moves an account to the address its token was mailed to, and tells the address before. A reset link that was mailed
 * there is good no more.
 *
 * @throws AppError `invalid_token`, and `email_taken` when somebody else has the address by now.
 */
export async function confirmEmailChange(
  { db, queue, oneTimeTokens, clock }: Pick<Deps, 'db' | 'queue' | 'oneTimeTokens' | 'clock'>,
  token: string,
): Promise<void> {
  const id = oneTimeTokens.verify('email_change', token);
  if (id === null) throw new AppError('invalid_token');
  await inTransaction(db, async (trx) => {
    const used = { id, purpose: 'email_change', now: clock.now() } as const;
    const owner = await lockTokenOwner(trx, used);
    const newEmail = await selectNewEmail(trx, id);
    if (!owner || owner.state === 'closed' || newEmail === undefined) throw new AppError('invalid_token');
    if ((await deleteOneTimeToken(trx, used)) === null) throw new AppError('invalid_token');
    await updateEmail(trx, owner.userId, newEmail);
    await deleteOneTimeTokens(trx, owner.userId);
    const changeId = await insertEmailChanged(trx, { userId: owner.userId, oldEmail: owner.email, newEmail });
    await queue.enqueue(trx, emailChangedMail, { changeId });
  }).catch((error: unknown) => {
    throw isEmailTaken(error) ? new AppError('email_taken') : error;
  });
}

async function upsertEmailChange(db: Db, change: { userId: string; tokenId: string; newEmail: string }): Promise<void> {
  await db
    .insertInto('emailChanges')
    .values(change)
    .onConflict((conflict) => conflict.column('tokenId').doUpdateSet({ newEmail: change.newEmail }))
    .execute();
}

async function selectNewEmail(db: Db, tokenId: string): Promise<string | undefined> {
  const row = await db.selectFrom('emailChanges').where('tokenId', '=', tokenId).select('newEmail').executeTakeFirst();
  return row?.newEmail;
}

async function updateEmail(db: Db, userId: string, email: string): Promise<void> {
  await db
    .updateTable('users')
    .set({ email, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .execute();
}

async function insertEmailChanged(
  db: Db,
  change: { userId: string; oldEmail: string; newEmail: string },
): Promise<string> {
  const row = await db.insertInto('emailChanges').values(change).returning('id').executeTakeFirstOrThrow();
  return row.id;
}

function isEmailTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.constraint === 'users_email_key';
}
