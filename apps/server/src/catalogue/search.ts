import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { countCapped, type Sort, TOTAL_CAP } from '../lib/paging.ts';
import { selectSimilarNames } from './misspelling.ts';
import { readSearch, type Search } from './search-words.ts';

/**
 * How a search is answered: `ranked` where words are found, `popular` where too many films have them to weigh each,
 * `misspelt` where none has and names that look alike are meant. It decides the order, so that a cursor is good for one
 * of them.
 */
export const SEARCH_MODES = ['ranked', 'popular', 'misspelt'] as const;
/** One of {@link SEARCH_MODES}. */
export type SearchMode = (typeof SEARCH_MODES)[number];

/** What a search asks of `movies`: which films it finds, and the order of the best first. */
export type Matching = {
  mode: SearchMode;
  condition: RawBuilder<SqlBool>;
  relevance: Relevance;
  /** How many films of the lists match, up to one above the cap of totals; absent when that was not counted. */
  found?: number;
};

/** The order of the best first. */
export type Relevance = Pick<Sort, 'by' | 'type'> & {
  /** The films that come before all others, sorted alike; this implies the condition. {@link LIFT} is added to their keys. */
  first?: RawBuilder<SqlBool>;
};

/** What is added to the sort keys of films that come first: more than anybody's votes. */
export const LIFT = 2 ** 31;

/**
 * Finds films by words of their titles, people and descriptions; the last word may be typed half. Words in quotes are a
 * phrase, `or` and `-word` mean what they say. Where nothing is found, titles and people of a similar spelling are.
 *
 * A title that is the query comes first, then titles that begin with it, then by rank: a word of the title weighs more
 * than one of a name, that more than one of the description. Of equals the more popular comes first. Where more than
 * 10,000 films match, only the title that is the query comes first, all others by popularity: no reader can tell the
 * difference, and the index of votes is walked instead of the whole table weighed.
 *
 * @param mode how this search was answered before, on the page that a cursor comes from.
 */
export async function matching(db: Db, query: string, mode?: SearchMode): Promise<Matching> {
  const search = await readSearch(db, query);
  if (mode !== undefined) return await answer(db, search, mode);
  const films = db.selectFrom('movies').where('withdrawnAt', 'is', null).where(search.condition).select('id');
  const found = await countCapped(db, films);
  if (found === 0) return await answer(db, search, 'misspelt');
  return { ...(await answer(db, search, found > TOTAL_CAP ? 'popular' : 'ranked')), found };
}

async function answer(db: Db, search: Search, mode: SearchMode): Promise<Matching> {
  if (mode === 'misspelt') return { mode, ...(await similarlySpelt(db, search)) };
  const relevance = mode === 'popular' ? byPopularity(search) : byRank(search);
  return { mode, condition: search.condition, relevance };
}

function byPopularity({ isTitle }: Search): Relevance {
  return { by: sql.ref('movies.votes'), type: 'bigint', first: isTitle };
}

// Ranks are rounded, so that among films that speak of it alike the popular ones come first.
function byRank({ isTitle, beginsTitle, words }: Search): Relevance {
  const rank = sql`round(100 * ts_rank('{0.05, 0.1, 0.4, 1}', movies.search, ${words}))::bigint`;
  const place = sql`(${isTitle}::int * 2 + ${beginsTitle}::int) * 1000 + ${rank}`;
  return { by: sql`((${place}) * ${sql.lit(LIFT)}::bigint + movies.votes)`, type: 'bigint' };
}

async function similarlySpelt(db: Db, search: Search): Promise<Pick<Matching, 'condition' | 'relevance'>> {
  const found = search.mayBeMisspelt ? await selectSimilarFilms(db, search.text) : [];
  const ids = sql`${found.map(({ id }) => id)}::uuid[]`;
  const scores = sql`${found.map(({ score }) => score)}::int[]`;
  const score = sql`(${scores})[array_position(${ids}, movies.id)]`;
  return {
    condition: sql<SqlBool>`movies.id = any(${ids})`,
    relevance: { by: sql`(${score} * ${sql.lit(LIFT)}::bigint + movies.votes)`, type: 'bigint' },
  };
}

const SIMILAR_PEOPLE = 20;
const SIMILAR_FILMS = 200;
const SPELLING_MS = 150;

/** The films that may be meant by a misspelt search, by their titles or their people. */
async function selectSimilarFilms(db: Db, text: string): Promise<{ id: string; score: number }[]> {
  const counts = { movies: SIMILAR_FILMS, stars: SIMILAR_PEOPLE, directors: SIMILAR_PEOPLE };
  const similar = await selectSimilarNames(db, text, { counts, timeoutMs: SPELLING_MS });
  if (similar.length === 0) return [];
  const of = (wanted: keyof typeof counts) => {
    const rows = similar.filter(({ table }) => table === wanted);
    return sql`unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ score }) => score)}::int[])`;
  };
  const { rows } = await sql<{ id: string; score: number }>`
    select id, max(score) as score from (
      select * from ${of('movies')} film(id, score)
      union all
      select link.movie_id, person.score from ${of('stars')} person(id, score) cross join lateral (
        select movie_id from movie_stars where star_id = person.id order by movie_id desc limit ${SIMILAR_FILMS}
      ) link
      union all
      select link.movie_id, person.score from ${of('directors')} person(id, score) cross join lateral (
        select movie_id from movie_directors where director_id = person.id order by movie_id desc limit ${SIMILAR_FILMS}
      ) link
    ) found group by id order by score desc, id limit ${SIMILAR_FILMS}`.execute(db);
  return rows;
}
