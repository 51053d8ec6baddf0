import type { Comment, CommentSort, CommentThread, ListComments, ListReplies } from '@online-cinema/contract/comments';
import type { Page } from '@online-cinema/contract/common';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { selectMovieId } from '../catalogue/queries.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { countCapped, isAfter, orderBy, type Position, readPage, type Sort } from '../lib/paging.ts';
import { commentColumns, type CommentViewRow, type Onlooker, toComment } from './comments-view.ts';

type ListDeps = Pick<Deps, 'db' | 'config'>;

/** The threads about a film, each with its first replies. @throws AppError `not_found`, `invalid_cursor`. */
export async function listThreads(
  { db, config }: ListDeps,
  onlooker: Onlooker,
  { movieId: ref, sort: name, ...page }: ListComments,
): Promise<Page<CommentThread>> {
  const movieId = await selectMovieId(db, ref);
  if (movieId === undefined) throw new AppError('not_found');
  const sort = SORTS[name];
  return await readPage(page, {
    query: { list: 'comments', movieId, by: name },
    sort,
    select: (position, limit) => selectThreads(db, { movieId, sort, position, limit, onlooker }),
    count: () => countCapped(db, threadsOf(db, movieId).select('id')),
    toItem: ({ replies, ...row }) => ({
      ...toComment(config, row),
      replies: replies.map((reply) => toComment(config, reply)),
    }),
  });
}

/** The replies in a thread, the oldest first. @throws AppError `not_found`, `invalid_cursor`. */
export async function listReplies(
  { db, config }: ListDeps,
  onlooker: Onlooker,
  { commentId, ...page }: ListReplies,
): Promise<Page<Comment>> {
  if (!(await isShown(db, commentId))) throw new AppError('not_found');
  return await readPage(page, {
    query: { list: 'replies', commentId },
    sort: SORTS.oldest,
    select: (position, limit) => selectReplies(db, { commentId, position, limit, onlooker }),
    count: () => countCapped(db, db.selectFrom('comments').where('parentId', '=', commentId).select('id')),
    toItem: (row) => toComment(config, row),
  });
}

/** One comment, as somebody sees it. @throws AppError `not_found`. */
export async function getComment({ db, config }: ListDeps, onlooker: Onlooker, commentId: string): Promise<Comment> {
  const row = await db
    .selectFrom('comments')
    .where('id', '=', commentId)
    .select(commentColumns(onlooker))
    .executeTakeFirst();
  if (!row) throw new AppError('not_found');
  return toComment(config, row);
}

const FIRST_REPLIES = 3;

const CREATED: Pick<Sort, 'by' | 'type' | 'id'> = {
  by: sql.ref('comments.createdAt'),
  type: 'timestamptz',
  id: sql.ref('comments.id'),
};

/** Each walks an index of `comments`. */
const SORTS: Record<CommentSort, Sort> = {
  newest: { ...CREATED, order: 'desc' },
  oldest: { ...CREATED, order: 'asc' },
  top: { by: sql.ref('comments.likeCount'), type: 'integer', order: 'desc', id: sql.ref('comments.id') },
};

function threadsOf(db: Db, movieId: string) {
  return db.selectFrom('comments').where('movieId', '=', movieId).where('parentId', 'is', null);
}

type PageOfThreads = { movieId: string; sort: Sort; position: Position | null; limit: number; onlooker: Onlooker };
type ThreadRow = CommentViewRow & { replies: CommentViewRow[]; cursorId: string; cursorKey: string };

async function selectThreads(
  db: Db,
  { movieId, sort, position, limit, onlooker }: PageOfThreads,
): Promise<ThreadRow[]> {
  // The ids of the threads first, and those of their first replies, then what is shown of them all.
  const rows = await db
    .with('page', () =>
      threadsOf(db, movieId)
        .$if(position !== null, (query) => query.where(isAfter(sort, position!)))
        .select(['comments.id', sql<number>`row_number() over (order by ${orderBy(sort)})`.as('place')])
        .orderBy(orderBy(sort))
        .limit(limit),
    )
    .with(
      'shown',
      () => sql<{ id: string; place: number }>`(
        select id, place from page
        union all
        select reply.id, place from page cross join lateral (
          select id from comments where parent_id = page.id order by created_at, id limit ${sql.lit(FIRST_REPLIES)}
        ) reply)`,
    )
    .selectFrom('shown')
    .innerJoin('comments', 'comments.id', 'shown.id')
    .select(commentColumns(onlooker))
    .select(['comments.id as cursorId', sql<string>`${sort.by}::text`.as('cursorKey')])
    .orderBy(sql`comments.parent_id is not null`)
    .orderBy('shown.place')
    .orderBy('comments.createdAt')
    .orderBy('comments.id')
    .execute();
  const replies = Map.groupBy(rows, ({ parentId }) => parentId);
  return (replies.get(null) ?? []).map((row) => ({ ...row, replies: replies.get(row.id) ?? [] }));
}

async function selectReplies(
  db: Db,
  { commentId, position, limit, onlooker }: Omit<PageOfThreads, 'movieId' | 'sort'> & { commentId: string },
) {
  return await db
    .selectFrom('comments')
    .where('parentId', '=', commentId)
    .$if(position !== null, (query) => query.where(isAfter(SORTS.oldest, position!)))
    .select(commentColumns(onlooker))
    .select(['comments.id as cursorId', sql<string>`comments.created_at::text`.as('cursorKey')])
    .orderBy(orderBy(SORTS.oldest))
    .limit(limit)
    .execute();
}

// Tombstones are.
async function isShown(db: Db, commentId: string): Promise<boolean> {
  const row = await db
    .selectFrom('comments')
    .innerJoin('movies', 'movies.id', 'comments.movieId')
    .where('comments.id', '=', commentId)
    .where('movies.withdrawnAt', 'is', null)
    .select('comments.id')
    .executeTakeFirst();
  return row !== undefined;
}
