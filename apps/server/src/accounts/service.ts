import type { TokenPair } from '@online-cinema/contract/accounts';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { verifyCredentials } from './credentials.ts';
import { activatedMail, activationJob, activationMail } from './jobs.ts';
import { takeRegistration, tryTakeMail } from './limits.ts';
import { assertStrongPassword } from './password-policy.ts';
import {
  activateUser,
  deleteOneTimeToken,
  emailExists,
  insertUser,
  lockTokenOwner,
  replaceOneTimeToken,
  selectUserIdOrStandIn,
  updatePasswordHash,
} from './queries.ts';
import { startSession } from './sessions.ts';
import { totpRequired } from './totp-login.ts';

/**
 * Opens an inactive account and queues its activation mail: user, profile, token and mail, or nothing.
 *
 * @throws AppError `weak_password`, `email_taken`, `too_many_requests`.
 */
export async function register(
  deps: Pick<Deps, 'db' | 'queue' | 'passwords' | 'limits' | 'config' | 'clock'>,
  { email, password }: { email: string; password: string },
  ip: string,
): Promise<{ id: string; email: string; message: string }> {
  const { db, queue, passwords, config, clock } = deps;
  await takeRegistration(deps, ip);
  assertStrongPassword(config.passwordPolicy, password, 'password');
  if (await emailExists(db, email)) throw new AppError('email_taken');
  const passwordHash = await passwords.hash(password);
  return await inTransaction(db, async (trx) => {
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
  await inTransaction(db, async (trx) => {
    const used = { id, purpose: 'activation', now: clock.now() } as const;
    const owner = await lockTokenOwner(trx, used);
    const userId = await deleteOneTimeToken(trx, used);
    if (userId === null || owner?.state === 'closed') throw new AppError('invalid_token');
    if (!(await activateUser(trx, userId))) throw new AppError('already_active');
    await queue.enqueue(trx, activatedMail, { userId });
  });
}

/**
 * Asks for another activation mail; what is answered and done does not depend on whether the account waits for one.
 *
 * @throws AppError `too_many_requests` for who asks too often, whatever the addresses.
 */
export async function resendActivation(
  { db, queue, limits }: Pick<Deps, 'db' | 'queue' | 'limits'>,
  { email, ip }: { email: string; ip: string },
): Promise<void> {
  if (!(await tryTakeMail({ limits }, 'activation', { email, ip }))) return;
  await inTransaction(db, async (trx) => {
    const userId = await selectUserIdOrStandIn(trx, email);
    await queue.enqueue(trx, activationJob, { userId });
  });
}

/**
 * Signs in.
 *
 * @throws AppError `invalid_credentials`, `too_many_requests`, and only after a right password `not_active` and
 * `totp_required`, whose detail `challenge` the second step needs.
 */
export async function login(
  deps: Pick<Deps, 'db' | 'passwords' | 'tokens' | 'loginChallenges' | 'limits' | 'config' | 'clock' | 'log'>,
  credentials: { email: string; password: string },
  device: { ip: string; userAgent: string | undefined },
): Promise<TokenPair> {
  const user = await verifyCredentials(deps, credentials, device.ip);
  if (!user.isActive) throw new AppError('not_active');
  const session = user.totpEnabledAt === null ? await startSession(deps, user, device) : null;
  await renewHash(deps, user, credentials.password);
  if (!session) throw totpRequired(deps, user);
  return session;
}

// Now, because only now the password is known. What fails here is done by the next login.
async function renewHash(
  { db, passwords, log }: Pick<Deps, 'db' | 'passwords' | 'log'>,
  user: { id: string; passwordHash: string | null },
  password: string,
): Promise<void> {
  const from = user.passwordHash;
  if (from === null || !passwords.isOutdated(from)) return;
  try {
    await updatePasswordHash(db, { userId: user.id, from, to: await passwords.hash(password) });
  } catch (error) {
    log.warn({ err: error }, 'a password could not be hashed anew');
  }
}
