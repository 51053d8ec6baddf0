import { inTransaction } from '@online-cinema/db/transaction';
import { type Kysely, sql } from 'kysely';
import type { DB } from '@online-cinema/db/types.gen';
import { addSeconds } from '../lib/clock.ts';

const WINDOW_SECONDS = 7 * 86_400;
/** After so long an act weighs half. */
const HALF_LIFE_SECONDS = 2 * 86_400;
const MOST = 100;

/** Ranks films by what viewers did with them in the last days: the more it means, and the later it was, the more. */
export async function replaceTrending(db: Kysely<DB>, now: Date): Promise<void> {
  const since = sql`${addSeconds(now, -WINDOW_SECONDS)}::timestamptz`;
  await inTransaction(db, async (trx) => {
    // One at a time; whoever reads sees the old films until the commit.
    await sql`lock table trending_movies in share row exclusive mode`.execute(trx);
    await trx.deleteFrom('trendingMovies').execute();
    await sql`
      with act as (
        select movie_id, user_id, 5 as weight, added_at as at from library_movies where added_at > ${since}
        union all
        select movie_id, user_id, 3, updated_at from watch_progress where updated_at > ${since}
        union all
        select movie_id, user_id, 3, added_at from favorites where added_at > ${since}
        union all
        select movie_id, user_id, case kind when 'like' then 2 else -2 end, reacted_at
        from reactions where reacted_at > ${since}
        union all
        select movie_id, user_id, 2, rated_at from ratings where rated_at > ${since} and score >= 8
        union all
        -- However much somebody says about a film. Ids of comments begin with their time.
        select movie_id, user_id, 1, max(created_at) from comments
        where id > (select uuidv7(${since} - now() - interval '1 minute')) and created_at > ${since}
          and deleted_at is null and hidden_at is null
        group by movie_id, user_id
      ),
      scored as (
        select movie_id, count(distinct user_id) filter (where weight > 0) as viewer_count,
          sum(weight * power(0.5, greatest(0, extract(epoch from ${now}::timestamptz - at)) / ${HALF_LIFE_SECONDS})) as score
        from act group by movie_id
      )
      insert into trending_movies (rank, movie_id, viewer_count)
      select row_number() over (order by score desc, movies.votes desc, movies.id), movies.id, viewer_count
      from scored join movies on movies.id = scored.movie_id
      where score > 0 and withdrawn_at is null
      order by score desc, movies.votes desc, movies.id limit ${MOST}`.execute(trx);
  });
}
