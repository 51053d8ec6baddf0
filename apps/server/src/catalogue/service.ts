import type { Movie } from '@online-cinema/contract/catalogue';
import type { Caller } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { toCard, toMoney } from './cards.ts';
import { selectMovie, selectViewerState } from './queries.ts';

/**
 * A film with everything about it, and what the caller has to do with it.
 *
 * @throws AppError `not_found`.
 */
export async function getMovie(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  ref: string,
  caller: Caller | null,
): Promise<Movie> {
  const row = await selectMovie(db, ref);
  if (!row) throw new AppError('not_found');
  const { grossAmount, grossCurrency, budgetAmount, budgetCurrency, hasTrailer, ...film } = row;
  const movie: Movie = {
    ...film,
    ...toCard(config, row),
    stars: row.stars,
    gross: toMoney(grossAmount, grossCurrency),
    budget: toMoney(budgetAmount, budgetCurrency),
    trailer: hasTrailer ? `${config.publicUrl}/api/v1/movies/${row.id}/trailer/play` : null,
  };
  return caller ? { ...movie, ...(await selectViewerState(db, row.id, caller.userId)) } : movie;
}
