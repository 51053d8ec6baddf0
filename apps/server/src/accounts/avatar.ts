import type { Deps } from '../deps.ts';
import { readBytes } from '../lib/bytes.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { replaceAvatar, selectNamedAvatars } from './profile-queries.ts';

/** How a picture may be sent, and how large it may be. */
export const AVATAR_BODY = {
  field: 'image',
  contentTypes: ['image/jpeg', 'image/png', 'image/webp'],
  limitBytes: 5_000_000,
  refusal: 'unsupported_image',
} as const;

const FOLDER = 'avatars';
const SIDE_PX = 512;

type AvatarDeps = Pick<Deps, 'db' | 'storage' | 'log' | 'config'>;

/**
 * Makes a viewer's avatar of a picture: square, small, WebP, and without what the camera has written into it.
 *
 * @throws AppError `unsupported_image`, `payload_too_large`, `unavailable` when too many wait already.
 */
export async function setAvatar(
  deps: AvatarDeps & Pick<Deps, 'pictures'>,
  userId: string,
  image: AsyncIterable<Uint8Array>,
): Promise<{ avatarUrl: string }> {
  const picture = await deps.pictures.toSquare(await readBytes(image), SIDE_PX);
  const key = avatarKeyOf(`${crypto.randomUUID()}.webp`);
  await deps.storage.put(key, picture);
  await nameAvatar(deps, userId, key);
  return { avatarUrl: avatarUrl(deps.config, key) };
}

/** Takes a viewer's avatar away; fine when there is none. */
export async function removeAvatar(deps: AvatarDeps, userId: string): Promise<void> {
  await nameAvatar(deps, userId, null);
}

/** The public address of an avatar: it never changes, and another picture has another one. */
export function avatarUrl({ publicUrl }: Pick<Deps['config'], 'publicUrl'>, key: string): string {
  return `${publicUrl}/${key}`;
}

/** The key of the file at a public address. */
export function avatarKeyOf(fileName: string): string {
  return `${FOLDER}/${fileName}`;
}

/**
 * Removes the avatars no profile names.
 *
 * @returns how many there were.
 */
export async function sweepAvatars(
  { db, ...deps }: Pick<Deps, 'db' | 'storage' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  return await sweepOrphans(deps, { folder: FOLDER, selectNamed: (keys) => selectNamedAvatars(db, keys) }, signal);
}

// The old object goes after the row has let go of it. What can't be removed now, the sweep finds.
async function nameAvatar({ db, storage, log }: AvatarDeps, userId: string, key: string | null): Promise<void> {
  const oldKey = await replaceAvatar(db, userId, key);
  if (oldKey === null) return;
  await storage.remove(oldKey).catch((error: unknown) => log.warn({ err: error }, 'an old avatar was left behind'));
}
