import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { cardColumns } from '../catalogue/cards.ts';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';

/** Tells whether a film is in a viewer's library. */
export async function ownsMovie(db: Db, userId: string, movieId: string): Promise<boolean> {
  const row = await db
    .selectFrom('libraryMovies')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .select('movieId')
    .executeTakeFirst();
  return row !== undefined;
}

/** Puts the films of an order in its buyer's library; those already there stay as they are. */
export async function insertLibraryMovies(
  db: Db,
  { movieIds, ...bought }: { userId: string; orderId: string; movieIds: string[]; addedAt: Date },
): Promise<void> {
  await db
    .insertInto('libraryMovies')
    .values(movieIds.map((movieId) => ({ ...bought, movieId })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Newest first. */
export const LIBRARY_SORT: Sort = {
  by: sql.ref('libraryMovies.addedAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('libraryMovies.movieId'),
};

/** Selects the rows of a library after a position, with how far each film was watched. */
export async function selectLibraryPage(db: Db, page: { userId: string; position: Position | null; limit: number }) {
  return await db
    .selectFrom('libraryMovies')
    .innerJoin('movies', 'movies.id', 'libraryMovies.movieId')
    .leftJoin('watchProgress', (join) =>
      join
        .onRef('watchProgress.userId', '=', 'libraryMovies.userId')
        .onRef('watchProgress.movieId', '=', 'libraryMovies.movieId'),
    )
    .where('libraryMovies.userId', '=', page.userId)
    .$if(page.position !== null, (query) => query.where(isAfter(LIBRARY_SORT, page.position!)))
    .select((eb) => cardColumns(eb))
    .select([
      'libraryMovies.addedAt as boughtAt',
      'watchProgress.positionSeconds',
      'watchProgress.durationSeconds',
      'watchProgress.watchedAt',
      'watchProgress.updatedAt as progressUpdatedAt',
      'libraryMovies.movieId as cursorId',
      sql<string>`library_movies.added_at::text`.as('cursorKey'),
    ])
    .orderBy(orderBy(LIBRARY_SORT))
    .limit(page.limit)
    .execute();
}

/** Counts a library, up to the cap of {@link countCapped}. */
export async function countLibrary(db: Db, userId: string): Promise<number> {
  return await countCapped(db, db.selectFrom('libraryMovies').where('userId', '=', userId).select('movieId'));
}
