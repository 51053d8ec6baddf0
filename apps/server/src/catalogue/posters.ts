import type { MovieInput } from '@online-cinema/contract/catalogue';
import { inTransaction } from '@online-cinema/db/transaction';
import type { z } from 'zod';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { readBytes } from '../lib/bytes.ts';
import { AppError } from '../lib/errors.ts';
import { removeObjectsJob } from './jobs.ts';
import { lockMovie } from './moderation-queries.ts';
import { POSTER_FOLDER, replacePoster } from './posters-queries.ts';
import { selectMovieId } from './queries.ts';

/** How a picture may be sent, and how large it may be. */
export const POSTER_BODY = {
  field: 'image',
  contentTypes: ['image/jpeg', 'image/png', 'image/webp'],
  limitBytes: 5_000_000,
  refusal: 'unsupported_image',
} as const;

const FRAME = { widthPx: 600, heightPx: 900 };

type PosterDeps = Pick<Deps, 'db' | 'queue'>;
type Staff = NonNullable<Actor>;

/**
 * Gives a film a poster of its own: the whole picture, small, WebP, and without what was written into it.
 *
 * @throws AppError `not_found`, `unsupported_image`, `payload_too_large`, `unavailable` when too many wait already.
 */
export async function setPoster(
  deps: PosterDeps & Pick<Deps, 'storage' | 'pictures' | 'config'>,
  actor: Staff,
  { movieId: ref, image }: { movieId: string; image: AsyncIterable<Uint8Array> },
): Promise<{ posterUrl: string }> {
  const picture = await deps.pictures.fitWithin(await readBytes(image), FRAME);
  // Asked again when the film is locked; here, so that no object is stored for nothing.
  if ((await selectMovieId(deps.db, ref)) === undefined) throw new AppError('not_found');
  const key = posterKeyOf(`${crypto.randomUUID()}.webp`);
  await deps.storage.put(key, picture);
  await namePoster(deps, actor, ref, key);
  return { posterUrl: `${deps.config.publicUrl}/${key}` };
}

/** Takes a film's own poster away, so that one is drawn; fine when it has none. @throws AppError `not_found`. */
export async function removePoster(
  deps: PosterDeps,
  actor: Staff,
  { movieId }: z.infer<typeof MovieInput>,
): Promise<void> {
  await namePoster(deps, actor, movieId, null);
}

/** The key of the file at a public address. */
export function posterKeyOf(fileName: string): string {
  return `${POSTER_FOLDER}/${fileName}`;
}

async function namePoster({ db, queue }: PosterDeps, actor: Staff, ref: string, key: string | null): Promise<void> {
  await inTransaction(db, async (trx) => {
    const id = await lockMovie(trx, ref);
    if (id === undefined) throw new AppError('not_found');
    const oldKey = await replacePoster(trx, id, key);
    if (oldKey !== null) await queue.enqueue(trx, removeObjectsJob, { keys: [oldKey] });
    if (oldKey === key) return;
    const action = key === null ? 'movies.removePoster' : 'movies.setPoster';
    await audit(trx, { actor, action, target: { kind: 'movie', id } });
  });
}
