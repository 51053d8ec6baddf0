import type { Session } from '@online-cinema/contract/accounts';
import type { Db } from '@online-cinema/db/open';
import type { Caller } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';

const MOST_SESSIONS = 100;

/** Lists a caller's living sessions: the current one, then those used last. */
export async function listSessions({ db, clock }: Pick<Deps, 'db' | 'clock'>, caller: Caller): Promise<Session[]> {
  const now = clock.now();
  return await db
    .selectFrom('sessions')
    .where('userId', '=', caller.userId)
    .where('idleExpiresAt', '>', now)
    .select((column) => [
      'id',
      column('id', '=', caller.sessionId).$castTo<boolean>().as('current'),
      'userAgent',
      'ip',
      'createdAt',
      // A refresh is what we note of a session; a write with each call would cost more than it tells.
      'rotatedAt as lastUsedAt',
    ])
    .orderBy('current', 'desc')
    .orderBy('rotatedAt', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_SESSIONS)
    .execute();
}

/**
 * Ends one of a caller's sessions, be it the one of this call.
 *
 * @throws AppError `not_found`, also when it is somebody else's.
 */
export async function endSessionOf({ db }: Pick<Deps, 'db'>, userId: string, sessionId: string): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('sessions')
    .where('id', '=', sessionId)
    .where('userId', '=', userId)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw new AppError('not_found');
}

/** Ends a caller's sessions, all or all others; tells how many of them were still alive. */
export async function logoutEverywhere(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { userId, sessionId }: Caller,
  scope: 'all' | 'others',
): Promise<number> {
  const now = clock.now();
  const ended = await deleteSessions(db, { userId, ...(scope === 'others' && { except: sessionId }) });
  return ended.filter((session) => session.idleExpiresAt > now).length;
}

/** Tells whether a session was signed in after a moment; a refresh makes it no younger. */
export async function didSessionBeginAfter(db: Db, sessionId: string, moment: Date): Promise<boolean> {
  const row = await db
    .selectFrom('sessions')
    .where('id', '=', sessionId)
    .where('createdAt', '>', moment)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Ends the sessions of a user, all or all but one. */
export async function deleteSessions(
  db: Db,
  { userId, except }: { userId: string; except?: string },
): Promise<{ idleExpiresAt: Date }[]> {
  return await db
    .deleteFrom('sessions')
    .where('userId', '=', userId)
    .$if(except !== undefined, (query) => query.where('id', '!=', except ?? ''))
    .returning('idleExpiresAt')
    .execute();
}
