import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { isNewTo } from './recommendations-queries.ts';
import type { ActedFilm, Liking, Taste } from './recommendations-taste.ts';

/** A film that may be recommended. */
export type Candidate = {
  id: string;
  /** Which liked traits it has. */
  traitIds: string[];
  /** The liked film whose likers like it too, and how many of them they are among all likers of both: up to 1. */
  nextTo: { movieId: string; likeness: number } | null;
};

// Whatever somebody likes, and however large the catalogue is: so much of it is looked at.
const PEOPLE = 10;
const FILMS_A_PERSON = 100;
const GENRES = 5;
const FILMS_A_GENRE = 150;
const SEEDS = 10;
const LIKERS_A_SEED = 40;
const LIKES_A_LIKER = 30;
/** Fewer people who like two films may do so by chance. */
const LIKERS_OF_BOTH = 3;
const MOST = 120;

/** Selects the films that fit a taste best, best first, among those that are for sale and new to the viewer. */
export async function selectCandidates(
  db: Db,
  { userId, taste, liked }: { userId: string; taste: Taste; liked: ActedFilm[] },
): Promise<Candidate[]> {
  const likings = [...taste.values()];
  const best = (kind: Liking['kind'], count: number) =>
    likings
      .filter((liking) => liking.kind === kind && liking.weight > 0)
      .slice(0, count)
      .map(({ id }) => id);
  const [directors, stars, genres] = [best('director', PEOPLE), best('star', PEOPLE), best('genre', GENRES)];
  const seeds = liked.slice(0, SEEDS).map(({ id }) => id);
  // Each genre by itself: the planner knows how common it is, and no other crowds it out.
  const ofGenres = genres.map(
    (id) => sql`
      union (select id from movies where tag_ids && array[${id}::uuid] and withdrawn_at is null
        order by votes desc, id desc limit ${FILMS_A_GENRE})`,
  );
  const { rows } = await sql<{ id: string; traitIds: string[]; seedId: string | null; likeness: number }>`
    with liking as (
      select * from unnest(${likings.map(({ id }) => id)}::uuid[], ${likings.map(({ weight }) => weight)}::float8[])
        liking(id, weight)
    ),
    liker as (
      select seed.id as seed_id, other.user_id, count(*) over (partition by seed.id) as likers
      from unnest(${seeds}::uuid[]) seed(id) cross join lateral (
        select user_id from reactions where movie_id = seed.id and kind = 'like' and user_id <> ${userId}
        order by user_id desc limit ${LIKERS_A_SEED}
      ) other
    ),
    beside as (
      select other.movie_id as id, liker.seed_id, count(*) as both, min(liker.likers) as likers
      from liker cross join lateral (
        select movie_id from reactions where user_id = liker.user_id and kind = 'like'
        order by movie_id desc limit ${LIKES_A_LIKER}
      ) other
      group by other.movie_id, liker.seed_id having count(*) >= ${LIKERS_OF_BOTH}
    ),
    candidate as (
      select link.id from unnest(${directors}::uuid[]) person cross join lateral (
        select movie_id as id from movie_directors where director_id = person order by movie_id desc limit ${FILMS_A_PERSON}
      ) link
      union
      select link.id from unnest(${stars}::uuid[]) person cross join lateral (
        select movie_id as id from movie_stars where star_id = person order by movie_id desc limit ${FILMS_A_PERSON}
      ) link
      union
      select id from beside
      ${sql.join(ofGenres, sql``)}
    ),
    open as (
      -- The fence keeps the planner from reading the whole catalogue for some hundred films of it.
      select movies.* from candidate cross join lateral (
        select id, tag_ids, imdb, votes, like_count from movies
        where id = candidate.id and withdrawn_at is null and price_amount is not null offset 0
      ) movies
      where ${isNewTo(userId)}
    ),
    fitting as (
      select open.id, sum(liking.weight) as fit, array_agg(liking.id) filter (where liking.weight > 0) as trait_ids
      from open cross join unnest(open.tag_ids) tag(id) join liking on liking.id = tag.id
      group by open.id
    ),
    nearest as (
      select distinct on (open.id) open.id, beside.seed_id,
        least(1, beside.both / sqrt(beside.likers * greatest(open.like_count, beside.both)::float8)) as likeness
      from open join beside on beside.id = open.id
      order by open.id, likeness desc, beside.seed_id
    )
    select open.id, coalesce(fitting.trait_ids, '{}') as trait_ids, nearest.seed_id, coalesce(likeness, 0) as likeness
    from open left join fitting on fitting.id = open.id left join nearest on nearest.id = open.id
    where coalesce(fit, 0) + coalesce(likeness, 0) > 0
    order by
      coalesce(fit, 0) + coalesce(likeness, 0) + 0.02 * open.imdb + 0.02 * ln(1 + open.votes) desc,
      open.votes desc, open.id
    limit ${MOST}`.execute(db);
  return rows.map(({ seedId, likeness, ...row }) => ({
    ...row,
    nextTo: seedId === null ? null : { movieId: seedId, likeness },
  }));
}
