import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { sql } from 'kysely';
import type { Caller } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { passwordChangedMail } from './jobs.ts';
import { limitPasswordTries } from './limits.ts';
import { assertStrongPassword } from './password-policy.ts';
import { deleteOneTimeTokens, type Password, selectPassword } from './queries.ts';
import { deleteSessions } from './session-list.ts';

/**
 * Gives an account another password. All its other sessions end, and links that were mailed before are good no more.
 *
 * @throws AppError `wrong_password`, `weak_password`, `same_password`, `too_many_requests`.
 */
export async function changePassword(
  { db, queue, passwords, limits, config }: Pick<Deps, 'db' | 'queue' | 'passwords' | 'limits' | 'config'>,
  { userId, sessionId }: Caller,
  { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
): Promise<void> {
  const current = await verifyPassword({ db, passwords, limits }, userId, oldPassword);
  assertStrongPassword(config.passwordPolicy, newPassword, 'newPassword');
  if (newPassword.normalize('NFC') === oldPassword.normalize('NFC')) throw new AppError('same_password');
  const passwordHash = await passwords.hash(newPassword);
  await inTransaction(db, async (trx) => {
    const generation = await replacePassword(trx, { userId, passwordHash, generation: current.passwordGeneration });
    // Another call was faster: the old password is not the old one any more.
    if (generation === null) throw new AppError('wrong_password');
    await deleteSessions(trx, { userId, except: sessionId });
    await deleteOneTimeTokens(trx, userId);
    await queue.enqueue(trx, passwordChangedMail, { userId, generation });
  });
}

/**
 * Makes sure that somebody who is signed in knows the password. The tries are counted apart from those of the sign-in
 * page: who guesses there must not keep the owner from changing it.
 *
 * @throws AppError `wrong_password`, `too_many_requests`.
 */
export async function verifyPassword(
  { db, passwords, limits }: Pick<Deps, 'db' | 'passwords' | 'limits'>,
  userId: string,
  password: string,
): Promise<Password> {
  const current = await selectPassword(db, userId);
  const check = () => passwords.verify(current?.passwordHash, password);
  if (!(await limitPasswordTries({ limits }, userId, check)) || !current) throw new AppError('wrong_password');
  return current;
}

/** Replaces the password of a generation; gives the next generation, or `null` when that one is past already. */
async function replacePassword(
  db: Db,
  { userId, passwordHash, generation }: { userId: string; passwordHash: string; generation: number },
): Promise<number | null> {
  const row = await db
    .updateTable('users')
    .set({ passwordHash, passwordGeneration: generation + 1, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .where('passwordGeneration', '=', generation)
    .returning('passwordGeneration')
    .executeTakeFirst();
  return row?.passwordGeneration ?? null;
}
