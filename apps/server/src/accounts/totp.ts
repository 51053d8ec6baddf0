import type { RecoveryCodes, TotpSetup } from '@online-cinema/contract/totp';
import type { Db } from '@online-cinema/db/open';
import type { Deps } from '../deps.ts';
import { toEpochSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { verifyPassword } from './password-change.ts';
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

/**
 * Gives a secret for an authenticator app, in place of one that waits already. Nothing changes for the sign-in until a
 * code of it was entered.
 *
 * @throws AppError `totp_already_enabled`.
 */
export async function setUpTotp({ db, totp }: Pick<Deps, 'db' | 'totp'>, userId: string): Promise<TotpSetup> {
  return await db.transaction().execute(async (trx) => {
    const { email, totpEnabledAt } = await lockUser(trx, userId);
    if (totpEnabledAt !== null) throw new AppError('totp_already_enabled');
    const sealed = totp.createSecret(userId);
    await replaceTotpSecret(trx, userId, sealed);
    return totp.describe(sealed, { userId, email });
  });
}

/**
 * Makes the account ask for a code at each sign-in from now on, and gives the recovery codes.
 *
 * @throws AppError `invalid_code`, `totp_already_enabled`, `totp_not_set_up`, `too_many_requests`.
 */
export async function enableTotp(
  deps: Pick<Deps, 'db' | 'queue' | 'limits' | 'clock' | 'totp' | 'recoveryCodes'>,
  userId: string,
  code: string,
): Promise<RecoveryCodes> {
  const { db, queue, limits, clock } = deps;
  const given = await limitCodeTries({ limits }, userId, () =>
    db.transaction().execute(async (trx) => {
      const { totpEnabledAt } = await lockUser(trx, userId);
      if (totpEnabledAt !== null) throw new AppError('totp_already_enabled');
      if (!(await selectTotpSecret(trx, userId))) throw new AppError('totp_not_set_up');
      if (!(await useCode(deps, trx, userId, code))) return null;
      const now = clock.now();
      await updateTotpEnabledAt(trx, userId, now);
      await queue.enqueue(trx, totpChangedMail, { userId, isEnabled: true, at: toEpochSeconds(now) });
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
  await deps.db.transaction().execute(async (trx) => {
    const user = await lockUser(trx, userId);
    // Changed since: the password that was given is not the right one any more.
    if (user.passwordGeneration !== verified.passwordGeneration) throw new AppError('wrong_password');
    if (user.totpEnabledAt === null) throw new AppError('totp_not_enabled');
    await updateTotpEnabledAt(trx, userId, null);
    await deleteTotp(trx, userId);
    const at = toEpochSeconds(deps.clock.now());
    await deps.queue.enqueue(trx, totpChangedMail, { userId, isEnabled: false, at });
  });
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
    deps.db.transaction().execute(async (trx) => {
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

async function lockUser(trx: Db, userId: string): Promise<TotpUser> {
  const user = await lockTotpUser(trx, userId, 'change');
  // Gone since the call was let in.
  if (!user) throw new AppError('not_authenticated');
  return user;
}
