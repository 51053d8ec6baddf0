import type { Db } from '@online-cinema/db/open';

/** What somebody thinks of films, and what was recommended for it. */
export async function selectFilmActs(db: Db, userId: string) {
  return {
    reactions: await selectReactions(db, userId),
    ratings: await selectRatings(db, userId),
    favorites: await selectFavorites(db, userId),
    recommendations: await selectRecommendations(db, userId),
  };
}

const MOVIE = ['movies.id as movieId', 'movies.name', 'movies.year'] as const;

async function selectReactions(db: Db, userId: string) {
  return await db
    .selectFrom('reactions')
    .innerJoin('movies', 'movies.id', 'reactions.movieId')
    .where('reactions.userId', '=', userId)
    .select(MOVIE)
    .select(['reactions.kind', 'reactions.reactedAt'])
    .orderBy('movies.id')
    .execute();
}

async function selectRatings(db: Db, userId: string) {
  return await db
    .selectFrom('ratings')
    .innerJoin('movies', 'movies.id', 'ratings.movieId')
    .where('ratings.userId', '=', userId)
    .select(MOVIE)
    .select(['ratings.score', 'ratings.ratedAt'])
    .orderBy('movies.id')
    .execute();
}

async function selectFavorites(db: Db, userId: string) {
  return await db
    .selectFrom('favorites')
    .innerJoin('movies', 'movies.id', 'favorites.movieId')
    .where('favorites.userId', '=', userId)
    .select(MOVIE)
    .select('favorites.addedAt')
    .orderBy('favorites.addedAt')
    .orderBy('movies.id')
    .execute();
}

async function selectRecommendations(db: Db, userId: string) {
  return await db
    .selectFrom('recommendations')
    .innerJoin('movies', 'movies.id', 'recommendations.movieId')
    .where('recommendations.userId', '=', userId)
    .select(MOVIE)
    .select('recommendations.why')
    .orderBy('recommendations.rank')
    .execute();
}
