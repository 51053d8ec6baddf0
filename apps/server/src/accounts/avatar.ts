import type { Deps } from '../deps.ts';
import { readBytes } from '../lib/bytes.ts';
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
const ORPHAN_AGE_MS = 86_400_000;
const SWEEP_BATCH = 500;

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
 * Removes the avatars no profile names, when they are older than a day: a younger one may belong to a call under way.
 *
 * @returns how many there were.
 */
export async function sweepAvatars(
  { db, storage, clock }: Pick<Deps, 'db' | 'storage' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  const bornBefore = new Date(clock.now().getTime() - ORPHAN_AGE_MS);
  let removed = 0;
  let batch: string[] = [];
  const sweep = async () => {
    if (batch.length === 0) return;
    const named = await selectNamedAvatars(db, batch);
    for (const key of batch) {
      if (named.has(key)) continue;
      await storage.remove(key);
      removed += 1;
    }
    batch = [];
  };
  for await (const { key, modifiedAt } of storage.list(FOLDER)) {
    if (signal.aborted) return removed;
    if (modifiedAt < bornBefore) batch.push(key);
    if (batch.length >= SWEEP_BATCH) await sweep();
  }
  await sweep();
  return removed;
}

// The old object goes after the row has let go of it. What can't be removed now, the sweep finds.
async function nameAvatar({ db, storage, log }: AvatarDeps, userId: string, key: string | null): Promise<void> {
  const oldKey = await replaceAvatar(db, userId, key);
  if (oldKey === null) return;
  await storage.remove(oldKey).catch((error: unknown) => log.warn({ err: error }, 'an old avatar was left behind'));
}
