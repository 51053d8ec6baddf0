import type { TokenPair } from '@online-cinema/contract/accounts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { activatedMail, activationMail } from './jobs.ts';
import { assertStrongPassword } from './password-policy.ts';
import {
  activateUser,
  deleteOneTimeToken,
  emailExists,
  insertUser,
  replaceOneTimeToken,
  selectCredentials,
  selectPendingUser,
} from './queries.ts';
import { startSession } from './sessions.ts';

/**
 * Opens an inactive account and queues its activation mail: user, profile, token and mail, or nothing.
 *
 * @throws AppError `weak_password`, `email_taken`.
 */
export async function register(
  { db, queue, passwords, config, clock }: Pick<Deps, 'db' | 'queue' | 'passwords' | 'config' | 'clock'>,
  { email, password }: { email: string; password: string },
): Promise<{ id: string; email: string; message: string }> {
  assertStrongPassword(config.passwordPolicy, password, 'password');
  if (await emailExists(db, email)) throw new AppError('email_taken');
  const passwordHash = await passwords.hash(password);
  return await db.transaction().execute(async (trx) => {
    const userId = await insertUser(trx, { email, passwordHash });
    if (userId === null) throw new AppError('email_taken');
    const expiresAt = addSeconds(clock.now(), config.activationTtlSeconds);
    const tokenId = await replaceOneTimeToken(trx, { userId, purpose: 'activation', expiresAt });
    await queue.enqueue(trx, activationMail, { tokenId });
    return { id: userId, email, message: `We sent a mail to ${email}. Follow its link to activate the account.` };
  });
}

/**
 * Activates the account an activation token belongs to.
 *
 * @throws AppError `invalid_token`, `already_active`.
 */
export async function activate(
  { db, queue, oneTimeTokens, clock }: Pick<Deps, 'db' | 'queue' | 'oneTimeTokens' | 'clock'>,
  token: string,
): Promise<void> {
  const id = oneTimeTokens.verify('activation', token);
  if (id === null) throw new AppError('invalid_token');
  await db.transaction().execute(async (trx) => {
    const userId = await deleteOneTimeToken(trx, { id, purpose: 'activation', now: clock.now() });
    if (userId === null) throw new AppError('invalid_token');
    if (!(await activateUser(trx, userId))) throw new AppError('already_active');
    await queue.enqueue(trx, activatedMail, { userId });
  });
}

/** Sends another activation mail to an address that waits for one; says nothing of whether it does. */
export async function resendActivation(
  { db, queue, config, clock }: Pick<Deps, 'db' | 'queue' | 'config' | 'clock'>,
  email: string,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const user = await selectPendingUser(trx, email);
    if (!user) return;
    const expiresAt = addSeconds(clock.now(), config.activationTtlSeconds);
    const tokenId = await replaceOneTimeToken(trx, { userId: user.id, purpose: 'activation', expiresAt });
    await queue.enqueue(trx, activationMail, { tokenId });
  });
}

/**
 * Signs in. An unknown address costs the same hash as a wrong password, and gets the same answer.
 *
 * @throws AppError `invalid_credentials`, and `not_active` only after a right password.
 */
export async function login(
  deps: Pick<Deps, 'db' | 'passwords' | 'tokens' | 'config' | 'clock'>,
  { email, password }: { email: string; password: string },
  device: { ip: string; userAgent: string | undefined },
): Promise<TokenPair> {
  const user = await selectCredentials(deps.db, email);
  const isRight = await deps.passwords.verify(user?.passwordHash, password);
  if (!user || !isRight) throw new AppError('invalid_credentials');
  if (!user.isActive) throw new AppError('not_active');
  return await startSession(deps, user.id, device);
}
