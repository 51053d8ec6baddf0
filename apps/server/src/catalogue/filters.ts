import type { MovieFilters } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { type Expression, sql, type SqlBool } from 'kysely';
import type { Config } from '../config.ts';
import { isUuid } from '../lib/uuid.ts';
import type { Matching } from './search.ts';

/** The condition that a film stands in the lists. Each index that they walk has it too. */
export const IS_LISTED = sql<SqlBool>`movies.withdrawn_at is null`;

/** Filters whose values are names or ids, and where these stand. */
const TAGS = {
  genre: 'genres',
  star: 'stars',
  director: 'directors',
  certification: 'certifications',
  country: 'countries',
  language: 'languages',
} as const;
type Tag = keyof typeof TAGS;
const TAG_FILTERS = Object.keys(TAGS) as Tag[];

/** Filters as SQL on `movies`. */
export type Filtering = {
  /** All must hold. */
  conditions: Expression<SqlBool>[];
  /** Of the words that are searched for, if any. */
  match: Matching | null;
  /** How many films of the lists match at most, as the counters of names know it; Infinity where no name is given. */
  atMost: number;
  /** Whether exactly so many do. */
  isCounted: boolean;
};

/**
 * Reads filters. Names are looked up first: the planner knows how many films an id has, and takes the index of tags for
 * rare ones, that of the sort for common ones.
 *
 * @param match what the words in them find, if there are any.
 */
export async function readFilters(
  db: Db,
  { currency }: Pick<Config, 'currency'>,
  filters: MovieFilters,
  match: Matching | null,
): Promise<Filtering> {
  const tags = await selectTags(db, filters);
  const others = [
    ...(match ? [match.condition] : []),
    ...rangeConditions(filters),
    ...priceConditions(currency, filters),
  ];
  return {
    conditions: [...tags.map(tagCondition), ...others],
    match,
    atMost: Math.min(...tags.map(({ movieCount }) => movieCount)),
    isCounted: tags.length === 1 && others.length === 0 && tags.every(({ ids }) => ids.length < 2),
  };
}

/** The ids that one filter stands for, and the sum of their films. */
type TagGroup = { ids: string[]; movieCount: number };

async function selectTags(db: Db, filters: MovieFilters): Promise<TagGroup[]> {
  const asked = TAG_FILTERS.filter((tag) => filters[tag] !== undefined);
  if (asked.length === 0) return [];
  // Names and ids apart: with "or" between them no index would do.
  const selects = asked.map((tag) => {
    const [given, table] = [filters[tag] ?? [], sql.table(TAGS[tag])];
    return sql`select ${sql.lit(tag)} as tag, named.id, named.movie_count
      from unnest(${given}::text[]) given(name) join ${table} named on lower(named.name) = lower(given.name)
      union
      select ${sql.lit(tag)}, named.id, named.movie_count
      from ${table} named where named.id = any(${given.filter(isUuid)}::uuid[])`;
  });
  type Row = { tag: Tag; id: string; movieCount: number };
  const { rows } = await sql<Row>`${sql.join(selects, sql` union all `)}`.execute(db);
  return asked.map((tag) => {
    const found = rows.filter((row) => row.tag === tag);
    return {
      ids: found.map(({ id }) => id),
      movieCount: found.reduce((sum, { movieCount }) => sum + movieCount, 0),
    };
  });
}

function tagCondition({ ids }: TagGroup): Expression<SqlBool> {
  // What nobody has heard of, no film has.
  return ids.length === 0 ? sql<SqlBool>`false` : sql<SqlBool>`movies.tag_ids && ${ids}::uuid[]`;
}

function rangeConditions({ yearFrom, yearTo, imdbMin, imdbMax, status }: MovieFilters): Expression<SqlBool>[] {
  return [
    ...(yearFrom === undefined ? [] : [sql<SqlBool>`movies.year >= ${yearFrom}`]),
    ...(yearTo === undefined ? [] : [sql<SqlBool>`movies.year <= ${yearTo}`]),
    ...(imdbMin === undefined ? [] : [sql<SqlBool>`movies.imdb >= ${imdbMin}`]),
    ...(imdbMax === undefined ? [] : [sql<SqlBool>`movies.imdb <= ${imdbMax}`]),
    ...(status === undefined ? [] : [sql<SqlBool>`movies.status = any(${status})`]),
  ];
}

function priceConditions(currency: string, { priceMin, priceMax }: MovieFilters): Expression<SqlBool>[] {
  if (priceMin === undefined && priceMax === undefined) return [];
  return [
    // An amount of another currency can't be compared.
    sql<SqlBool>`movies.price_currency = ${currency}`,
    ...(priceMin === undefined ? [] : [sql<SqlBool>`movies.price_amount >= ${priceMin}`]),
    ...(priceMax === undefined ? [] : [sql<SqlBool>`movies.price_amount <= ${priceMax}`]),
  ];
}
