import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/**
 * Deletes comments, with their likes and reports. One with replies becomes a tombstone, and a tombstone whose last reply
 * goes, goes too. Those deleted already are passed over; gives how many there were.
 */
export async function removeComments(trx: Db, commentIds: string[], deletedAt: Date): Promise<number> {
  if (commentIds.length === 0) return 0;
  const removed = await lockForRemoval(trx, commentIds);
  if (removed.length === 0) return 0;
  await trx
    .deleteFrom('moderationCases')
    .where(isOneOf('commentId', idsOf(removed)))
    .where('decision', 'is', null)
    .execute();
  const replyIds = idsOf(removed.filter(({ parentId }) => parentId !== null));
  if (replyIds.length > 0) await deleteReplies(trx, replyIds);
  const threadIds = idsOf(removed.filter(({ parentId }) => parentId === null));
  if (threadIds.length > 0) await closeThreads(trx, threadIds, deletedAt);
  await uncount(trx, removed);
  return removed.length;
}

type Removed = { id: string; movieId: string; parentId: string | null };

/** Locks comments, and before them the threads they are in; gives those that are not deleted yet. */
export async function lockForRemoval(trx: Db, commentIds: string[]): Promise<Removed[]> {
  await holdMoviesOf(trx, commentIds);
  const { rows } = await sql<Removed & { deletedAt: Date | null }>`
    select id, movie_id, parent_id, deleted_at from comments
    where id in (
      select unnest(${commentIds}::uuid[])
      union select parent_id from comments where id = any(${commentIds}::uuid[])
    )
    order by id for update`.execute(trx);
  const asked = new Set(commentIds);
  return rows.filter(({ id, deletedAt }) => asked.has(id) && deletedAt === null);
}

// Nobody deletes these films, and with them the comments, until the transaction ends.
async function holdMoviesOf(trx: Db, commentIds: string[]): Promise<void> {
  await trx
    .selectFrom('movies')
    .where('id', 'in', (eb) => eb.selectFrom('comments').where(isOneOf('id', commentIds)).select('movieId'))
    .select('id')
    .orderBy('id')
    .forKeyShare()
    .execute();
}

async function deleteReplies(trx: Db, ids: string[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    with gone as (delete from comments where id = any(${ids}::uuid[]) returning parent_id),
    threads as (select parent_id, count(*)::int as count from gone group by parent_id)
    update comments set reply_count = reply_count - threads.count
    from threads where comments.id = threads.parent_id
    returning comments.id`.execute(trx);
  await trx
    .deleteFrom('comments')
    .where(isOneOf('id', idsOf(rows)))
    .where('deletedAt', 'is not', null)
    .where('replyCount', '=', 0)
    .execute();
}

async function closeThreads(trx: Db, ids: string[], deletedAt: Date): Promise<void> {
  await trx.deleteFrom('comments').where(isOneOf('id', ids)).where('replyCount', '=', 0).execute();
  await trx.deleteFrom('commentLikes').where(isOneOf('commentId', ids)).execute();
  await trx.deleteFrom('commentReports').where(isOneOf('commentId', ids)).execute();
  await trx
    .updateTable('comments')
    .set({ userId: null, text: null, spoiler: false, likeCount: 0, editedAt: null, hiddenAt: null, deletedAt })
    .where(isOneOf('id', ids))
    .execute();
}

// Films are locked in one order before they are counted anew.
async function uncount(trx: Db, removed: Removed[]): Promise<void> {
  const byMovie = Map.groupBy(removed, ({ movieId }) => movieId);
  const ids = [...byMovie.keys()];
  const counts = [...byMovie.values()].map(({ length }) => length);
  await trx.selectFrom('movies').where(isOneOf('id', ids)).select('id').orderBy('id').forNoKeyUpdate().execute();
  await sql`
    update movies set comment_count = comment_count - change.count
    from unnest(${ids}::uuid[], ${counts}::int[]) change(id, count)
    where movies.id = change.id`.execute(trx);
}

function idsOf(rows: { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

// One parameter, however many there are.
function isOneOf(column: 'id' | 'commentId', ids: string[]) {
  return sql<boolean>`${sql.ref(column)} = any(${ids}::uuid[])`;
}
