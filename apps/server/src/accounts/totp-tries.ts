import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import type { Limit } from '../lib/rate-limit.ts';

/** How long the second step of a sign-in may take. */
export const CHALLENGE_SECONDS = 300;

/** Wrong codes in a row: who has the password can have as many challenges as he likes, so it is the account that waits. */
const CODE_TRIES: Limit = {
  delays: { free: 5, firstSeconds: 30, longestSeconds: 900, forgottenAfterSeconds: 86_400 },
};

// The window begins with the first try, after the challenge did: once full, it outlasts it.
const CHALLENGE_TRIES: Limit = { windows: [{ count: 5, seconds: CHALLENGE_SECONDS }] };

/**
 * Has a code checked as one of the few tries that an account has. A right one makes the others forgotten; one that could
 * not be checked does not count. Gives what the check gave: `null` for a wrong one.
 *
 * @throws AppError `too_many_requests`.
 */
export async function limitCodeTries<Result>(
  { limits }: Pick<Deps, 'limits'>,
  userId: string,
  check: () => Promise<Result | null>,
): Promise<Result | null> {
  await limits.take('totp', userId, CODE_TRIES);
  const result = await check().catch(async (error: unknown) => {
    await limits.giveBack('totp', userId);
    throw error;
  });
  if (result !== null) await limits.clear('totp', userId);
  return result;
}

/**
 * The same for one of the five tries of a challenge, which are among those of the account.
 *
 * @throws AppError `invalid_code` when they are used up; `too_many_requests` for the account.
 */
export async function limitChallengeTries<Result>(
  { limits }: Pick<Deps, 'limits'>,
  challenge: { id: string; userId: string },
  check: () => Promise<Result | null>,
): Promise<Result | null> {
  if (!(await limits.tryTake('totp.challenge', challenge.id, CHALLENGE_TRIES))) throw challengeEnded();
  return await limitCodeTries({ limits }, challenge.userId, check).catch(async (error: unknown) => {
    await limits.giveBack('totp.challenge', challenge.id);
    throw error;
  });
}

/** A code that is refused in a sign-in: nobody is signed in yet. */
export function wrongLoginCode(): AppError {
  return new AppError('invalid_code', { code: 'UNAUTHORIZED' });
}

/** The same, whatever the code: the password has to be entered again. */
export function challengeEnded(): AppError {
  return new AppError('invalid_code', { code: 'UNAUTHORIZED', details: { challengeEnded: true } });
}
