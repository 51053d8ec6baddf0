import type { RatingSummary, Reaction, ReactionCounts } from '@online-cinema/contract/reactions';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** Keeps an account from being deleted until the transaction ends; `false` when it is deleted already. */
export async function holdViewer(trx: Db, userId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .select('id')
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}

/** A job that was queued so long ago was lost. */
const LOST_AFTER = sql.lit('10 minutes');

/**
 * Notes that a viewer acts. `isQueued`: a job will see it that waits already; else the caller has to enqueue one.
 * `sinceComputedSeconds`: how long ago films were recommended to him, whole seconds; null: never.
 */
export async function noteAct(
  trx: Db,
  userId: string,
): Promise<{ isQueued: boolean; sinceComputedSeconds: number | null }> {
  // Not the time the transaction began: it may have waited for a computation that saw less.
  const { rows } = await sql<{ isQueued: boolean; sinceComputedSeconds: number | null }>`
    insert into viewer_acts as kept (user_id, acted_at, queued_at)
    values (${userId}, clock_timestamp(), clock_timestamp())
    on conflict (user_id) do update set
      acted_at = clock_timestamp(),
      queued_at = case when kept.queued_at > now() - interval ${LOST_AFTER} then kept.queued_at else clock_timestamp() end
    returning
      old.queued_at is not null and old.queued_at = new.queued_at as is_queued,
      floor(extract(epoch from clock_timestamp() - new.computed_at))::int as since_computed_seconds`.execute(trx);
  return rows[0] ?? { isQueued: false, sinceComputedSeconds: null };
}

type Act = { userId: string; movieId: string };

/** What a reaction was, and what it is; null: none. */
export type ReactionChange = { from: Reaction | null; to: Reaction | null };

export async function upsertReaction(trx: Db, act: Act & { kind: Reaction }): Promise<ReactionChange> {
  const row = await trx
    .insertInto('reactions')
    .values(act)
    .onConflict((conflict) =>
      conflict
        .columns(['userId', 'movieId'])
        .doUpdateSet({ kind: act.kind, reactedAt: sql`now()` })
        .where('reactions.kind', '!=', act.kind),
    )
    .returning(sql<Reaction | null>`old.kind`.as('from'))
    .executeTakeFirst();
  return { from: row ? row.from : act.kind, to: act.kind };
}

export async function deleteReaction(trx: Db, { userId, movieId }: Act): Promise<ReactionChange> {
  const row = await trx
    .deleteFrom('reactions')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .returning('kind')
    .executeTakeFirst();
  return { from: row?.kind ?? null, to: null };
}

/** Counts a change of a reaction, and gives what the counters are then. */
export async function addToReactionCounts(
  trx: Db,
  movieId: string,
  { from, to }: ReactionChange,
): Promise<ReactionCounts> {
  const delta = (kind: Reaction) => Number(to === kind) - Number(from === kind);
  const columns = ['likeCount', 'dislikeCount'] as const;
  if (from === to)
    return await trx.selectFrom('movies').where('id', '=', movieId).select(columns).executeTakeFirstOrThrow();
  return await trx
    .updateTable('movies')
    .set((column) => ({
      likeCount: column('likeCount', '+', delta('like')),
      dislikeCount: column('dislikeCount', '+', delta('dislike')),
    }))
    .where('id', '=', movieId)
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** What a rating was, and what it is; null: none. */
export type RatingChange = { from: number | null; to: number | null };

export async function upsertRating(trx: Db, act: Act & { score: number }): Promise<RatingChange> {
  const row = await trx
    .insertInto('ratings')
    .values(act)
    .onConflict((conflict) =>
      conflict
        .columns(['userId', 'movieId'])
        .doUpdateSet({ score: act.score, ratedAt: sql`now()` })
        .where('ratings.score', '!=', act.score),
    )
    .returning(sql<number | null>`old.score`.as('from'))
    .executeTakeFirst();
  return { from: row ? row.from : act.score, to: act.score };
}

export async function deleteRating(trx: Db, { userId, movieId }: Act): Promise<RatingChange> {
  const row = await trx
    .deleteFrom('ratings')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .returning('score')
    .executeTakeFirst();
  return { from: row?.score ?? null, to: null };
}

/** Counts a change of a rating, and gives what comes of it. */
export async function addToRatings(trx: Db, movieId: string, { from, to }: RatingChange): Promise<RatingSummary> {
  const columns = ['ratingAverage', 'ratingCount'] as const;
  if (from === to)
    return await trx.selectFrom('movies').where('id', '=', movieId).select(columns).executeTakeFirstOrThrow();
  return await trx
    .updateTable('movies')
    .set((column) => ({
      ratingSum: column('ratingSum', '+', (to ?? 0) - (from ?? 0)),
      ratingCount: column('ratingCount', '+', Number(to !== null) - Number(from !== null)),
    }))
    .where('id', '=', movieId)
    .returning(columns)
    .executeTakeFirstOrThrow();
}

/** Adds a favourite; `false` when it was one already. */
export async function insertFavorite(trx: Db, act: Act): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await trx
    .insertInto('favorites')
    .values(act)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** Removes a favourite; `false` when it was none. */
export async function deleteFavorite(trx: Db, { userId, movieId }: Act): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('favorites')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function addToFavoriteCount(trx: Db, movieId: string, delta: 1 | -1): Promise<void> {
  await trx
    .updateTable('movies')
    .set((column) => ({ favoriteCount: column('favoriteCount', '+', delta) }))
    .where('id', '=', movieId)
    .execute();
}
