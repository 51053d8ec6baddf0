import type { TokenPair } from '@online-cinema/contract/accounts';
import type { CompleteLogin } from '@online-cinema/contract/totp';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { startSession } from './sessions.ts';
import { advanceTotpStep, deleteRecoveryCode, lockTotpUser, selectTotpSecret } from './totp-queries.ts';
import { CHALLENGE_SECONDS, challengeEnded, limitChallengeTries, wrongLoginCode } from './totp-tries.ts';

/** The refusal that ends the first step of a sign-in and carries what the second needs. */
export function totpRequired(
  { loginChallenges, clock }: Pick<Deps, 'loginChallenges' | 'clock'>,
  user: { id: string; passwordGeneration: number },
): AppError {
  const expiresAt = addSeconds(clock.now(), CHALLENGE_SECONDS);
  const { id: userId, passwordGeneration } = user;
  return new AppError('totp_required', {
    details: { challenge: loginChallenges.issue({ userId, passwordGeneration, expiresAt }) },
  });
}

/**
 * Signs in with the second step, for the account as it was in the first. Using the code up and starting the session is
 * one transaction: a code is not lost when something fails, and fifty calls with one code make one session.
 *
 * @throws AppError `invalid_code`: the code is wrong or used, or the challenge is no good or no longer, of which the
 * detail `challengeEnded` tells; `too_many_requests`.
 */
export async function completeLogin(
  deps: Pick<Deps, 'db' | 'tokens' | 'limits' | 'config' | 'clock' | 'totp' | 'recoveryCodes' | 'loginChallenges'>,
  { challenge, ...proof }: CompleteLogin,
  device: { ip: string; userAgent: string | undefined },
): Promise<TokenPair> {
  const passed = deps.loginChallenges.read(challenge);
  if (!passed || passed.expiresAt <= deps.clock.now()) throw challengeEnded();
  const { userId, passwordGeneration } = passed;
  const session = await limitChallengeTries(deps, passed, () =>
    inTransaction(deps.db, async (trx) => {
      const user = await lockTotpUser(trx, userId, 'share');
      const isAsBefore = user?.isActive && user.passwordGeneration === passwordGeneration;
      if (!isAsBefore || user.totpEnabledAt === null) throw challengeEnded();
      if (!(await useProof(deps, trx, userId, proof))) return null;
      return await startSession({ ...deps, db: trx }, { id: userId, ...user }, device);
    }),
  );
  if (!session) throw wrongLoginCode();
  return session;
}

/**
 * Uses a code of the authenticator app up; `false` when it is wrong, or was used before. To be called with the account
 * locked.
 */
export async function useCode(
  { totp, clock }: Pick<Deps, 'totp' | 'clock'>,
  trx: Db,
  userId: string,
  code: string,
): Promise<boolean> {
  const sealed = await selectTotpSecret(trx, userId);
  const step = sealed ? totp.findStep(sealed, userId, code, clock.now()) : null;
  return step !== null && (await advanceTotpStep(trx, userId, step));
}

async function useProof(
  deps: Pick<Deps, 'totp' | 'recoveryCodes' | 'clock'>,
  trx: Db,
  userId: string,
  { code, recoveryCode }: Omit<CompleteLogin, 'challenge'>,
): Promise<boolean> {
  if (code !== undefined) return await useCode(deps, trx, userId, code);
  if (recoveryCode === undefined) return false;
  return await deleteRecoveryCode(trx, userId, deps.recoveryCodes.hash(userId, recoveryCode));
}
