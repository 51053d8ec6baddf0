import type { Me } from '@online-cinema/contract/accounts';
import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import type { TokenPurpose } from '../lib/one-time-tokens.ts';

/** Adds an inactive user with an empty profile; `null` when the address is taken. */
export async function insertUser(db: Db, user: { email: string; passwordHash: string }): Promise<string | null> {
  const row = await db
    .with('created', (query) =>
      query
        .insertInto('users')
        .values(user)
        .onConflict((conflict) => conflict.column('email').doNothing())
        .returning('id'),
    )
    .insertInto('profiles')
    .columns(['userId'])
    .expression((query) => query.selectFrom('created').select('id'))
    .returning('userId')
    .executeTakeFirst();
  return row?.userId ?? null;
}

/** What signing in looks at. `passwordHash` is null for an account that never had a password. */
export type Credentials = { id: string; passwordHash: string | null; isActive: boolean };

/** Finds the credentials of an address, which must be normalised as `Email` does it. */
export async function selectCredentials(db: Db, email: string): Promise<Credentials | undefined> {
  return await db
    .selectFrom('users')
    .where('email', '=', email)
    .select(['id', 'passwordHash', 'isActive'])
    .executeTakeFirst();
}

/** Tells whether an address belongs to somebody. */
export async function emailExists(db: Db, email: string): Promise<boolean> {
  return (await db.selectFrom('users').where('email', '=', email).select('id').executeTakeFirst()) !== undefined;
}

/** Makes a pending user active; `false` when the account was activated before. */
export async function activateUser(db: Db, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('users')
    .set({ isActive: true, activatedAt: sql`now()`, updatedAt: sql`now()` })
    .where('id', '=', userId)
    .where('activatedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives a user a new token for a purpose in place of the old one, and its id. */
export async function replaceOneTimeToken(
  db: Db,
  token: { userId: string; purpose: TokenPurpose; expiresAt: Date },
): Promise<string> {
  const row = await db
    .insertInto('oneTimeTokens')
    .values(token)
    .onConflict((conflict) =>
      conflict.columns(['userId', 'purpose']).doUpdateSet({
        id: sql`uuidv7()`,
        createdAt: sql`now()`,
        expiresAt: token.expiresAt,
      }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Uses a token up: its user's id, or `null` when it is unknown, used or expired. */
export async function deleteOneTimeToken(
  db: Db,
  token: { id: string; purpose: TokenPurpose; now: Date },
): Promise<string | null> {
  const row = await db
    .deleteFrom('oneTimeTokens')
    .where('id', '=', token.id)
    .where('purpose', '=', token.purpose)
    .where('expiresAt', '>', token.now)
    .returning('userId')
    .executeTakeFirst();
  return row?.userId ?? null;
}

/** The user of an address who still has to activate the account. */
export async function selectPendingUser(db: Db, email: string): Promise<{ id: string } | undefined> {
  return await db
    .selectFrom('users')
    .where('email', '=', email)
    .where('activatedAt', 'is', null)
    .select('id')
    .executeTakeFirst();
}

/** What the activation mail says; nothing when the token was used or replaced. */
export async function selectActivation(
  db: Db,
  tokenId: string,
): Promise<{ email: string; expiresAt: Date } | undefined> {
  return await db
    .selectFrom('oneTimeTokens')
    .innerJoin('users', 'users.id', 'oneTimeTokens.userId')
    .where('oneTimeTokens.id', '=', tokenId)
    .where('oneTimeTokens.purpose', '=', 'activation')
    .select(['users.email', 'oneTimeTokens.expiresAt'])
    .executeTakeFirst();
}

/** Gives the address of a user; nothing when the account is gone. */
export async function selectEmail(db: Db, userId: string): Promise<string | undefined> {
  return (await db.selectFrom('users').where('id', '=', userId).select('email').executeTakeFirst())?.email;
}

/** A user as the user sees himself. */
export async function selectMe(db: Db, userId: string): Promise<Me | undefined> {
  const row = await db
    .selectFrom('users')
    .innerJoin('profiles', 'profiles.userId', 'users.id')
    .where('users.id', '=', userId)
    .select([
      'users.id',
      'users.email',
      'users.role',
      'users.isActive',
      'users.createdAt',
      'users.totpEnabledAt',
      'profiles.firstName',
      'profiles.lastName',
      'profiles.gender',
      'profiles.dateOfBirth',
      'profiles.info',
    ])
    .executeTakeFirst();
  if (!row) return undefined;
  const { firstName, lastName, gender, dateOfBirth, info, totpEnabledAt, ...user } = row;
  return {
    ...user,
    totpEnabled: totpEnabledAt !== null,
    profile: { firstName, lastName, gender, dateOfBirth, info, avatarUrl: null },
  };
}

/** Adds an active user with a role, for seeds and tests; `null` when the address is taken. */
export async function insertActiveUser(
  db: Db,
  user: { email: string; passwordHash: string; role: Role },
): Promise<string | null> {
  const userId = await insertUser(db, { email: user.email, passwordHash: user.passwordHash });
  if (userId === null) return null;
  await db
    .updateTable('users')
    .set({ isActive: true, activatedAt: sql`now()`, role: user.role })
    .where('id', '=', userId)
    .execute();
  return userId;
}
