import type { Profile } from '@online-cinema/contract/accounts';
import type { UpdateProfile, UserCard } from '@online-cinema/contract/profile';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { avatarUrl } from './avatar.ts';
import { type CardRow, type ProfileRow, selectCard, selectProfile, upsertProfile } from './profile-queries.ts';

const EMPTY: ProfileRow = {
  firstName: null,
  lastName: null,
  gender: null,
  dateOfBirth: null,
  info: null,
  avatarKey: null,
};

export async function getProfile({ db, config }: Pick<Deps, 'db' | 'config'>, userId: string): Promise<Profile> {
  return describeProfile(config, (await selectProfile(db, userId)) ?? EMPTY);
}

/**
 * Writes what is given: null clears a field, and one that is left out stays as it is.
 *
 * @throws AppError `invalid_input` when the date of birth is too late.
 */
export async function updateProfile(
  { db, config, clock }: Pick<Deps, 'db' | 'config' | 'clock'>,
  userId: string,
  given: UpdateProfile,
): Promise<Profile> {
  if (given.dateOfBirth && given.dateOfBirth > latestBirth(clock.now(), config.minAge)) {
    const message = `You must be at least ${config.minAge} years old.`;
    throw new AppError('invalid_input', { issues: [{ path: ['dateOfBirth'], message }] });
  }
  return describeProfile(config, await upsertProfile(db, userId, given));
}

/** Tells what everybody may know of an active user. @throws AppError `not_found`. */
export async function getCard({ db, config }: Pick<Deps, 'db' | 'config'>, userId: string): Promise<UserCard> {
  const card = await selectCard(db, userId);
  if (!card) throw new AppError('not_found');
  return describeCard(config, card);
}

/** What a card says of a user, whose row this is. */
export function describeCard(
  config: Pick<Deps['config'], 'publicUrl'>,
  { id, firstName, lastName, avatarKey }: CardRow,
): UserCard {
  const name = [firstName, lastName].flatMap((part) => part?.trim() ?? []).join(' ');
  // The end of an id is random: it tells two nameless viewers apart, and nothing of them.
  return { id, displayName: name || `Viewer ${id.slice(-4)}`, avatarUrl: avatarKey && avatarUrl(config, avatarKey) };
}

export function describeProfile(config: Pick<Deps['config'], 'publicUrl'>, row: ProfileRow): Profile {
  const { avatarKey, ...profile } = row;
  return { ...profile, avatarUrl: avatarKey && avatarUrl(config, avatarKey) };
}

/**
 * The last day somebody who is old enough today was born on, `YYYY-MM-DD`, by the calendar in UTC. Who was born on the
 * 29th of February is a year older on the 1st of March: no day of other years comes after the 28th and before it.
 */
function latestBirth(now: Date, minAge: number): string {
  const today = now.toISOString().slice(0, 10);
  return `${String(Number(today.slice(0, 4)) - minAge).padStart(4, '0')}${today.slice(4)}`;
}
