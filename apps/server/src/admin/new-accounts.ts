import type { AdminUser, CreateUser } from '@online-cinema/contract/admin';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { assertStrongPassword } from '../accounts/password-policy.ts';
import { insertActiveUser, insertUser, replaceOneTimeToken } from '../accounts/queries.ts';
import { assertStillAdmin } from '../accounts/standing.ts';
import { type Actor, audit, type CallingActor } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { invitationMail } from './jobs.ts';
import { setPasswordUrl } from './mail.ts';
import { lockSetup, selectLivingToken, selectPendingAdmin, selectUser, wasAdminEverActive } from './queries.ts';

type NewAccountDeps = Pick<Deps, 'db' | 'queue' | 'config' | 'clock'>;

/**
 * Gives somebody a pending account without a password, and mails the link that sets one: all of it, or nothing.
 *
 * @throws AppError `email_taken`.
 */
export async function createUser(
  deps: NewAccountDeps,
  actor: CallingActor | null,
  account: CreateUser,
): Promise<AdminUser> {
  return await inTransaction(deps.db, async (trx) => {
    const { userId, tokenId } = await insertPendingAccount(deps, trx, actor, account);
    await assertStillAdmin(deps, trx, actor);
    await deps.queue.enqueue(trx, invitationMail, { tokenId });
    const user = await selectUser(trx, userId);
    if (!user) throw new AppError('internal_error');
    return user;
  });
}

/**
 * Makes an admin who may sign in at once, for whoever runs the cinema.
 *
 * @throws AppError `weak_password`, `email_taken`.
 */
export async function createAdmin(
  { db, passwords, config }: Pick<Deps, 'db' | 'passwords' | 'config'>,
  { email, password }: { email: string; password: string },
): Promise<void> {
  assertStrongPassword(config.passwordPolicy, password, 'password');
  const passwordHash = await passwords.hash(password);
  await inTransaction(db, async (trx) => {
    const userId = await insertActiveUser(trx, { email, passwordHash, role: 'admin' });
    if (userId === null) throw new AppError('email_taken');
    await auditCreation(trx, null, userId, 'admin');
  });
}

/**
 * Makes a pending admin.
 *
 * @returns the address where the password is set: a secret.
 * @throws AppError `email_taken`.
 */
export async function createAdminByLink(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'oneTimeTokens'>,
  email: string,
): Promise<string> {
  return await inTransaction(deps.db, async (trx) => {
    const { tokenId } = await insertPendingAccount(deps, trx, null, { email, role: 'admin' });
    return linkOf(deps, tokenId);
  });
}

/**
 * Gives the link with which the first admin of a cinema sets a password: `null` once there was an admin. Asked again
 * while the link is good, it gives the same one.
 *
 * @param email the address of the first admin, unless one is pending already.
 */
export async function openSetup(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'oneTimeTokens'>,
  email: string,
): Promise<{ email: string; link: string } | null> {
  return await inTransaction(deps.db, async (trx) => {
    // Two processes that start at once give one link.
    await lockSetup(trx);
    if (await wasAdminEverActive(trx)) return null;
    const pending = await selectPendingAdmin(trx);
    if (!pending) {
      const { tokenId } = await insertPendingAccount(deps, trx, null, { email, role: 'admin' });
      return { email, link: linkOf(deps, tokenId) };
    }
    const living = await selectLivingToken(trx, pending.id, deps.clock.now());
    return { email: pending.email, link: linkOf(deps, living ?? (await insertToken(deps, trx, pending.id))) };
  });
}

async function insertPendingAccount(
  deps: Pick<Deps, 'config' | 'clock'>,
  trx: Db,
  actor: Actor,
  { email, role }: CreateUser,
): Promise<{ userId: string; tokenId: string }> {
  const userId = await insertUser(trx, { email, role, passwordHash: null });
  if (userId === null) throw new AppError('email_taken');
  await auditCreation(trx, actor, userId, role);
  return { userId, tokenId: await insertToken(deps, trx, userId) };
}

async function auditCreation(trx: Db, actor: Actor, userId: string, role: CreateUser['role']): Promise<void> {
  await audit(trx, { actor, action: 'users.create', target: { kind: 'user', id: userId }, details: { role } });
}

async function insertToken({ config, clock }: Pick<Deps, 'config' | 'clock'>, trx: Db, userId: string) {
  const expiresAt = addSeconds(clock.now(), config.passwordResetTtlSeconds);
  return await replaceOneTimeToken(trx, { userId, purpose: 'set_password', expiresAt });
}

function linkOf({ oneTimeTokens, config }: Pick<Deps, 'oneTimeTokens' | 'config'>, tokenId: string): string {
  return setPasswordUrl(config.publicUrl, oneTimeTokens.derive('set_password', tokenId));
}
