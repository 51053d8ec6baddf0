import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import type { OneTimeTokens } from '../lib/one-time-tokens.ts';
import { passwordResetDoneMail, passwordResetJob } from './jobs.ts';
import { tryTakeMail } from './limits.ts';
import { assertStrongPassword } from './password-policy.ts';
import { deleteOneTimeToken, deleteOneTimeTokens, lockTokenOwner, selectUserIdOrStandIn } from './queries.ts';
import { deleteSessions } from './session-list.ts';

/**
 * Asks for a link to set another password; what is answered and done does not depend on whether the account exists.
 *
 * @throws AppError `too_many_requests` for who asks too often, whatever the addresses.
 */
export async function requestPasswordReset(
  { db, queue, limits }: Pick<Deps, 'db' | 'queue' | 'limits'>,
  { email, ip }: { email: string; ip: string },
): Promise<void> {
  if (!(await tryTakeMail({ limits }, 'password-reset', { email, ip }))) return;
  await inTransaction(db, async (trx) => {
    const userId = await selectUserIdOrStandIn(trx, email);
    await queue.enqueue(trx, passwordResetJob, { userId });
  });
}

/**
 * Sets a password with the token of a reset mail, an invitation or the first setup. The mail has proven the address, so
 * a pending account becomes active. All sessions end, and links that were mailed before are good no more.
 *
 * @throws AppError `invalid_token`, and `weak_password`, after which the token is still good.
 */
export async function resetPassword(
  deps: Pick<Deps, 'db' | 'queue' | 'passwords' | 'oneTimeTokens' | 'config' | 'clock'>,
  { token, newPassword }: { token: string; newPassword: string },
): Promise<void> {
  const { db, queue, passwords, oneTimeTokens, config, clock } = deps;
  const named = readToken(oneTimeTokens, token);
  // Looked at before the new password is: what is refused anyway need not be hashed.
  if (!named || !(await tokenLives(db, named, clock.now()))) throw new AppError('invalid_token');
  assertStrongPassword(config.passwordPolicy, newPassword, 'newPassword');
  const passwordHash = await passwords.hash(newPassword);
  await inTransaction(db, async (trx) => {
    const used = { ...named, now: clock.now() };
    const owner = await lockTokenOwner(trx, used);
    if (!owner || owner.state === 'closed') throw new AppError('invalid_token');
    if ((await deleteOneTimeToken(trx, used)) === null) throw new AppError('invalid_token');
    const generation = await setPassword(trx, owner.userId, passwordHash);
    await deleteSessions(trx, { userId: owner.userId });
    await deleteOneTimeTokens(trx, owner.userId);
    await queue.enqueue(trx, passwordResetDoneMail, { userId: owner.userId, generation });
  });
}

type PasswordToken = { id: string; purpose: 'password_reset' | 'set_password' };

function readToken(oneTimeTokens: OneTimeTokens, token: string): PasswordToken | undefined {
  for (const purpose of ['password_reset', 'set_password'] as const) {
    const id = oneTimeTokens.verify(purpose, token);
    if (id !== null) return { id, purpose };
  }
  return undefined;
}

async function tokenLives(db: Db, { id, purpose }: PasswordToken, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('oneTimeTokens')
    .where('id', '=', id)
    .where('purpose', '=', purpose)
    .where('expiresAt', '>', now)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Sets a password and makes a pending account active; gives the password's generation. */
async function setPassword(db: Db, userId: string, passwordHash: string): Promise<number> {
  const row = await db
    .updateTable('users')
    .set((column) => ({
      passwordHash,
      passwordGeneration: column('passwordGeneration', '+', 1),
      isActive: true,
      activatedAt: column.fn.coalesce('activatedAt', sql<Date>`now()`),
      updatedAt: sql`now()`,
    }))
    .where('id', '=', userId)
    .returning('passwordGeneration')
    .executeTakeFirstOrThrow();
  return row.passwordGeneration;
}
