import type { Page } from '@online-cinema/contract/common';
import type { LibraryInput, LibraryItem, LibrarySort } from '@online-cinema/contract/library';
import { sql } from 'kysely';
import { type PosterRow, toCard } from '../catalogue/cards.ts';
import { readFilters } from '../catalogue/filters.ts';
import { SORTS } from '../catalogue/list.ts';
import { matching, type SearchMode } from '../catalogue/search.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { isCursorOf, readPage, type Sort } from '../lib/paging.ts';
import { countLibrary, selectLibraryPage, selectOwnMovie } from './queries.ts';

type LibraryDeps = Pick<Deps, 'db' | 'config'>;

/**
 * The films a viewer owns, also those that left the catalogue, with how far each was watched. Where no film of the library
 * has the words that are searched for, those of a similar spelling are meant.
 *
 * @throws AppError `invalid_cursor`.
 */
export async function listLibrary(deps: LibraryDeps, userId: string, input: LibraryInput): Promise<Page<LibraryItem>> {
  // No words are searched for, however that is said.
  const list = describeList(userId, { ...input, query: input.query || undefined });
  const { cursor } = input;
  if (list.words === undefined) return await readLibrary(deps, list, undefined);
  const mode = cursor !== undefined && isCursorOf(cursor, list.boundTo('misspelt')) ? 'misspelt' : 'ranked';
  const page = await readLibrary(deps, list, mode);
  return page.total === 0 ? await readLibrary(deps, list, 'misspelt') : page;
}

type List = ReturnType<typeof describeList>;

function describeList(
  userId: string,
  { limit, cursor, direction: _direction, sort: asked, order, ...filters }: LibraryInput,
) {
  const name = sortName(asked, filters.query);
  const ordered = order ?? (name === 'relevance' ? 'desc' : LIBRARY_SORTS[name].order);
  return {
    userId,
    page: { limit, cursor },
    filters,
    words: filters.query,
    name,
    order: ordered,
    boundTo: (mode: SearchMode | undefined) => ({
      query: { list: 'library', userId, by: name, ...filters, mode },
      sort: { order: ordered },
    }),
  };
}

async function readLibrary({ db, config }: LibraryDeps, list: List, mode: SearchMode | undefined) {
  const { userId, page, filters, name, order } = list;
  // The mode is known: whether the whole catalogue has the words does not matter here.
  const match = filters.query ? await matching(db, filters.query, mode) : null;
  const { conditions } = await readFilters(db, config, filters, match);
  const by = name !== 'relevance' ? LIBRARY_SORTS[name] : (match?.relevance ?? LIBRARY_SORTS.added);
  const sort: Sort = { ...by, order, id: sql.ref('libraryMovies.movieId') };
  return await readPage(page, {
    query: list.boundTo(mode).query,
    sort,
    select: (position, limit) => selectLibraryPage(db, { userId, conditions, sort, position, limit }),
    count: () => countLibrary(db, { userId, conditions }),
    toItem: ({ boughtAt, positionSeconds, durationSeconds, watchedAt, progressUpdatedAt, ...card }): LibraryItem => ({
      movie: toCard(config, card),
      boughtAt,
      progress:
        positionSeconds !== null && durationSeconds !== null && progressUpdatedAt !== null
          ? { position: positionSeconds, duration: durationSeconds, watchedAt, updatedAt: progressUpdatedAt }
          : null,
    }),
  });
}

/**
 * Finds a film that a viewer owns, also one that has left the catalogue.
 *
 * @throws AppError `not_found`, `not_owned` also while it is being paid back.
 */
export async function requireOwnMovie(
  db: Deps['db'],
  userId: string,
  ref: string,
): Promise<PosterRow & { time: number }> {
  const movie = await selectOwnMovie(db, userId, ref);
  if (!movie) throw new AppError('not_found');
  if (!movie.isOwn) throw new AppError('not_owned');
  return movie;
}

const LIBRARY_SORTS: Record<Exclude<LibrarySort, 'relevance'>, Omit<Sort, 'id'>> = {
  ...SORTS,
  added: { by: sql.ref('libraryMovies.addedAt'), type: 'timestamptz', order: 'desc' },
  watched: { by: sql.ref('watchProgress.updatedAt'), type: 'timestamptz', order: 'desc', nullable: true },
  progress: {
    by: sql`round(watch_progress.position_seconds / watch_progress.duration_seconds, 4)`,
    type: 'numeric',
    order: 'desc',
    nullable: true,
  },
};

/** What films are sorted by, where nothing or nonsense is asked for: relevance without words has nothing to weigh. */
function sortName(asked: LibrarySort | undefined, words: string | undefined): LibrarySort {
  if (words !== undefined) return asked ?? 'relevance';
  return asked === undefined || asked === 'relevance' ? 'added' : asked;
}
