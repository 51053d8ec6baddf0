import type { Playback, PlaybackInput, StartInput } from '@online-cinema/contract/playback';
import { type PosterRow, posterUrl } from '../catalogue/cards.ts';
import { selectAnyMovie } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { requireOwnMovie } from '../library/service.ts';
import { addSeconds } from '../lib/clock.ts';
import { AppError } from '../lib/errors.ts';
import { selectProgress, watchedFrom } from './progress-queries.ts';
import { selectAsset } from './queries.ts';
import { keepStream, takeStream, tooManyStreams } from './streams.ts';
import { deleteStream, selectStream } from './streams-queries.ts';

type PlaybackDeps = Pick<Deps, 'db' | 'config' | 'clock' | 'mediaGrants'>;

const SHORTEST_GRANT_SECONDS = 4 * 3_600;

/**
 * Gives a viewer what a player needs for a film of the library, and takes a slot of the account for it. Unless configured
 * otherwise, the grant outlasts the film with two pauses as long.
 *
 * @throws AppError `not_found`, `not_owned`, `no_video`, `too_many_streams`.
 */
export async function startPlayback(
  deps: PlaybackDeps,
  userId: string,
  { movieId: ref, deviceId }: StartInput,
): Promise<Playback> {
  const movie = await requireOwnMovie(deps.db, userId, ref);
  const asset = await selectAsset(deps.db, movie.id, 'feature');
  if (!asset) throw new AppError('no_video');
  const streamId = await takeStream(deps, { userId, movieId: movie.id, deviceId });
  return await describeFeature(deps, { movie, asset, userId, streamId });
}

/**
 * Gives a player new addresses for what it plays, in the slot it has.
 *
 * @throws AppError `not_found` also when the stream was stopped, `not_owned`, `no_video`, `too_many_streams` when it was
 * silent and others have all slots by now.
 */
export async function renewPlayback(
  deps: PlaybackDeps,
  userId: string,
  { movieId: ref, playbackId }: PlaybackInput,
): Promise<Playback> {
  const movie = await requireOwnMovie(deps.db, userId, ref);
  const stream = { id: playbackId, userId, movieId: movie.id };
  const row = await selectStream(deps.db, stream);
  if (!row) throw new AppError('not_found');
  const asset = await selectAsset(deps.db, movie.id, 'feature');
  if (!asset) throw new AppError('no_video');
  const others = await keepStream(deps, stream, row.lastSeenAt);
  if (others) throw tooManyStreams(deps.config, others);
  return await describeFeature(deps, { movie, asset, userId, streamId: playbackId });
}

/** Gives a slot back; its addresses are good no more. Nothing to stop is fine. @throws AppError `not_found`: the film. */
export async function stopPlayback(
  { db }: Pick<Deps, 'db'>,
  userId: string,
  { movieId: ref, playbackId }: PlaybackInput,
): Promise<void> {
  const movie = await selectAnyMovie(db, ref);
  if (!movie) throw new AppError('not_found');
  await deleteStream(db, { id: playbackId, userId, movieId: movie.id });
}

/** Gives anybody what a player needs for the trailer of a film of the catalogue. @throws AppError `not_found`. */
export async function startTrailer(deps: PlaybackDeps, ref: string): Promise<Playback> {
  const movie = await selectAnyMovie(deps.db, ref);
  if (!movie || movie.withdrawnAt !== null) throw new AppError('not_found');
  const asset = await selectAsset(deps.db, movie.id, 'trailer');
  if (!asset) throw new AppError('not_found');
  return describePlayback(deps, { movie, asset, userId: null, streamId: null });
}

type Asset = NonNullable<Awaited<ReturnType<typeof selectAsset>>>;
type Feature = { movie: PosterRow; asset: Asset; userId: string; streamId: string };

async function describeFeature(deps: PlaybackDeps, feature: Feature): Promise<Playback> {
  const { userId, movie, streamId } = feature;
  const progress = await selectProgress(deps.db, userId, movie.id);
  const isUnfinished = progress && progress.positionSeconds < watchedFrom(progress.durationSeconds);
  return {
    ...describePlayback(deps, feature),
    playbackId: streamId,
    resumeAt: isUnfinished ? progress.positionSeconds : 0,
  };
}

function describePlayback(
  { config, clock, mediaGrants }: PlaybackDeps,
  {
    movie,
    asset,
    userId,
    streamId,
  }: Omit<Feature, 'userId' | 'streamId'> & Nullable<Pick<Feature, 'userId' | 'streamId'>>,
): Playback {
  const lifeSeconds = config.mediaGrantSeconds ?? Math.max(SHORTEST_GRANT_SECONDS, 3 * asset.durationSeconds);
  const expiresAt = addSeconds(clock.now(), lifeSeconds);
  const grant = mediaGrants.issue({ assetId: asset.id, userId, streamId, expiresAt });
  const addressOf = (path: string) => `${config.publicUrl}/media/${grant}/${asset.id}/${path}`;
  const src = addressOf(asset.path);
  const { width, height } = asset;
  const storyboard = asset.extras.find(({ kind }) => kind === 'storyboard');
  return {
    src,
    sources: [
      // Adapts to the line, so it comes first where there is one.
      ...asset.extras
        .filter(({ kind }) => kind === 'hls')
        .map(({ path, contentType }) => ({ src: addressOf(path), type: contentType, width, height })),
      { src, type: asset.contentType, width, height },
    ],
    tracks: asset.tracks.map(({ language, label, path }) => ({
      kind: 'captions' as const,
      language,
      label,
      src: addressOf(path),
    })),
    ...(storyboard && { storyboard: addressOf(storyboard.path) }),
    poster: posterUrl(config, movie),
    expiresAt,
    resumeAt: 0,
    duration: asset.durationSeconds,
  };
}

type Nullable<Fields> = { [Name in keyof Fields]: Fields[Name] | null };
