import type { Profile } from '@online-cinema/contract/accounts';
import type { UpdateProfile } from '@online-cinema/contract/profile';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** A profile as its row has it. */
export type ProfileRow = Omit<Profile, 'avatarUrl'> & { avatarKey: string | null };

const PROFILE_COLUMNS = ['firstName', 'lastName', 'gender', 'dateOfBirth', 'info', 'avatarKey'] as const;

export async function selectProfile(db: Db, userId: string): Promise<ProfileRow | undefined> {
  return await db.selectFrom('profiles').where('userId', '=', userId).select(PROFILE_COLUMNS).executeTakeFirst();
}

/** Writes the given fields of a profile and leaves the others. */
export async function upsertProfile(db: Db, userId: string, given: UpdateProfile): Promise<ProfileRow> {
  return await db
    .insertInto('profiles')
    .values({ userId, ...given })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ ...given, updatedAt: sql`now()` }))
    .returning(PROFILE_COLUMNS)
    .executeTakeFirstOrThrow();
}

/** Gives a profile another avatar, or none, and tells which one it had. */
export async function replaceAvatar(db: Db, userId: string, avatarKey: string | null): Promise<string | null> {
  const row = await db
    .insertInto('profiles')
    .values({ userId, avatarKey })
    .onConflict((conflict) => conflict.column('userId').doUpdateSet({ avatarKey, updatedAt: sql`now()` }))
    .returning(sql<string | null>`old.avatar_key`.as('oldKey'))
    .executeTakeFirst();
  return row?.oldKey ?? null;
}

/** Tells which of these keys a profile names. */
export async function selectNamedAvatars(db: Db, keys: string[]): Promise<Set<string>> {
  const rows = await db.selectFrom('profiles').where('avatarKey', 'in', keys).select('avatarKey').execute();
  return new Set(rows.flatMap(({ avatarKey }) => avatarKey ?? []));
}

/** What a card is made from. */
export type CardRow = { id: string } & Pick<ProfileRow, 'firstName' | 'lastName' | 'avatarKey'>;

/** What a card says of an active user. */
export async function selectCard(db: Db, userId: string): Promise<CardRow | undefined> {
  return await db
    .selectFrom('users')
    .leftJoin('profiles', 'profiles.userId', 'users.id')
    .where('users.id', '=', userId)
    .where('users.isActive', '=', true)
    .select(['users.id', 'profiles.firstName', 'profiles.lastName', 'profiles.avatarKey'])
    .executeTakeFirst();
}
