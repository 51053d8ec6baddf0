import type { Db } from '@online-cinema/db/open';
import { type Expression, sql, type SqlBool } from 'kysely';
import { cardColumns, type PosterRow } from '../catalogue/cards.ts';
import { isMovie } from '../catalogue/queries.ts';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';

/** Whether a film of a library is being paid back: nobody plays what he gets his money for. */
export const isGoingBack = sql<boolean>`exists (
  select from payments
  join refunds on refunds.payment_id = payments.id
  join refund_items on refund_items.refund_id = refunds.id
  where payments.order_id = library_movies.order_id and refunds.status = 'pending'
    and refund_items.movie_id = library_movies.movie_id
)`;

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

/** Takes films out of the library of an order's buyer that this order put there; what he has otherwise stays. */
export async function deleteLibraryMovies(db: Db, orderId: string, movieIds: string[]): Promise<void> {
  if (movieIds.length === 0) return;
  await db.deleteFrom('libraryMovies').where('orderId', '=', orderId).where('movieId', 'in', movieIds).execute();
}

/** A film, withdrawn or not, and whether it is in a viewer's library to stay. */
export async function selectOwnMovie(
  db: Db,
  userId: string,
  ref: string,
): Promise<(PosterRow & { time: number; isOwn: boolean }) | undefined> {
  return await db
    .selectFrom('movies')
    .leftJoin('libraryMovies', (join) =>
      join.onRef('libraryMovies.movieId', '=', 'movies.id').on('libraryMovies.userId', '=', userId),
    )
    .where(isMovie(ref))
    .select(['movies.id', 'movies.posterKey', 'movies.posterVersion', 'movies.time'])
    .select(sql<boolean>`library_movies.user_id is not null and not ${isGoingBack}`.as('isOwn'))
    .executeTakeFirst();
}

/** A part of a library, in an order. */
export type LibraryQuery = { userId: string; conditions: Expression<SqlBool>[]; sort: Sort };

/** Selects the rows of a library after a position, with how far each film was watched. */
export async function selectLibraryPage(
  db: Db,
  { userId, conditions, sort, position, limit }: LibraryQuery & { position: Position | null; limit: number },
) {
  return await db
    .selectFrom('libraryMovies')
    .innerJoin('movies', 'movies.id', 'libraryMovies.movieId')
    .leftJoin('watchProgress', (join) =>
      join
        .onRef('watchProgress.userId', '=', 'libraryMovies.userId')
        .onRef('watchProgress.movieId', '=', 'libraryMovies.movieId'),
    )
    .where('libraryMovies.userId', '=', userId)
    .where((eb) => eb.and(conditions))
    .$if(position !== null, (query) => query.where(isAfter(sort, position!)))
    .select((eb) => cardColumns(eb))
    .select([
      'libraryMovies.addedAt as boughtAt',
      'watchProgress.positionSeconds',
      'watchProgress.durationSeconds',
      'watchProgress.watchedAt',
      'watchProgress.updatedAt as progressUpdatedAt',
      'libraryMovies.movieId as cursorId',
      sql<string | null>`(${sort.by})::text`.as('cursorKey'),
    ])
    .orderBy(orderBy(sort))
    .limit(limit)
    .execute();
}

/** Counts a part of a library, up to the cap of {@link countCapped}. */
export async function countLibrary(db: Db, { userId, conditions }: Omit<LibraryQuery, 'sort'>): Promise<number> {
  const films = db
    .selectFrom('libraryMovies')
    .innerJoin('movies', 'movies.id', 'libraryMovies.movieId')
    .where('libraryMovies.userId', '=', userId)
    .where((eb) => eb.and(conditions));
  return await countCapped(db, films.select('libraryMovies.movieId'));
}
