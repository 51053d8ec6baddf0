import { RecommendationWhy } from '@online-cinema/contract/recommendations';
import type { Db } from '@online-cinema/db/open';
import { type Expression, sql, type SqlBool } from 'kysely';
import { type CardRow, cardColumns } from '../catalogue/cards.ts';
import { IS_LISTED } from '../catalogue/filters.ts';

/** The films recommended to a viewer: one walk along his rows. Those that are his by now, or have left, are passed over. */
export async function selectPersonal(
  db: Db,
  { userId, limit }: { userId: string; limit: number },
): Promise<(CardRow & { why: RecommendationWhy })[]> {
  const rows = await db
    .selectFrom('recommendations')
    .innerJoin('movies', 'movies.id', 'recommendations.movieId')
    .where('recommendations.userId', '=', userId)
    .where(IS_LISTED)
    .where('movies.priceAmount', 'is not', null)
    .where(isNewTo(userId))
    .select((eb) => cardColumns(eb))
    .select('recommendations.why')
    .orderBy('recommendations.rank')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...row, why: RecommendationWhy.parse(row.why) }));
}

/** The films that trend, best first; to somebody only those for sale that are new to him. */
export async function selectTrending(
  db: Db,
  { userId, limit }: { userId: string | null; limit: number },
): Promise<(CardRow & { viewerCount: number })[]> {
  return await db
    .selectFrom('trendingMovies')
    .innerJoin('movies', 'movies.id', 'trendingMovies.movieId')
    .where(IS_LISTED)
    .$if(userId !== null, (query) => query.where('movies.priceAmount', 'is not', null).where(isNewTo(userId!)))
    .select((eb) => cardColumns(eb))
    .select('trendingMovies.viewerCount')
    .orderBy('trendingMovies.rank')
    .limit(limit)
    .execute();
}

/** The films most people voted for. */
export async function selectPopular(db: Db, limit: number): Promise<CardRow[]> {
  return await db
    .selectFrom('movies')
    .where(IS_LISTED)
    .select((eb) => cardColumns(eb))
    .orderBy('votes', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

const POPULAR_FILMS = 300;

/** Of the most popular films those of the best ratings at IMDb: without votes a rating says little. */
export async function selectWellRated(
  db: Db,
  { userId, limit }: { userId: string; limit: number },
): Promise<CardRow[]> {
  const popular = sql<{ id: string }>`(
    select id from movies where ${IS_LISTED} order by votes desc, id desc limit ${POPULAR_FILMS})`;
  return await db
    .selectFrom(popular.as('popular'))
    .innerJoin('movies', 'movies.id', 'popular.id')
    .where('movies.priceAmount', 'is not', null)
    .where(isNewTo(userId))
    .select((eb) => cardColumns(eb))
    .orderBy('movies.imdb', 'desc')
    .orderBy('movies.votes', 'desc')
    .orderBy('movies.id')
    .limit(limit)
    .execute();
}

/** The films for sale that are available since a day, today's last, and since when. Walks `movies_available_idx`. */
export async function selectNewReleases(
  db: Db,
  { today, limit }: { today: string; limit: number },
): Promise<(CardRow & { availableSince: string })[]> {
  const since = sql<string>`available_since(movies.release_date, movies.year, movies.created_at)`;
  return await db
    .selectFrom('movies')
    .where(IS_LISTED)
    .where('priceAmount', 'is not', null)
    .where('status', '=', 'released')
    .where(sql<SqlBool>`${since} <= ${today}::date`)
    .select((eb) => cardColumns(eb))
    .select(since.as('availableSince'))
    .orderBy(since, 'desc')
    .orderBy(sql`coalesce(movies.release_date, make_date(movies.year, 1, 1))`, 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}

const TIES = ['library_movies', 'cart_items', 'reactions', 'ratings', 'favorites'];

/** The condition that a film is new to a viewer: he has done nothing with it that we know of. */
export function isNewTo(userId: string): Expression<SqlBool> {
  const none = TIES.map(
    (table) =>
      sql`not exists (select from ${sql.table(table)} tie where tie.user_id = ${userId} and tie.movie_id = movies.id)`,
  );
  return sql<SqlBool>`${sql.join(none, sql` and `)}`;
}
