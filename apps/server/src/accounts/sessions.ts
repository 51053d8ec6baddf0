import type { TokenPair } from '@online-cinema/contract/accounts';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { plainAddress } from '../lib/addresses.ts';
import { addSeconds, toEpochSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';

/** A session's row: all that its tokens are made from. */
type Session = {
  id: string;
  userId: string;
  generation: number;
  rotatedAt: Date;
  idleExpiresAt: Date;
  expiresAt: Date;
};

/** An account as it was when its owner proved to be that. */
type VerifiedUser = { id: string; passwordGeneration: number; totpEnabledAt: Date | null };

type SessionDeps = Pick<Deps, 'db' | 'tokens' | 'config' | 'clock'>;

/**
 * Signs a device in, for an account as it was when its password was verified.
 *
 * @throws AppError `invalid_credentials` when the password was changed, two-factor login switched or the account closed
 * since.
 */
export async function startSession(
  deps: SessionDeps,
  user: VerifiedUser,
  device: { ip: string; userAgent: string | undefined },
): Promise<TokenPair> {
  const now = deps.clock.now();
  const expiresAt = addSeconds(now, deps.config.sessionMaxSeconds);
  const session = await insertSession(deps.db, user, {
    createdAt: now,
    rotatedAt: now,
    expiresAt,
    idleExpiresAt: idleExpiry(deps, now, expiresAt),
    ip: plainAddress(device.ip),
    userAgent: device.userAgent?.slice(0, 400) ?? null,
  });
  if (!session) throw new AppError('invalid_credentials');
  return await issueTokens(deps, session);
}

/**
 * Exchanges a refresh token for the next pair.
 *
 * The current token rotates. The one before it, for a few seconds, gets the same answer as the one that rotated: two
 * tabs did it at once, or the answer was lost. Any older one is a copy in wrong hands, and ends the session.
 *
 * @throws AppError `invalid_refresh_token`, whatever the cause.
 */
export async function refreshSession(deps: SessionDeps, refreshToken: string): Promise<TokenPair> {
  const claims = await deps.tokens.verifyRefresh(refreshToken);
  if (!claims) throw new AppError('invalid_refresh_token');
  const session = await inTransaction(deps.db, async (trx) => {
    const now = deps.clock.now();
    const current = await lockLivingSession(trx, claims.sessionId, now);
    if (!current) return null;
    if (claims.generation === current.generation) {
      return await rotateSession(trx, current, now, idleExpiry(deps, now, current.expiresAt));
    }
    const isParent = claims.generation === current.generation - 1;
    if (isParent && now <= addSeconds(current.rotatedAt, deps.config.refreshGraceSeconds)) return current;
    await deleteSession(trx, current.id);
    return null;
  });
  if (!session) throw new AppError('invalid_refresh_token');
  return await issueTokens(deps, session);
}

/** Ends the session a refresh token belongs to; fine when it has ended already, or was never one. */
export async function endSession(deps: SessionDeps, refreshToken: string): Promise<void> {
  const claims = await deps.tokens.verifyRefresh(refreshToken);
  if (claims) await deleteSession(deps.db, claims.sessionId);
}

// Everything in the tokens comes from the row, so that one generation has one pair.
async function issueTokens({ tokens, config }: SessionDeps, session: Session): Promise<TokenPair> {
  const issuedAt = toEpochSeconds(session.rotatedAt);
  const lastMoment = toEpochSeconds(session.expiresAt);
  const accessExpiresAt = Math.min(issuedAt + config.accessTokenTtlSeconds, lastMoment);
  const { id: sessionId, userId, generation } = session;
  const [accessToken, refreshToken] = await Promise.all([
    tokens.signAccess({ userId, sessionId, generation }, { issuedAt, expiresAt: accessExpiresAt }),
    tokens.signRefresh({ sessionId, generation }, { issuedAt, expiresAt: toEpochSeconds(session.idleExpiresAt) }),
  ]);
  return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn: accessExpiresAt - issuedAt };
}

function idleExpiry({ config }: SessionDeps, now: Date, expiresAt: Date): Date {
  const idle = addSeconds(now, config.refreshTokenTtlSeconds);
  return idle < expiresAt ? idle : expiresAt;
}

const SESSION_COLUMNS = ['id', 'userId', 'generation', 'rotatedAt', 'idleExpiresAt', 'expiresAt'] as const;

// The share lock waits for whoever is changing the password and ending its sessions, and then sees what came of it.
async function insertSession(
  db: Db,
  user: VerifiedUser,
  session: Omit<Session, 'id' | 'userId' | 'generation'> & {
    createdAt: Date;
    ip: string | null;
    userAgent: string | null;
  },
): Promise<Session | undefined> {
  return await db
    .insertInto('sessions')
    .columns(['userId', 'createdAt', 'rotatedAt', 'idleExpiresAt', 'expiresAt', 'ip', 'userAgent'])
    .expression((query) =>
      query
        .selectFrom('users')
        .where('id', '=', user.id)
        .where('isActive', '=', true)
        .where('passwordGeneration', '=', user.passwordGeneration)
        .where('totpEnabledAt', user.totpEnabledAt === null ? 'is' : 'is not', null)
        .select((column) => [
          'users.id',
          column.val(session.createdAt).as('createdAt'),
          column.val(session.rotatedAt).as('rotatedAt'),
          column.val(session.idleExpiresAt).as('idleExpiresAt'),
          column.val(session.expiresAt).as('expiresAt'),
          column.val(session.ip).as('ip'),
          column.val(session.userAgent).as('userAgent'),
        ])
        .forShare(),
    )
    .returning(SESSION_COLUMNS)
    .executeTakeFirst();
}

async function lockLivingSession(db: Db, sessionId: string, now: Date): Promise<Session | undefined> {
  return await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.userId')
    .where('sessions.id', '=', sessionId)
    .where('sessions.idleExpiresAt', '>', now)
    .where('users.isActive', '=', true)
    .select(SESSION_COLUMNS.map((column) => `sessions.${column}` as const))
    .forUpdate('sessions')
    .executeTakeFirst();
}

async function rotateSession(db: Db, session: Session, now: Date, idleExpiresAt: Date): Promise<Session> {
  return await db
    .updateTable('sessions')
    .set({ generation: session.generation + 1, rotatedAt: now, idleExpiresAt })
    .where('id', '=', session.id)
    .returning(SESSION_COLUMNS)
    .executeTakeFirstOrThrow();
}

async function deleteSession(db: Db, sessionId: string): Promise<void> {
  await db.deleteFrom('sessions').where('id', '=', sessionId).execute();
}
