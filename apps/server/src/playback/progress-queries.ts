import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import { cardColumns } from '../catalogue/cards.ts';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';

// What is left from here on are the credits. `watchedFrom` in SQL.
const CREDITS_PART = 0.08;
const LONGEST_CREDITS_SECONDS = 600;

/** From here on a film counts as watched: its last 8 %, ten minutes at most. Both in seconds. */
export function watchedFrom(duration: number): number {
  return duration - Math.min(duration * CREDITS_PART, LONGEST_CREDITS_SECONDS);
}

/** How far a viewer has come in a film; nothing when he has not begun. */
export async function selectProgress(
  db: Db,
  userId: string,
  movieId: string,
): Promise<{ positionSeconds: number; durationSeconds: number } | undefined> {
  return await db
    .selectFrom('watchProgress')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .select(['positionSeconds', 'durationSeconds'])
    .executeTakeFirst();
}

/** How far a viewer has come, as a player tells it. */
export type Word = {
  userId: string;
  movieId: string;
  positionSeconds: number;
  durationSeconds: number;
  watchedAt: Date | null;
  updatedAt: Date;
  /** Who tells it, and its place among all that he tells; null: words come as they were spoken. */
  device: { id: string; sequence: number } | null;
};

/**
 * Keeps how far a viewer has come; a film once watched stays watched. What a device has said before its last word, and
 * comes only now, changes nothing.
 */
export async function upsertProgress(db: Db, word: Word): Promise<void> {
  const { userId, movieId, device, updatedAt } = word;
  const heard = device
    ? sql`
      insert into playback_devices (user_id, movie_id, device_id, sequence, seen_at)
      values (${userId}, ${movieId}, ${device.id}, ${device.sequence}, ${updatedAt})
      on conflict (user_id, movie_id, device_id)
        do update set sequence = excluded.sequence, seen_at = excluded.seen_at
        where playback_devices.sequence < excluded.sequence
      returning true`
    : sql`select true`;
  await sql`
    with heard as (${heard})
    insert into watch_progress (user_id, movie_id, position_seconds, duration_seconds, watched_at, updated_at)
    select ${userId}::uuid, ${movieId}::uuid, ${word.positionSeconds}::numeric, ${word.durationSeconds}::numeric,
      ${word.watchedAt}::timestamptz, ${updatedAt}::timestamptz
    from heard
    on conflict (user_id, movie_id) do update set
      position_seconds = excluded.position_seconds,
      duration_seconds = excluded.duration_seconds,
      watched_at = coalesce(watch_progress.watched_at, excluded.watched_at),
      updated_at = excluded.updated_at,
      hidden_at = case when watch_progress.position_seconds = excluded.position_seconds
        then watch_progress.hidden_at end`.execute(db);
}

/** Notes that a film was watched to its end. `durationSeconds` is for a film that was never begun. */
export async function setWatched(
  db: Db,
  { now, durationSeconds, ...film }: { userId: string; movieId: string; durationSeconds: number; now: Date },
): Promise<void> {
  const ends = { durationSeconds, positionSeconds: durationSeconds, watchedAt: now, updatedAt: now };
  await db
    .insertInto('watchProgress')
    .values({ ...film, ...ends })
    .onConflict((conflict) =>
      conflict.columns(['userId', 'movieId']).doUpdateSet({
        positionSeconds: sql`watch_progress.duration_seconds`,
        watchedAt: sql`coalesce(watch_progress.watched_at, excluded.watched_at)`,
        updatedAt: now,
      }),
    )
    .execute();
}

/** Puts a film back to its beginning, as if it had not been watched. */
export async function setUnwatched(db: Db, userId: string, movieId: string, now: Date): Promise<void> {
  await db
    .updateTable('watchProgress')
    .set({ positionSeconds: 0, watchedAt: null, updatedAt: now })
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .execute();
}

/** Leaves a film out of those to go on with, until it is watched on. */
export async function setHidden(db: Db, userId: string, movieId: string, now: Date): Promise<void> {
  await db
    .updateTable('watchProgress')
    .set({ hiddenAt: now })
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .execute();
}

/** The last one watched first. */
export const WATCHED_SORT: Sort = {
  by: sql.ref('watchProgress.updatedAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('watchProgress.movieId'),
};

/**
 * `history`: what was watched or begun, also what is not owned any more. `continue`: what is owned, was begun (30 seconds
 * or 2 % of it), has not come to its credits, and was not hidden.
 */
export type WatchedList = 'history' | 'continue';

const IN_LIST: Record<WatchedList, RawBuilder<boolean>> = {
  history: sql`(watch_progress.position_seconds > 0 or watch_progress.watched_at is not null)`,
  continue: sql`(
    watch_progress.hidden_at is null
    and watch_progress.position_seconds > least(30, 0.02 * watch_progress.duration_seconds)
    and watch_progress.position_seconds < watch_progress.duration_seconds
      - least(${sql.lit(CREDITS_PART)} * watch_progress.duration_seconds, ${sql.lit(LONGEST_CREDITS_SECONDS)})
    and exists (
      select from library_movies
      where library_movies.user_id = watch_progress.user_id and library_movies.movie_id = watch_progress.movie_id
    ))`,
};

/** Selects the rows of such a list after a position. */
export async function selectWatchedPage(
  db: Db,
  page: { list: WatchedList; userId: string; position: Position | null; limit: number },
) {
  return await db
    .selectFrom('watchProgress')
    .innerJoin('movies', 'movies.id', 'watchProgress.movieId')
    .where('watchProgress.userId', '=', page.userId)
    .where(IN_LIST[page.list])
    .$if(page.position !== null, (query) => query.where(isAfter(WATCHED_SORT, page.position!)))
    .select((eb) => cardColumns(eb))
    .select([
      'watchProgress.positionSeconds',
      'watchProgress.durationSeconds',
      'watchProgress.watchedAt',
      'watchProgress.updatedAt as progressUpdatedAt',
      'watchProgress.movieId as cursorId',
      sql<string>`watch_progress.updated_at::text`.as('cursorKey'),
    ])
    .orderBy(orderBy(WATCHED_SORT))
    .limit(page.limit)
    .execute();
}

/** Counts such a list, up to the cap of {@link countCapped}. */
export async function countWatched(db: Db, list: WatchedList, userId: string): Promise<number> {
  const rows = db.selectFrom('watchProgress').where('userId', '=', userId).where(IN_LIST[list]);
  return await countCapped(db, rows.select('movieId'));
}
