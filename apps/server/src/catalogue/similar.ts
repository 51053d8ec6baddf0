import type { MovieCard, Named } from '@online-cinema/contract/catalogue';
import type { Why } from '@online-cinema/contract/suggestions';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { type CardRow, cardColumns, toCard } from './cards.ts';
import { isMovie } from './queries.ts';

const MOST = 12;

/**
 * Films like another one, each with why: by what they share, directors before stars before genres, and how near they are
 * in year and rating.
 *
 * @throws AppError `not_found`.
 */
export async function similarMovies(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  ref: string,
): Promise<(MovieCard & { why: Why })[]> {
  const film = await selectTraits(db, ref);
  if (!film) throw new AppError('not_found');
  const rows = await selectSimilar(db, film);
  return rows.map((row) => ({ ...toCard(config, row), why: whyOf(film, row) }));
}

/** What a film is compared by. */
type Traits = { id: string; year: number; imdb: number; directors: Named[]; stars: Named[]; genres: Named[] };

async function selectTraits(db: Db, ref: string): Promise<Traits | undefined> {
  return await db
    .selectFrom('movies')
    .where(isMovie(ref))
    .where('withdrawnAt', 'is', null)
    .select((eb) => cardColumns(eb, { stars: LEADS }))
    .executeTakeFirst();
}

// Whoever comes after them is hardly why a film is watched.
const LEADS = 8;

// However many films a person made, and a genre has: so many of them are compared.
const FILMS_A_PERSON = 100;
const FILMS_OF_GENRES = 200;

type SimilarRow = CardRow & { sharedDirectors: string[]; sharedStars: string[]; sharedGenres: string[] };

async function selectSimilar(db: Db, film: Traits): Promise<SimilarRow[]> {
  const [directors, stars, genres] = [film.directors, film.stars, film.genres].map((named) =>
    named.map(({ id }) => id),
  );
  const shared = (ids: string[] = []) =>
    sql<string[]>`array(select id from unnest(${ids}::uuid[]) id where id = any(movies.tag_ids))`;
  const count = (ids: string[] = []) => sql`cardinality(${shared(ids)})`;
  // Directors and stars are few; genres are shared in part, by how much of them.
  const score = sql<number>`(
    6 * least(${count(directors)}, 2) + 2 * least(${count(stars)}, 3)
    + 3.0 * ${count(genres)} / ${Math.max(1, genres?.length ?? 0)}
    + 1.5 * exp(-abs(movies.year - ${film.year}) / 10.0)
    + 1 - abs(movies.imdb - ${film.imdb}) / 10
    + ln(1 + movies.votes) / 15)`;
  return await db
    .with(
      'candidate',
      () => sql<{ id: string }>`(
      select link.id from unnest(${directors}::uuid[]) person cross join lateral (
        select movie_id as id from movie_directors where director_id = person order by movie_id desc limit ${FILMS_A_PERSON}
      ) link
      union
      select link.id from unnest(${stars}::uuid[]) person cross join lateral (
        select movie_id as id from movie_stars where star_id = person order by movie_id desc limit ${FILMS_A_PERSON}
      ) link
      union
      (select id from movies where tag_ids && ${genres}::uuid[] and withdrawn_at is null
       order by votes desc, id desc limit ${FILMS_OF_GENRES}))`,
    )
    .with('best', (cte) =>
      cte
        .selectFrom('candidate')
        .innerJoin('movies', 'movies.id', 'candidate.id')
        .where('movies.id', '!=', film.id)
        .where('movies.withdrawnAt', 'is', null)
        .select(['movies.id', score.as('score')])
        .orderBy('score', 'desc')
        .orderBy('movies.votes', 'desc')
        .orderBy('movies.id')
        .limit(MOST),
    )
    .selectFrom('best')
    .innerJoin('movies', 'movies.id', 'best.id')
    .select((eb) => cardColumns(eb))
    .select([
      shared(directors).as('sharedDirectors'),
      shared(stars).as('sharedStars'),
      shared(genres).as('sharedGenres'),
    ])
    .orderBy('best.score', 'desc')
    .orderBy('movies.votes', 'desc')
    .orderBy('movies.id')
    .execute();
}

function whyOf(film: Traits, row: SimilarRow): Why {
  const names = (list: Named[], shared: string[]) =>
    list.filter(({ id }) => shared.includes(id)).map(({ name }) => name);
  const directors = names(film.directors, row.sharedDirectors);
  const stars = names(film.stars, row.sharedStars);
  const genres = names(film.genres, row.sharedGenres);
  if (directors.length > 0) {
    const who = directors.length === 1 ? 'Same director' : 'Same directors';
    return { kind: 'director', names: directors, text: `${who}: ${listed(directors)}` };
  }
  const kind = describeGenres(genres, decadeOf(film.year) === decadeOf(row.year) ? row.year : null);
  if (stars.length === 0) return { kind: 'genres', names: genres, text: kind };
  return { kind: 'star', names: stars, text: kind === '' ? `With ${listed(stars)}` : `${kind} with ${listed(stars)}` };
}

/** "Crime and drama of the nineties"; the decade is left out where the films are of two. */
function describeGenres(genres: string[], year: number | null): string {
  if (genres.length === 0) return '';
  const all = listed(genres).toLowerCase();
  const text = all.charAt(0).toUpperCase() + all.slice(1);
  return year === null ? text : `${text} of the ${nameOfDecade(decadeOf(year))}`;
}

function decadeOf(year: number): number {
  return Math.floor(year / 10) * 10;
}

const DECADES = ['twenties', 'thirties', 'forties', 'fifties', 'sixties', 'seventies', 'eighties', 'nineties'];

function nameOfDecade(decade: number): string {
  // "The twenties" are those of jazz for a hundred years only.
  return (decade < 2000 ? DECADES[(decade - 1920) / 10] : undefined) ?? `${decade}s`;
}

function listed(names: string[]): string {
  return new Intl.ListFormat('en').format(names);
}
