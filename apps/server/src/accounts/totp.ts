import type { RecoveryCodes, TotpSetup } from '@online-cinema/contract/totp';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Caller } from '../context.ts';
import type { Deps } from '../deps.ts';
import { addSeconds, toEpochSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { verifyPassword } from './password-change.ts';
import type { Password } from './queries.ts';
import { deleteSessions, didSessionBeginAfter } from './session-list.ts';
import { totpChangedMail } from './totp-jobs.ts';
import { useCode } from './totp-login.ts';
import {
  deleteTotp,
  lockTotpUser,
  replaceRecoveryCodes,
  replaceTotpSecret,
  selectTotpSecret,
  type TotpUser,
  updateTotpEnabledAt,
} from './totp-queries.ts';
import { limitCodeTries } from './totp-tries.ts';

/** For as long after a sign-in its password need not be given again. */
const FRESH_SECONDS = 15 * 60;

/**
 * Gives a secret for an authenticator app, in place of one that waits already. Nothing changes for the sign-in until a
 * code of it was entered. Whoever only holds a session, and not the password, must not lock the owner out.
 *
 * @throws AppError `totp_already_enabled`, `password_required`, `wrong_password`, `too_many_requests`.
 */
export async function setUpTotp(
  deps: Pick<Deps, 'db' | 'passwords' | 'limits' | 'clock' | 'totp'>,
  { userId, sessionId }: Caller,
  password: string | undefined,
): Promise<TotpSetup> {
  const { db, clock, totp } = deps;
  const verified = password === undefined ? null : await verifyPassword(deps, userId, password);
  return await inTransaction(db, async (trx) => {
    const { email, passwordGeneration, totpEnabledAt } = await lockUser(trx, userId);
    if (totpEnabledAt !== null) throw new AppError('totp_already_enabled');
    if (verified) assertUnchanged(verified, passwordGeneration);
    else if (!(await didSessionBeginAfter(trx, sessionId, addSeconds(clock.now(), -FRESH_SECONDS)))) {
      throw new AppError('password_required');
    }
    const sealed = totp.createSecret(userId);
    await replaceTotpSecret(trx, userId, sealed);
    return totp.describe(sealed, { userId, email });
  });
}

/**
 * Makes the account ask for a code at each sign-in from now on, and gives the recovery codes. Its other sessions end:
 * they were begun without one.
 *
 * @throws AppError `invalid_code`, `totp_already_enabled`, `totp_not_set_up`, `too_many_requests`.
 */
export async function enableTotp(
  deps: Pick<Deps, 'db' | 'queue' | 'limits' | 'clock' | 'totp' | 'recoveryCodes'>,
  { userId, sessionId }: Caller,
  code: string,
): Promise<RecoveryCodes> {
  const { db, queue, limits, clock } = deps;
  const given = await limitCodeTries({ limits }, userId, () =>
    inTransaction(db, async (trx) => {
      const { totpEnabledAt } = await lockUser(trx, userId);
      if (totpEnabledAt !== null) throw new AppError('totp_already_enabled');
      if (!(await selectTotpSecret(trx, userId))) throw new AppError('totp_not_set_up');
      if (!(await useCode(deps, trx, userId, code))) return null;
      const now = clock.now();
      await updateTotpEnabledAt(trx, userId, now);
      await deleteSessions(trx, { userId, except: sessionId });
      await queue.enqueue(trx, totpChangedMail, { userId, change: 'on', at: toEpochSeconds(now) });
      return await giveRecoveryCodes(deps, trx, userId);
    }),
  );
  if (!given) throw new AppError('invalid_code');
  return given;
}

/**
 * Makes the account ask for its password only, and forgets secret and recovery codes.
 *
 * @throws AppError `wrong_password`, `totp_not_enabled`, `too_many_requests`.
 */
export async function disableTotp(
  deps: Pick<Deps, 'db' | 'queue' | 'passwords' | 'limits' | 'clock'>,
  userId: string,
  password: string,
): Promise<void> {
  const verified = await verifyPassword(deps, userId, password);
  await inTransaction(deps.db, async (trx) => {
    const { passwordGeneration, totpEnabledAt } = await lockUser(trx, userId);
    assertUnchanged(verified, passwordGeneration);
    if (totpEnabledAt === null) throw new AppError('totp_not_enabled');
    await switchTotpOff(deps, trx, { userId, change: 'off' });
  });
}

/** Forgets secret and recovery codes of an account that is locked, and tells its owner; `reset`: that the staff did it. */
export async function switchTotpOff(
  { queue, clock }: Pick<Deps, 'queue' | 'clock'>,
  trx: Db,
  { userId, change }: { userId: string; change: 'off' | 'reset' },
): Promise<void> {
  await updateTotpEnabledAt(trx, userId, null);
  await deleteTotp(trx, userId);
  await queue.enqueue(trx, totpChangedMail, { userId, change, at: toEpochSeconds(clock.now()) });
}

/**
 * Gives ten recovery codes in place of those that are left.
 *
 * @throws AppError `invalid_code`, `totp_not_enabled`, `too_many_requests`.
 */
export async function renewRecoveryCodes(
  deps: Pick<Deps, 'db' | 'limits' | 'clock' | 'totp' | 'recoveryCodes'>,
  userId: string,
  code: string,
): Promise<RecoveryCodes> {
  const given = await limitCodeTries(deps, userId, () =>
    inTransaction(deps.db, async (trx) => {
      const { totpEnabledAt } = await lockUser(trx, userId);
      if (totpEnabledAt === null) throw new AppError('totp_not_enabled');
      return (await useCode(deps, trx, userId, code)) ? await giveRecoveryCodes(deps, trx, userId) : null;
    }),
  );
  if (!given) throw new AppError('invalid_code');
  return given;
}

async function giveRecoveryCodes(deps: Pick<Deps, 'recoveryCodes'>, trx: Db, userId: string): Promise<RecoveryCodes> {
  const recoveryCodes = deps.recoveryCodes.create();
  await replaceRecoveryCodes(
    trx,
    userId,
    recoveryCodes.map((code) => deps.recoveryCodes.hash(userId, code)),
  );
  return { recoveryCodes };
}

// Changed since: the password that was given is not the right one any more.
function assertUnchanged(verified: Password, passwordGeneration: number): void {
  if (verified.passwordGeneration !== passwordGeneration) throw new AppError('wrong_password');
}

async function lockUser(trx: Db, userId: string): Promise<TotpUser> {
  const user = await lockTotpUser(trx, userId, 'change');
  // Gone since the call was let in.
  if (!user) throw new AppError('not_authenticated');
  return user;
}
