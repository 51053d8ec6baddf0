import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import type { RawBuilder } from 'kysely';
import type { Deps } from './deps.ts';
import { compileOnce, type Placeholders } from './lib/compiled.ts';
import { AppError } from './lib/errors.ts';
import type { AccessClaims } from './lib/tokens.ts';

/** Who is calling, as the session's row says at this moment. */
export type Caller = { userId: string; sessionId: string; role: Role; totpEnabled: boolean };

/** One request: what came with it, and what the cinema may reach to answer. */
export type Context = {
  deps: Deps;
  requestId: string;
  ip: string;
  userAgent: string | undefined;
  /** The `Authorization` header as it came. */
  authorization: string | undefined;
  /** The ticket a stream was asked for with. */
  ticket?: string | undefined;
  /** The `Idempotency-Key` header as it came: see `once`. */
  idempotencyKey?: string | string[] | undefined;
};

/**
 * Tells who is calling: the token's signature first, then its session and user in one read by primary key, so that
 * logout, deactivation and a new role act on the very next call.
 *
 * @throws AppError `not_authenticated`, whatever is wrong.
 */
export async function authenticate({ deps, authorization }: Pick<Context, 'deps' | 'authorization'>): Promise<Caller> {
  const token = /^Bearer ([\w.~+/-]+=*)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new AppError('not_authenticated');
  const claims = await deps.tokens.verifyAccess(token);
  if (!claims) throw new AppError('not_authenticated');
  const caller = await selectCaller(deps.db, claims, deps.clock.now());
  if (!caller) throw new AppError('not_authenticated');
  return caller;
}

/**
 * Tells who is calling by the ticket of a stream, which is used up by that.
 *
 * @throws AppError `not_authenticated`, whatever is wrong.
 */
export async function authenticateTicket({ deps, ticket }: Pick<Context, 'deps' | 'ticket'>): Promise<Caller> {
  const id = ticket === undefined ? null : deps.oneTimeTokens.verify('stream', ticket);
  if (id === null) throw new AppError('not_authenticated');
  const now = deps.clock.now();
  const used = await deps.db
    .deleteFrom('streamTickets')
    .where('id', '=', id)
    .where('expiresAt', '>', now)
    .returning('sessionId')
    .executeTakeFirst();
  const caller = used && (await selectCallers(deps.db, used.sessionId, now).executeTakeFirst());
  if (!caller) throw new AppError('not_authenticated');
  return caller;
}

/** Tells whether a caller's session still lives: for what goes on longer than a call. */
export async function isSignedIn({ db, clock }: Pick<Deps, 'db' | 'clock'>, { sessionId }: Caller): Promise<boolean> {
  return (await selectCallers(db, sessionId, clock.now()).executeTakeFirst()) !== undefined;
}

/** Whose session this is; nobody's when it has ended or the account is closed. */
export async function selectCaller(
  db: Db,
  { userId, sessionId }: Pick<AccessClaims, 'userId' | 'sessionId'>,
  now: Date,
): Promise<Caller | undefined> {
  const { rows } = await db.executeQuery(callerStatement(db, { userId, sessionId, now }));
  return rows[0];
}

type CallerKey = { userId: string; sessionId: string; now: Date };

/** What every call of somebody who is signed in asks first. */
export const callerStatement = compileOnce((db, { userId, sessionId, now }: Placeholders<CallerKey>) =>
  selectCallers(db, sessionId, now).where('sessions.userId', '=', userId),
);

function selectCallers(db: Db, sessionId: string | RawBuilder<string>, now: Date | RawBuilder<Date>) {
  return db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.userId')
    .where('sessions.id', '=', sessionId)
    .where('sessions.expiresAt', '>', now)
    .where('users.isActive', '=', true)
    .select((column) => [
      'users.id as userId',
      'sessions.id as sessionId',
      'users.role',
      column('users.totpEnabledAt', 'is not', null).$castTo<boolean>().as('totpEnabled'),
    ]);
}
