import type { Db } from '@online-cinema/db/open';

/** What somebody said about films, liked and reported. */
export async function selectCommentActs(db: Db, userId: string) {
  return {
    comments: await selectComments(db, userId),
    commentLikes: await selectLikes(db, userId),
    commentReports: await selectReports(db, userId),
  };
}

async function selectComments(db: Db, userId: string) {
  return await db
    .selectFrom('comments')
    .innerJoin('movies', 'movies.id', 'comments.movieId')
    .where('comments.userId', '=', userId)
    .select([
      'comments.id',
      'comments.movieId',
      'movies.name',
      'movies.year',
      'comments.parentId',
      'comments.text',
      'comments.spoiler',
      'comments.createdAt',
      'comments.editedAt',
      'comments.hiddenAt',
    ])
    .orderBy('comments.createdAt')
    .orderBy('comments.id')
    .execute();
}

async function selectLikes(db: Db, userId: string) {
  return await db
    .selectFrom('commentLikes')
    .where('userId', '=', userId)
    .select(['commentId', 'createdAt', 'takenBackAt'])
    .orderBy('createdAt')
    .orderBy('commentId')
    .execute();
}

async function selectReports(db: Db, userId: string) {
  return await db
    .selectFrom('commentReports')
    .where('userId', '=', userId)
    .select(['commentId', 'reason', 'note', 'createdAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}
