import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** Adds to the share of a film that was sent to a viewer. What he does not own any more is not counted. */
export async function addServed(
  db: Db,
  { userId, movieId, share }: { userId: string; movieId: string; share: number },
): Promise<void> {
  await db
    .insertInto('playbackServed')
    .columns(['userId', 'movieId', 'share'])
    .expression((eb) =>
      eb
        .selectFrom('libraryMovies')
        .where('userId', '=', userId)
        .where('movieId', '=', movieId)
        .select(['userId', 'movieId', sql<number>`${share}::float8`.as('share')]),
    )
    .onConflict((conflict) =>
      conflict.columns(['userId', 'movieId']).doUpdateSet({ share: sql`playback_served.share + excluded.share` }),
    )
    .execute();
}
