import type { Me } from '@online-cinema/contract/accounts';
import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { compileOnce, type Placeholders } from '../lib/compiled.ts';
import type { TokenPurpose } from '../lib/one-time-tokens.ts';
import type { ProfileRow } from './profile-queries.ts';

/** Adds an inactive user with an empty profile; `null` when the address is taken. */
export async function insertUser(
  db: Db,
  user: { email: string; passwordHash: string | null; role?: Role },
): Promise<string | null> {
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

/** A password's hash, and how many passwords the account had before it. */
export type Password = { passwordHash: string | null; passwordGeneration: number };

export type Credentials = Password & { id: string; isActive: boolean; totpEnabledAt: Date | null };

/** Finds the credentials of an address, which must be normalised as `Email` does it. */
export async function selectCredentials(db: Db, email: string): Promise<Credentials | undefined> {
  return await db
    .selectFrom('users')
    .where('email', '=', email)
    .select(['id', 'passwordHash', 'passwordGeneration', 'isActive', 'totpEnabledAt'])
    .executeTakeFirst();
}

export async function selectPassword(db: Db, userId: string): Promise<Password | undefined> {
  return await db
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['passwordHash', 'passwordGeneration'])
    .executeTakeFirst();
}

/** Stores the same password hashed anew, unless it was changed meanwhile. */
export async function updatePasswordHash(
  db: Db,
  { userId, from, to }: { userId: string; from: string; to: string },
): Promise<void> {
  await db
    .updateTable('users')
    .set({ passwordHash: to })
    .where('id', '=', userId)
    .where('passwordHash', '=', from)
    .execute();
}

/** The user of an address, or an id that is nobody's: one statement, whoever asks, and no word on which it was. */
export async function selectUserIdOrStandIn(db: Db, email: string): Promise<string> {
  const { id } = await db
    .selectNoFrom((query) =>
      query.fn
        .coalesce(query.selectFrom('users').where('email', '=', email).select('users.id'), sql<string>`uuidv7()`)
        .as('id'),
    )
    .executeTakeFirstOrThrow();
  return id;
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

export type TokenOwner = {
  userId: string;
  email: string;
  state: AccountState;
};

/** What became of an account so far: it waits for its owner, is open, or was closed, and then no mail opens it again. */
type AccountState = 'pending' | 'active' | 'closed';

/**
 * Locks the account a living token belongs to. Whatever changes an account locks it before its tokens and sessions, so
 * that two of them wait for each other in one order.
 */
export async function lockTokenOwner(
  db: Db,
  token: { id: string; purpose: TokenPurpose; now: Date },
): Promise<TokenOwner | undefined> {
  const row = await db
    .selectFrom('oneTimeTokens')
    .innerJoin('users', 'users.id', 'oneTimeTokens.userId')
    .where('oneTimeTokens.id', '=', token.id)
    .where('oneTimeTokens.purpose', '=', token.purpose)
    .where('oneTimeTokens.expiresAt', '>', token.now)
    .select(['users.id as userId', 'users.email', 'users.isActive', 'users.activatedAt', 'users.closedAt'])
    .forNoKeyUpdate('users')
    .executeTakeFirst();
  return row && { userId: row.userId, email: row.email, state: stateOf(row) };
}

/** Ends every link that was mailed to a user and opens something in the account. */
export async function deleteOneTimeTokens(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('oneTimeTokens').where('userId', '=', userId).execute();
}

/** What became of an account so far, until the transaction ends; nothing when there is none. */
export async function lockAccountState(trx: Db, userId: string): Promise<AccountState | undefined> {
  const row = await trx
    .selectFrom('users')
    .where('id', '=', userId)
    .select(['isActive', 'activatedAt', 'closedAt'])
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row && stateOf(row);
}

function stateOf(user: { isActive: boolean; activatedAt: Date | null; closedAt: Date | null }): AccountState {
  if (user.isActive) return 'active';
  return user.activatedAt === null && user.closedAt === null ? 'pending' : 'closed';
}

/** What the mail with a token says; nothing when the token was used or replaced. */
export async function selectTokenMail(
  db: Db,
  { id, purpose }: { id: string; purpose: TokenPurpose },
): Promise<{ email: string; expiresAt: Date; newEmail: string | null } | undefined> {
  return await db
    .selectFrom('oneTimeTokens')
    .innerJoin('users', 'users.id', 'oneTimeTokens.userId')
    .leftJoin('emailChanges', 'emailChanges.tokenId', 'oneTimeTokens.id')
    .where('oneTimeTokens.id', '=', id)
    .where('oneTimeTokens.purpose', '=', purpose)
    .select(['users.email', 'oneTimeTokens.expiresAt', 'emailChanges.newEmail'])
    .executeTakeFirst();
}

/** An address that was changed, as long as the old one has to be told. */
export async function selectEmailChanged(
  db: Db,
  changeId: string,
): Promise<{ oldEmail: string; newEmail: string } | undefined> {
  const row = await db
    .selectFrom('emailChanges')
    .where('id', '=', changeId)
    .select(['oldEmail', 'newEmail'])
    .executeTakeFirst();
  return row && row.oldEmail !== null ? { oldEmail: row.oldEmail, newEmail: row.newEmail } : undefined;
}

/** Forgets the address somebody had before. */
export async function deleteEmailChanged(db: Db, changeId: string): Promise<void> {
  await db.deleteFrom('emailChanges').where('id', '=', changeId).execute();
}

/** Where somebody is written to; nowhere when the account is gone. */
export async function selectEmail(db: Db, userId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .select('email')
    .executeTakeFirst();
  return row?.email;
}

/** A user as the user sees himself. */
export async function selectMe(
  db: Db,
  userId: string,
): Promise<(Omit<Me, 'profile'> & { profile: ProfileRow }) | undefined> {
  const {
    rows: [row],
  } = await db.executeQuery(meStatement(db, { userId }));
  if (!row) return undefined;
  const { firstName, lastName, gender, dateOfBirth, info, avatarKey, totpEnabledAt, deletesAt, ...user } = row;
  return {
    ...user,
    totpEnabled: totpEnabledAt !== null,
    ...(deletesAt && { deletesAt }),
    profile: { firstName, lastName, gender, dateOfBirth, info, avatarKey },
  };
}

const meStatement = compileOnce((db, { userId }: Placeholders<{ userId: string }>) =>
  db
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
      'users.deletesAt',
      'profiles.firstName',
      'profiles.lastName',
      'profiles.gender',
      'profiles.dateOfBirth',
      'profiles.info',
      'profiles.avatarKey',
    ]),
);

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

/** An account, which nobody else changes until the transaction ends; nothing when it is closed or deleted. */
export async function lockAccount(
  trx: Db,
  userId: string,
): Promise<{ deletesAt: Date | null; passwordGeneration: number } | undefined> {
  return await trx
    .selectFrom('users')
    .where('id', '=', userId)
    .where('isActive', '=', true)
    .select(['deletesAt', 'passwordGeneration'])
    .forNoKeyUpdate()
    .executeTakeFirst();
}
