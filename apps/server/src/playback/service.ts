import type { Playback } from '@online-cinema/contract/playback';
import { posterUrl } from '../catalogue/cards.ts';
import { selectAnyMovie } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { ownsMovie } from '../library/queries.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { selectAsset, selectMediaFile, selectProgress, upsertProgress } from './queries.ts';

type PlaybackDeps = Pick<Deps, 'db' | 'config' | 'clock' | 'mediaGrants'>;

const SHORTEST_GRANT_SECONDS = 4 * 3_600;

/** From this part of a film on, what is left are the credits. */
const WATCHED_FROM = 0.95;

/**
 * Gives a viewer what a player needs for a film of the library. The grant outlasts the film with two pauses as long.
 *
 * @throws AppError `not_found`, `not_owned`, `no_video`.
 */
export async function startPlayback(deps: PlaybackDeps, userId: string, ref: string): Promise<Playback> {
  const movie = await selectAnyMovie(deps.db, ref);
  if (!movie) throw new AppError('not_found');
  if (!(await ownsMovie(deps.db, userId, movie.id))) throw new AppError('not_owned');
  const asset = await selectAsset(deps.db, movie.id, 'feature');
  if (!asset) throw new AppError('no_video');
  const progress = await selectProgress(deps.db, userId, movie.id);
  const isUnfinished = progress && progress.positionSeconds < progress.durationSeconds * WATCHED_FROM;
  return describePlayback(deps, { movie, asset, userId, resumeAt: isUnfinished ? progress.positionSeconds : 0 });
}

/** Gives anybody what a player needs for a film's trailer. @throws AppError `not_found`. */
export async function startTrailer(deps: PlaybackDeps, ref: string): Promise<Playback> {
  const movie = await selectAnyMovie(deps.db, ref);
  const asset = movie && (await selectAsset(deps.db, movie.id, 'trailer'));
  if (!asset) throw new AppError('not_found');
  return describePlayback(deps, { movie, asset, userId: null, resumeAt: 0 });
}

/** Keeps how far a viewer has come. @throws AppError `not_found`, `not_owned`. */
export async function saveProgress(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  userId: string,
  { movieId: ref, position, duration }: { movieId: string; position: number; duration: number },
): Promise<void> {
  const movie = await selectAnyMovie(db, ref);
  if (!movie) throw new AppError('not_found');
  if (!(await ownsMovie(db, userId, movie.id))) throw new AppError('not_owned');
  const now = clock.now();
  await upsertProgress(db, {
    userId,
    movieId: movie.id,
    positionSeconds: position,
    durationSeconds: duration,
    watchedAt: position >= duration * WATCHED_FROM ? now : null,
    updatedAt: now,
  });
}

/** A file that may be served: its key in the storage, its type, and how long the grant is still good. */
export type GrantedFile = { key: string; contentType: string; lifeSeconds: number };

/**
 * Finds the file a grant gives leave to read. The purchase is asked for anew each time, so a refund acts at once.
 *
 * @throws AppError `invalid_grant`, `not_found`.
 */
export async function openGrantedFile(
  { db, mediaGrants, clock }: Pick<Deps, 'db' | 'mediaGrants' | 'clock'>,
  { grant: text, assetId, fileName }: { grant: string; assetId: string; fileName: string },
): Promise<GrantedFile> {
  const grant = mediaGrants.read(text);
  const now = clock.now();
  if (!grant || grant.assetId !== assetId || grant.expiresAt <= now) throw new AppError('invalid_grant');
  const file = await selectMediaFile(db, assetId, fileName);
  if (!file) throw new AppError('not_found');
  const isFree = file.kind === 'trailer';
  const isOwner = grant.userId !== null && (await ownsMovie(db, grant.userId, file.movieId));
  if (!isFree && !isOwner) throw new AppError('invalid_grant');
  const lifeSeconds = (grant.expiresAt.getTime() - now.getTime()) / 1000;
  return { key: `${file.storagePrefix}/${fileName}`, contentType: file.contentType, lifeSeconds };
}

type Asset = NonNullable<Awaited<ReturnType<typeof selectAsset>>>;

function describePlayback(
  { config, clock, mediaGrants }: PlaybackDeps,
  about: { movie: { id: string; updatedAt: Date }; asset: Asset; userId: string | null; resumeAt: number },
): Playback {
  const { movie, asset, userId, resumeAt } = about;
  const expiresAt = addSeconds(clock.now(), Math.max(SHORTEST_GRANT_SECONDS, 3 * asset.durationSeconds));
  const grant = mediaGrants.issue({ assetId: asset.id, userId, expiresAt });
  const addressOf = (fileName: string) => `${config.publicUrl}/media/${grant}/${asset.id}/${fileName}`;
  const src = addressOf(asset.fileName);
  return {
    src,
    sources: [{ src, type: asset.contentType, width: asset.width, height: asset.height }],
    tracks: asset.tracks.map(({ language, label, fileName }) => ({
      kind: 'captions' as const,
      language,
      label,
      src: addressOf(fileName),
    })),
    poster: posterUrl(config, movie),
    expiresAt,
    resumeAt,
    duration: asset.durationSeconds,
  };
}
