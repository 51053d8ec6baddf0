import type { Movie } from '@online-cinema/contract/catalogue';
import type { Caller } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { toCard } from './cards.ts';
import { selectMovie, selectViewerState } from './queries.ts';

/**
 * A film with everything about it, and what the caller has to do with it.
 *
 * @throws AppError `not_found`.
 */
export async function getMovie(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  ref: string,
  caller: Pick<Caller, 'userId'> | null,
): Promise<Movie> {
  const row = await selectMovie(db, ref);
  if (!row) throw new AppError('not_found');
  const { description, likeCount, dislikeCount, favoriteCount, commentCount, stars } = row;
  const counters = { likeCount, dislikeCount, favoriteCount, commentCount };
  const movie: Movie = { ...toCard(config, row), description, stars, ...counters };
  return caller ? { ...movie, ...(await selectViewerState(db, row.id, caller.userId)) } : movie;
}
