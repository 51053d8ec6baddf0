import type { Page, PageInput } from '@online-cinema/contract/common';
import type { ProgressInput, WatchedInput, WatchedItem } from '@online-cinema/contract/playback';
import { toCard } from '../catalogue/cards.ts';
import { selectAnyMovie } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { requireOwnMovie } from '../library/service.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import {
  countWatched,
  selectWatchedPage,
  setHidden,
  setUnwatched,
  setWatched,
  upsertProgress,
  WATCHED_SORT,
  type WatchedList,
  watchedFrom,
} from './progress-queries.ts';
import { selectAsset } from './queries.ts';
import { hearStream } from './streams.ts';

/** Keeps how far a viewer has come, and that his stream lives. @throws AppError `not_found`, `not_owned`. */
export async function saveProgress(
  deps: Pick<Deps, 'db' | 'config' | 'clock'>,
  userId: string,
  { movieId: ref, position, duration, playbackId, deviceId, sequence }: ProgressInput,
): Promise<void> {
  const { db, clock } = deps;
  const movie = await requireOwnMovie(db, userId, ref);
  const now = clock.now();
  await upsertProgress(db, {
    userId,
    movieId: movie.id,
    positionSeconds: position,
    durationSeconds: duration,
    watchedAt: position >= watchedFrom(duration) ? now : null,
    updatedAt: now,
    device: deviceId !== undefined && sequence !== undefined ? { id: deviceId, sequence } : null,
  });
  if (playbackId !== undefined) await hearStream(deps, { id: playbackId, userId, movieId: movie.id });
}

/**
 * Notes that a film was watched, as if to its end, or that it was not, as if never begun.
 *
 * @throws AppError `not_found`, `not_owned`.
 */
export async function markWatched(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  userId: string,
  { movieId: ref, watched }: WatchedInput,
): Promise<void> {
  const movie = await requireOwnMovie(db, userId, ref);
  const now = clock.now();
  if (!watched) return await setUnwatched(db, userId, movie.id, now);
  const asset = await selectAsset(db, movie.id, 'feature');
  // Without a video, the catalogue knows its length to the minute.
  const durationSeconds = asset?.durationSeconds ?? movie.time * 60;
  await setWatched(db, { userId, movieId: movie.id, durationSeconds, now });
}

/** Leaves a film out of those to go on with. Its progress stays, and watching on brings it back. @throws AppError `not_found`. */
export async function hideFromContinueWatching(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  userId: string,
  ref: string,
): Promise<void> {
  const movie = await selectAnyMovie(db, ref);
  if (!movie) throw new AppError('not_found');
  await setHidden(db, userId, movie.id, clock.now());
}

/** The films a viewer watched or may go on with, the last one first. @throws AppError `invalid_cursor`. */
export async function listWatched(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  list: WatchedList,
  userId: string,
  page: PageInput,
): Promise<Page<WatchedItem>> {
  return await readPage(page, {
    query: { list, userId },
    sort: WATCHED_SORT,
    select: (position, limit) => selectWatchedPage(db, { list, userId, position, limit }),
    count: () => countWatched(db, list, userId),
    toItem: ({ positionSeconds, durationSeconds, watchedAt, progressUpdatedAt, ...card }) => ({
      movie: toCard(config, card),
      progress: { position: positionSeconds, duration: durationSeconds, watchedAt, updatedAt: progressUpdatedAt },
    }),
  });
}
