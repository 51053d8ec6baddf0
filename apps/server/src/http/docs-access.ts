import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { verifyCredentials } from '../accounts/credentials.ts';
import { type Credentials, selectCredentials } from '../accounts/queries.ts';
import { authenticate } from '../context.ts';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';

/** A page view is several requests, each with the password: it is hashed for the first of them only. */
const REMEMBERED_SECONDS = 300;
const MOST_REMEMBERED = 1_000;

/**
 * Makes the check of who may read: a bearer token, or address and password of an account (Basic). A password is limited
 * as in a sign-in; where there is two-factor login it is not enough.
 *
 * @returns a check that rejects with AppError `not_authenticated`, `invalid_credentials`, `bearer_required`,
 * `too_many_requests`.
 */
export function createDocsAccess(deps: Deps): (request: FastifyRequest) => Promise<void> {
  const verify = createMemory(deps);
  return async ({ headers: { authorization }, ip }) => {
    const basic = readBasic(authorization);
    if (basic === null) {
      await authenticate({ deps, authorization });
      return;
    }
    const user = await verify(basic, ip);
    if (!user.isActive) throw new AppError('not_authenticated');
    if (user.totpEnabledAt !== null) throw new AppError('bearer_required');
  };
}

type Basic = { email: string; password: string };

// What is remembered is that a password was right, not that its account may read: that is asked each time.
function createMemory(deps: Deps): (basic: Basic, ip: string) => Promise<Credentials> {
  // Of this process and this run: a dump of the memory tells nobody a password.
  const key = randomBytes(32);
  const verified = new Map<string, { id: string; passwordGeneration: number; until: Date }>();

  return async (basic, ip) => {
    const now = deps.clock.now();
    const mark = createHmac('sha256', key)
      .update(JSON.stringify([basic.email, basic.password]))
      .digest('base64url');
    const before = verified.get(mark);
    if (before && before.until > now) {
      const user = await selectCredentials(deps.db, basic.email);
      if (user?.id === before.id && user.passwordGeneration === before.passwordGeneration) return user;
    }
    verified.delete(mark);
    const user = await verifyCredentials(deps, basic, ip);
    const [oldest] = verified.keys();
    if (oldest !== undefined && verified.size >= MOST_REMEMBERED) verified.delete(oldest);
    const { id, passwordGeneration } = user;
    verified.set(mark, { id, passwordGeneration, until: addSeconds(now, REMEMBERED_SECONDS) });
    return user;
  };
}

/** @throws AppError `not_authenticated` for what no password can be. */
function readBasic(authorization: string | undefined): Basic | null {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '')?.[1];
  if (basic === undefined) return null;
  const credentials = Buffer.from(basic, 'base64').toString('utf8');
  // The database would refuse it with a reason that is not ours here.
  if (credentials.includes('\0')) throw new AppError('not_authenticated');
  const [email = '', ...password] = credentials.split(':');
  return { email: email.trim().normalize('NFC').toLowerCase(), password: password.join(':') };
}
