import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { limitPasswordTries, loginTry } from './limits.ts';
import { type Credentials, selectCredentials } from './queries.ts';

/**
 * Finds the account of an address and a password, active or not. An unknown address costs the same hash as a wrong
 * password and gets the same refusals.
 *
 * @throws AppError `invalid_credentials`; `too_many_requests` by address and by network.
 */
export async function verifyCredentials(
  deps: Pick<Deps, 'db' | 'passwords' | 'limits' | 'config'>,
  { email, password }: { email: string; password: string },
  ip: string,
): Promise<Credentials> {
  let user: Credentials | undefined;
  const check = async () => {
    user = await selectCredentials(deps.db, email);
    return await deps.passwords.verify(user?.passwordHash, password);
  };
  const isRight = await limitPasswordTries(deps, email, check, [loginTry(deps, ip)]);
  if (!user || !isRight) throw new AppError('invalid_credentials');
  return user;
}
