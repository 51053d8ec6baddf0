import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { isGoingBack } from '../library/queries.ts';

/** Adds to the share of a film that was sent to a viewer; `false`: it is not his any more, and nothing is counted. */
export async function addServed(
  db: Db,
  { userId, movieId, share }: { userId: string; movieId: string; share: number },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('playbackServed')
    .columns(['userId', 'movieId', 'share'])
    .expression((eb) =>
      eb
        .selectFrom('libraryMovies')
        .where('userId', '=', userId)
        .where('movieId', '=', movieId)
        .where((where) => where.not(isGoingBack))
        .select(['userId', 'movieId', sql<number>`${share}::float8`.as('share')]),
    )
    .onConflict((conflict) =>
      conflict.columns(['userId', 'movieId']).doUpdateSet({ share: sql`playback_served.share + excluded.share` }),
    )
    .executeTakeFirstOrThrow();
  return numInsertedOrUpdatedRows === 1n;
}
