import type { MovieListInput, MoviePage, MovieSort } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { countCapped, isAfter, orderBy, type Position, readPage, type Sort } from '../lib/paging.ts';
import { cardColumns, toCard } from './cards.ts';

/**
 * A page of the catalogue.
 *
 * @throws AppError `invalid_cursor`.
 */
export async function listMovies(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  input: MovieListInput,
): Promise<z.infer<typeof MoviePage>> {
  const query = input.query === undefined || input.query === '' ? null : input.query;
  const { name, ...sort } = sortOf(input, query);
  const conditions = conditionsOf(query);
  return await readPage(input, {
    query: { list: 'movies', query, by: name },
    sort,
    select: (position, limit) => selectMoviePage(db, { sort, conditions, position, limit }),
    count: () =>
      countCapped(
        db,
        db
          .selectFrom('movies')
          .where((eb) => eb.and(conditions))
          .select('movies.id'),
      ),
    toItem: (row) => toCard(config, row),
  });
}

type Sorting = Pick<Sort, 'by' | 'type' | 'nullable'> & { order: 'asc' | 'desc' };

const SORTS: Record<Exclude<MovieSort, 'relevance'>, Sorting> = {
  price: { by: sql.ref('movies.priceAmount'), type: 'integer', order: 'asc', nullable: true },
  year: { by: sql.ref('movies.year'), type: 'integer', order: 'desc' },
  imdb: { by: sql.ref('movies.imdb'), type: 'numeric', order: 'desc' },
  popularity: { by: sql.ref('movies.votes'), type: 'integer', order: 'desc' },
  rating: { by: sql.ref('movies.ratingAverage'), type: 'numeric', order: 'desc', nullable: true },
  // The collation is named, so that titles sort alike on every host.
  title: { by: sql`lower(movies.name) collate "C"`, type: 'text', order: 'asc' },
  newest: { by: sql.ref('movies.createdAt'), type: 'timestamptz', order: 'desc' },
};

function sortOf({ sort, order }: MovieListInput, query: string | null): Sort & { name: MovieSort } {
  const asked = sort ?? (query === null ? 'popularity' : 'relevance');
  // Relevance without words has nothing to weigh: what most people voted for comes first.
  const name = asked === 'relevance' && query === null ? 'popularity' : asked;
  const sorting = name === 'relevance' ? relevanceTo(query ?? '') : SORTS[name];
  return { ...sorting, name, order: order ?? sorting.order, id: sql.ref('movies.id') };
}

// A title that is the query comes first, then titles that hold it, then the rest. The rank within is at most 1 (32),
// and longer documents weigh less (1). https://www.postgresql.org/docs/18/textsearch-controls.html#TEXTSEARCH-RANKING
function relevanceTo(query: string): Sorting {
  const words = toTsQuery(query);
  const by = sql`(${isTitle(query)}::int + (ts_filter(movies.search, '{a}') @@ ${words})::int
    + ts_rank_cd(movies.search, ${words}, 1 | 32))::real`;
  return { by, type: 'real', order: 'desc' };
}

function isTitle(query: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`(lower(movies.name) = lower(${query}))`;
}

// The operators people know from search engines; whatever is typed, it never fails. But for one: Postgres takes every
// dash before a word for a "not", and a pile of them overflows its stack ("tsquery stack too small").
function toTsQuery(query: string): RawBuilder<unknown> {
  return sql`websearch_to_tsquery('cinema', ${query.replace(/-(?![\p{L}\p{N}"])/gu, ' ')})`;
}

function conditionsOf(query: string | null): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [sql<SqlBool>`movies.withdrawn_at is null`];
  // The index holds no stop words: films like "It" and "Her" are found by the whole title.
  if (query !== null) conditions.push(sql<SqlBool>`(movies.search @@ ${toTsQuery(query)} or ${isTitle(query)})`);
  return conditions;
}

async function selectMoviePage(
  db: Db,
  page: { sort: Sort; conditions: Expression<SqlBool>[]; position: Position | null; limit: number },
) {
  const { sort, position } = page;
  // The page's ids first, then what is shown of these few.
  return await db
    .with('page', (cte) =>
      cte
        .selectFrom('movies')
        .where((eb) => eb.and(position ? [...page.conditions, isAfter(sort, position)] : page.conditions))
        .select(['movies.id as cursorId', sql<string | null>`(${sort.by})::text`.as('cursorKey')])
        .select(sql<number>`row_number() over (order by ${orderBy(sort)})`.as('place'))
        .orderBy(orderBy(sort))
        .limit(page.limit),
    )
    .selectFrom('page')
    .innerJoin('movies', 'movies.id', 'page.cursorId')
    .select((eb) => cardColumns(eb))
    .select(['page.cursorId', 'page.cursorKey'])
    .orderBy('page.place')
    .execute();
}
