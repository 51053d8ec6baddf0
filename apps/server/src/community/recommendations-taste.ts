import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** A film somebody did something with. */
export type ActedFilm = {
  id: string;
  name: string;
  isLiked: boolean | null;
  score: number | null;
  isFavorite: boolean;
  isWatched: boolean;
  isOwned: boolean;
  /** How much it tells of what he likes; below 0: of what he does not. */
  weight: number;
};

const MOST_FILMS = 200;

/** The films a viewer did something with, lately, first those that tell most of what he likes. */
export async function selectActedFilms(db: Db, userId: string): Promise<ActedFilm[]> {
  const { rows } = await sql<Omit<ActedFilm, 'weight'>>`
    with act as (
      select movie_id, reacted_at as at from reactions where user_id = ${userId}
      union all select movie_id, rated_at from ratings where user_id = ${userId}
      union all select movie_id, added_at from favorites where user_id = ${userId}
      union all select movie_id, added_at from library_movies where user_id = ${userId}
    ),
    latest as (
      select movie_id, max(at) as at from act group by movie_id order by max(at) desc, movie_id limit ${MOST_FILMS}
    )
    select movies.id, movies.name, reaction.kind = 'like' as is_liked, rating.score,
      exists (select from favorites f where f.user_id = ${userId} and f.movie_id = movies.id) as is_favorite,
      exists (
        select from watch_progress w where w.user_id = ${userId} and w.movie_id = movies.id and w.watched_at is not null
      ) as is_watched,
      exists (select from library_movies l where l.user_id = ${userId} and l.movie_id = movies.id) as is_owned
    from latest
    join movies on movies.id = latest.movie_id
    left join reactions reaction on reaction.user_id = ${userId} and reaction.movie_id = movies.id
    left join ratings rating on rating.user_id = ${userId} and rating.movie_id = movies.id
    order by latest.at desc, movies.id`.execute(db);
  return rows.map((row) => ({ ...row, weight: weightOf(row) })).toSorted((one, other) => other.weight - one.weight);
}

// What somebody says of a film weighs more than that he has it.
function weightOf({ isLiked, score, isFavorite, isWatched, isOwned }: Omit<ActedFilm, 'weight'>): number {
  const said = (isLiked === null ? 0 : isLiked ? 3 : -4) + (score === null ? 0 : score - 6);
  return said + (isFavorite ? 3 : 0) + (isOwned ? 1 : 0) + (isWatched ? 1 : 0);
}

/** Somebody or something a film is described by. */
export type Trait = {
  movieId: string;
  kind: 'director' | 'star' | 'genre';
  id: string;
  name: string;
  /** How many films have it. */
  movieCount: number;
};

// Whoever comes after them is hardly why a film is liked.
const LEADS = 5;

/** The directors, leads and genres of films, in their order; and of how many films the catalogue is. */
export async function selectTraits(db: Db, films: ActedFilm[]): Promise<{ traits: Trait[]; movieCount: number }> {
  const ids = films.map(({ id }) => id);
  // The fences keep the planner from reading everybody for the people of some films.
  const { rows } = await sql<Trait>`
    select link.movie_id, 'director' as kind, named.id, named.name, named.movie_count, link.position
    from movie_directors link
    cross join lateral (select id, name, movie_count from directors where id = link.director_id offset 0) named
    where link.movie_id = any(${ids}::uuid[])
    union all
    select link.movie_id, 'star', named.id, named.name, named.movie_count, link.position
    from movie_stars link
    cross join lateral (select id, name, movie_count from stars where id = link.star_id offset 0) named
    where link.movie_id = any(${ids}::uuid[]) and link.position < ${LEADS}
    union all
    select link.movie_id, 'genre', named.id, named.name, named.movie_count, link.position
    from movie_genres link join genres named on named.id = link.genre_id
    where link.movie_id = any(${ids}::uuid[])
    order by position, id`.execute(db);
  // Each film has one certification.
  const { rows: counts } = await sql<{ count: number }>`
    select coalesce(sum(movie_count), 0)::int as count from certifications`.execute(db);
  return { traits: rows, movieCount: counts[0]?.count ?? 0 };
}

/** How much somebody likes a director, a star or a genre: 1 at most, below 0 when not. */
export type Liking = Pick<Trait, 'id' | 'kind' | 'name'> & { weight: number; movieIds: string[] };

/** What somebody likes and dislikes, by id, most liked first. */
export type Taste = Map<string, Liking>;

/**
 * Makes a taste of films: a trait is liked as much as the films that have it, and the rarer it is the more it tells. Who
 * likes two films of one director hardly does so by chance; of one genre he may.
 */
export function makeTaste(films: ActedFilm[], { traits, movieCount }: Awaited<ReturnType<typeof selectTraits>>): Taste {
  const weights = new Map(films.map(({ id, weight }) => [id, weight]));
  const likings = [...Map.groupBy(traits, ({ id }) => id).values()].flatMap((same) => {
    const [trait] = same;
    if (!trait) return [];
    const rarity = Math.log(1 + movieCount / Math.max(1, trait.movieCount));
    const weight = rarity * same.reduce((sum, { movieId }) => sum + (weights.get(movieId) ?? 0), 0);
    const { id, kind, name } = trait;
    return [{ id, kind, name, weight, movieIds: same.map(({ movieId }) => movieId) }];
  });
  const most = Math.max(...likings.map(({ weight }) => Math.abs(weight)), 1e-9);
  return new Map(
    likings
      .map((liking) => ({ ...liking, weight: liking.weight / most }))
      .toSorted((one, other) => other.weight - one.weight || (one.id < other.id ? -1 : 1))
      .map((liking) => [liking.id, liking]),
  );
}
