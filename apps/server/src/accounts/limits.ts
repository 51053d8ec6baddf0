import { setTimeout } from 'node:timers/promises';
import type { Deps } from '../deps.ts';
import { networkOf } from '../lib/network.ts';
import type { Limit, Try } from '../lib/rate-limit.ts';

/** The most bytes a request with a password, a token or an address may have. */
export const AUTH_BODY_LIMIT = 4_096;

/** Wrong passwords in a row: five are free, then one may be tried after half a minute, a minute, … a quarter of an hour. */
const PASSWORD_TRIES: Limit = {
  delays: { free: 5, firstSeconds: 30, longestSeconds: 900, forgottenAfterSeconds: 86_400 },
};

const MAILS_PER_ADDRESS: Limit = {
  windows: [
    { count: 1, seconds: 60 },
    { count: 5, seconds: 3_600 },
  ],
};

// Wide, for an office or a dormitory is one network too. What keeps somebody's inbox free of us is the limit per address;
// this one bounds what a single network can make us do: jobs, and mails to three thousand people a day.
const MAILS_PER_NETWORK: Limit = {
  windows: [
    { count: 600, seconds: 60 },
    { count: 3_000, seconds: 86_400 },
  ],
};

/**
 * How long who asks for a mail waits, at least, and up to how much longer. Where server and worker share a machine,
 * sending one slows down the next answer, which would tell whether there was somebody to send it to. Until then it is
 * sent, as a rule; for the rest chance blurs what five tries an hour for an address can not make clear again.
 */
const MAIL_PAUSE_MS = { least: 100, spread: 100 };

type LimitDeps = Pick<Deps, 'limits' | 'config'>;

/** A login, as a try of a network. */
export function loginTry({ config }: Pick<Deps, 'config'>, ip: string): Try {
  const windows = [{ count: config.rateLimits.loginsPerMinute, seconds: 60 }] as const;
  return { name: 'login.ip', subject: networkOf(ip), limit: { windows } };
}

/** @throws AppError `too_many_requests`. */
export async function takeRegistration({ limits, config }: LimitDeps, ip: string): Promise<void> {
  const { registrationsPerMinute, registrationsPerDay } = config.rateLimits;
  await limits.take('register.ip', networkOf(ip), {
    windows: [
      { count: registrationsPerMinute, seconds: 60 },
      { count: registrationsPerDay, seconds: 86_400 },
    ],
  });
}

/**
 * Counts a mail that a stranger asks for, whether anybody has the address or not, and lets whoever it is wait a moment.
 * `false`: the address had enough of them; then nothing is sent, and the answer is the one it always is.
 *
 * @throws AppError `too_many_requests` for who asks too often, whatever the addresses.
 */
export async function tryTakeMail(
  { limits }: Pick<Deps, 'limits'>,
  kind: 'activation' | 'password-reset',
  { email, ip }: { email: string; ip: string },
): Promise<boolean> {
  await limits.take(`${kind}-mail.ip`, networkOf(ip), MAILS_PER_NETWORK);
  await setTimeout(MAIL_PAUSE_MS.least + Math.random() * MAIL_PAUSE_MS.spread);
  return await limits.tryTake(`${kind}-mail.address`, email, MAILS_PER_ADDRESS);
}

/**
 * Counts a mail to an address that somebody wants to move to: it is a stranger's, for all we know.
 *
 * @throws AppError `too_many_requests`.
 */
export async function takeEmailChange(
  { limits }: Pick<Deps, 'limits'>,
  { userId, newEmail }: { userId: string; newEmail: string },
): Promise<void> {
  await limits.take('email-change.user', userId, { windows: [{ count: 5, seconds: 3_600 }] });
  await limits.take('email-change.address', newEmail, MAILS_PER_ADDRESS);
}

/**
 * Has a password checked as one of the few tries that an address has, known or not, or a user. A right one makes the
 * others forgotten; one that could not be checked does not count. What it is besides, a try of somebody else's, is
 * counted before it.
 *
 * @throws AppError `too_many_requests`.
 */
export async function limitPasswordTries(
  { limits }: Pick<Deps, 'limits'>,
  addressOrUserId: string,
  check: () => Promise<boolean>,
  besides: readonly Try[] = [],
): Promise<boolean> {
  await limits.takeAll([...besides, { name: 'password', subject: addressOrUserId, limit: PASSWORD_TRIES }]);
  const isRight = await check().catch(async (error: unknown) => {
    await limits.giveBack('password', addressOrUserId);
    throw error;
  });
  if (isRight) await limits.clear('password', addressOrUserId);
  return isRight;
}
