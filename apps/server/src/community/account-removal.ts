import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import { removeComments } from './comments-removal.ts';

/**
 * Deletes what an account said, as its owner would, and what it thinks of comments and films; takes it from the counters
 * and forgets what was made of it. Its reports stay as those of nobody. The account is to be locked before.
 */
export async function deleteCommunityOf(trx: Db, userId: string, now: Date): Promise<void> {
  const said = await trx.selectFrom('comments').where('userId', '=', userId).select('id').execute();
  await lockAll(trx, userId);
  await removeComments(
    trx,
    said.map(({ id }) => id),
    now,
  );
  await sql`
    with gone as (delete from comment_likes where user_id = ${userId} returning comment_id, taken_back_at)
    update comments set like_count = like_count - 1
    from gone where comments.id = gone.comment_id and gone.taken_back_at is null`.execute(trx);
  await trx.updateTable('commentReports').set({ userId: null, note: null }).where('userId', '=', userId).execute();
  await deleteActs(trx, userId);
  await trx.deleteFrom('recommendations').where('userId', '=', userId).execute();
  await trx.deleteFrom('viewerActs').where('userId', '=', userId).execute();
}

/*
 * All at once, and each kind in one order, for two accounts may go at once: the films (against their deletion), the
 * comments, and those films whose counters change once more, as `comments-queries.ts` says.
 */
async function lockAll(trx: Db, userId: string): Promise<void> {
  const liked: RawBuilder<unknown> = sql`
    select comments.movie_id from comment_likes join comments on comments.id = comment_likes.comment_id
    where comment_likes.user_id = ${userId}`;
  const counted: RawBuilder<unknown> = sql`
    select movie_id from comments where user_id = ${userId}
    union all select movie_id from reactions where user_id = ${userId}
    union all select movie_id from ratings where user_id = ${userId}
    union all select movie_id from favorites where user_id = ${userId}`;
  await sql`select from movies where id in (${counted} union all ${liked}) order by id for key share`.execute(trx);
  await sql`
    select from comments
    where id in (
      select id from comments where user_id = ${userId}
      union select parent_id from comments where user_id = ${userId}
      union select comment_id from comment_likes where user_id = ${userId}
    )
    order by id for update`.execute(trx);
  await sql`select from movies where id in (${counted}) order by id for no key update`.execute(trx);
}

async function deleteActs(trx: Db, userId: string): Promise<void> {
  await sql`
    with reaction as (delete from reactions where user_id = ${userId} returning movie_id, kind),
    rating as (delete from ratings where user_id = ${userId} returning movie_id, score),
    favorite as (delete from favorites where user_id = ${userId} returning movie_id),
    gone as (
      select movie_id, sum(likes)::int as likes, sum(dislikes)::int as dislikes, sum(ratings)::int as ratings,
        sum(points)::int as points, sum(favorites)::int as favorites
      from (
        select movie_id, (kind = 'like')::int as likes, (kind = 'dislike')::int as dislikes,
          0 as ratings, 0 as points, 0 as favorites from reaction
        union all select movie_id, 0, 0, 1, score, 0 from rating
        union all select movie_id, 0, 0, 0, 0, 1 from favorite
      ) act
      group by movie_id
    )
    update movies set
      like_count = like_count - gone.likes,
      dislike_count = dislike_count - gone.dislikes,
      rating_count = rating_count - gone.ratings,
      rating_sum = rating_sum - gone.points,
      favorite_count = favorite_count - gone.favorites
    from gone where movies.id = gone.movie_id`.execute(trx);
}
