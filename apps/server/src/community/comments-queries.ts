import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { isMovie } from '../catalogue/queries.ts';

/*
 * Whoever writes comments locks in one order, so that nobody waits in a circle: the users it concerns, the film (against
 * its deletion), the comments by id, with which a thread comes before its replies, and last, by counting, the film again.
 * Whoever deletes an account or a film holds that row first too.
 */

/** Keeps these accounts from being deleted until the transaction ends. */
export async function holdUsers(trx: Db, userIds: string[]): Promise<void> {
  await trx.selectFrom('users').where('id', 'in', userIds).select('id').orderBy('id').forKeyShare().execute();
}

/** A film that is talked about. */
export type TalkedAboutMovie = { id: string; slug: string; name: string; year: number };

/** A film of the catalogue, which can't leave it until the transaction ends; nothing when it is not there. */
export async function holdMovie(trx: Db, ref: string): Promise<TalkedAboutMovie | undefined> {
  return await trx
    .selectFrom('movies')
    .where(isMovie(ref))
    .where('withdrawnAt', 'is', null)
    .select(['id', 'slug', 'name', 'year'])
    .forKeyShare()
    .executeTakeFirst();
}

/** The film a comment is about. */
export async function selectTalkedAboutMovie(db: Db, movieId: string): Promise<TalkedAboutMovie> {
  return await db
    .selectFrom('movies')
    .where('id', '=', movieId)
    .select(['id', 'slug', 'name', 'year'])
    .executeTakeFirstOrThrow();
}

/** What decides about an act on a comment. */
export type CommentRow = { id: string; movieId: string; userId: string; parentId: string | null };

/** A comment that is not deleted, of a film of the catalogue. */
export async function selectLivingComment(db: Db, commentId: string): Promise<CommentRow | undefined> {
  return await selectLiving(db, commentId).where('movies.withdrawnAt', 'is', null).executeTakeFirst();
}

/** The same, and nobody else changes it until the transaction ends. */
export async function lockLivingComment(trx: Db, commentId: string): Promise<CommentRow | undefined> {
  return await selectLiving(trx, commentId)
    .where('movies.withdrawnAt', 'is', null)
    .forNoKeyUpdate('comments')
    .executeTakeFirst();
}

/** A comment that is not deleted, whatever became of its film. */
export async function selectAnyLivingComment(db: Db, commentId: string): Promise<CommentRow | undefined> {
  return await selectLiving(db, commentId).executeTakeFirst();
}

function selectLiving(db: Db, commentId: string) {
  return db
    .selectFrom('comments')
    .innerJoin('movies', 'movies.id', 'comments.movieId')
    .where('comments.id', '=', commentId)
    .where('comments.deletedAt', 'is', null)
    .select(['comments.id', 'comments.movieId', 'comments.userId', 'comments.parentId'])
    .$narrowType<{ userId: string }>();
}

/** Locks the comment a thread begins with, a tombstone too; `false` when it is gone. */
export async function lockThread(trx: Db, commentId: string): Promise<boolean> {
  const row = await trx
    .selectFrom('comments')
    .where('id', '=', commentId)
    .select('id')
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** Writes a comment and counts it; its thread, if it joins one, is to be locked before. Gives its id. */
export async function insertComment(
  trx: Db,
  comment: {
    movieId: string;
    userId: string;
    parentId: string | null;
    replyToId: string | null;
    text: string;
    spoiler: boolean;
  },
): Promise<string> {
  const { id } = await trx.insertInto('comments').values(comment).returning('id').executeTakeFirstOrThrow();
  if (comment.parentId !== null) {
    await trx
      .updateTable('comments')
      .set((column) => ({ replyCount: column('replyCount', '+', 1) }))
      .where('id', '=', comment.parentId)
      .execute();
  }
  await trx
    .updateTable('movies')
    .set((column) => ({ commentCount: column('commentCount', '+', 1) }))
    .where('id', '=', comment.movieId)
    .execute();
  return id;
}

/** Changes what is given; a comment that stays as it was does not count as edited. */
export async function updateComment(
  trx: Db,
  commentId: string,
  { text, spoiler }: { text: string | undefined; spoiler: boolean | undefined },
): Promise<void> {
  const changed = sql`(coalesce(${text ?? null}, text), coalesce(${spoiler ?? null}::boolean, spoiler))`;
  await sql`
    update comments set (text, spoiler, edited_at) = (
      coalesce(${text ?? null}, text), coalesce(${spoiler ?? null}::boolean, spoiler), now()
    )
    where id = ${commentId} and (text, spoiler) is distinct from ${changed}`.execute(trx);
}

/** Writes down a like; `first` when this person never liked the comment before, null when it is liked already. */
export async function upsertLike(trx: Db, commentId: string, userId: string): Promise<'first' | 'again' | null> {
  const row = await trx
    .insertInto('commentLikes')
    .values({ commentId, userId })
    .onConflict((conflict) =>
      conflict
        .columns(['commentId', 'userId'])
        .doUpdateSet({ takenBackAt: null })
        .where('commentLikes.takenBackAt', 'is not', null),
    )
    .returning(sql<boolean>`old.user_id is null`.as('isFirst'))
    .executeTakeFirst();
  if (!row) return null;
  return row.isFirst ? 'first' : 'again';
}

/** Takes a like back; `false` when there was none. */
export async function takeLikeBack(trx: Db, commentId: string, userId: string, takenBackAt: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('commentLikes')
    .set({ takenBackAt })
    .where('commentId', '=', commentId)
    .where('userId', '=', userId)
    .where('takenBackAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Adds to the counter of a locked comment. */
export async function addToLikeCount(trx: Db, commentId: string, delta: 1 | -1): Promise<void> {
  await trx
    .updateTable('comments')
    .set((column) => ({ likeCount: column('likeCount', '+', delta) }))
    .where('id', '=', commentId)
    .execute();
}
