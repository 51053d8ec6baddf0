import type { RatingSummary, ReactionCounts, SetRating, SetReaction } from '@online-cinema/contract/reactions';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import type { Limit } from '../lib/rate-limit.ts';
import {
  addToFavoriteCount,
  addToRatings,
  addToReactionCounts,
  deleteFavorite,
  deleteRating,
  deleteReaction,
  holdViewer,
  insertFavorite,
  noteAct,
  upsertRating,
  upsertReaction,
} from './acts-queries.ts';
import { holdMovie } from './comments-queries.ts';
import { recommendJob } from './recommendations-jobs.ts';

const ACTS_A_MINUTE: Limit = { windows: [{ count: 60, seconds: 60 }] };

/** At most once in this time films are recommended anew to somebody who acts again and again. */
const RECOMMENDED_EVERY_SECONDS = 30;

type ActDeps = Pick<Deps, 'db' | 'queue' | 'limits'>;

/** Likes or dislikes a film, instead of what was thought of it before. @throws AppError `not_found`, `too_many_requests`. */
export async function setReaction(
  deps: ActDeps,
  userId: string,
  { movieId: ref, reaction }: SetReaction,
): Promise<ReactionCounts> {
  return await actOn(deps, userId, ref, async (trx, movieId) => {
    const change = await upsertReaction(trx, { userId, movieId, kind: reaction });
    return await addToReactionCounts(trx, movieId, change);
  });
}

/** Thinks nothing of a film any more; fine when nothing was. @throws AppError `not_found`, `too_many_requests`. */
export async function clearReaction(deps: ActDeps, userId: string, ref: string): Promise<void> {
  await actOn(deps, userId, ref, async (trx, movieId) => {
    await addToReactionCounts(trx, movieId, await deleteReaction(trx, { userId, movieId }));
  });
}

/** Gives a film points, instead of those given before. @throws AppError `not_found`, `too_many_requests`. */
export async function setRating(
  deps: ActDeps,
  userId: string,
  { movieId: ref, score }: SetRating,
): Promise<RatingSummary> {
  return await actOn(deps, userId, ref, async (trx, movieId) => {
    return await addToRatings(trx, movieId, await upsertRating(trx, { userId, movieId, score }));
  });
}

/** Takes the points back; fine when there are none. @throws AppError `not_found`, `too_many_requests`. */
export async function clearRating(deps: ActDeps, userId: string, ref: string): Promise<RatingSummary> {
  return await actOn(deps, userId, ref, async (trx, movieId) => {
    return await addToRatings(trx, movieId, await deleteRating(trx, { userId, movieId }));
  });
}

/** Adds a film to the favourites; one that is there stays where it is. @throws AppError `not_found`, `too_many_requests`. */
export async function addFavorite(deps: ActDeps, userId: string, ref: string): Promise<void> {
  await actOn(deps, userId, ref, async (trx, movieId) => {
    if (await insertFavorite(trx, { userId, movieId })) await addToFavoriteCount(trx, movieId, 1);
  });
}

/** Removes a film from the favourites; fine when it is not there. @throws AppError `not_found`, `too_many_requests`. */
export async function removeFavorite(deps: ActDeps, userId: string, ref: string): Promise<void> {
  await actOn(deps, userId, ref, async (trx, movieId) => {
    if (await deleteFavorite(trx, { userId, movieId })) await addToFavoriteCount(trx, movieId, -1);
  });
}

/*
 * Whoever acts on a film locks in one order, so that nobody waits in a circle: the account, the film (against its
 * deletion), what is known of the viewer's acts, the act itself, and last, by counting, the film again: a film that
 * everybody likes at once is held for no longer than it takes to commit.
 */
async function actOn<Answer>(
  { db, queue, limits }: ActDeps,
  userId: string,
  ref: string,
  act: (trx: Db, movieId: string) => Promise<Answer>,
): Promise<Answer> {
  await limits.take('acts.user', userId, ACTS_A_MINUTE);
  return await inTransaction(db, async (trx) => {
    if (!(await holdViewer(trx, userId))) throw new AppError('not_authenticated');
    const movie = await holdMovie(trx, ref);
    if (!movie) throw new AppError('not_found');
    const { isQueued, sinceComputedSeconds } = await noteAct(trx, userId);
    if (!isQueued) {
      const delaySeconds = Math.max(0, RECOMMENDED_EVERY_SECONDS - (sinceComputedSeconds ?? Infinity));
      await queue.enqueue(trx, recommendJob, { userId }, { delaySeconds });
    }
    return await act(trx, movie.id);
  });
}
