import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type { DB } from '@online-cinema/db/types.gen';
import { type Kysely, type RawBuilder, sql } from 'kysely';

const ROWS_LOOKED_AT = 5_000;
const ROWS_LOCKED = 100;

/**
 * Counts what viewers do and say anew, and puts right what is not what the rows say; gives how many comments and films
 * had a wrong counter. Others may write meanwhile: only rows that seem wrong are locked, a few at a time.
 */
export async function recount(db: Kysely<DB>, signal: AbortSignal): Promise<{ comments: number; movies: number }> {
  return {
    comments: await recountRows(db, COMMENTS, signal),
    movies: await recountRows(db, MOVIES, signal),
  };
}

/** Rows with counters, and what these ought to be. */
type Counted = { table: RawBuilder<unknown>; counters: RawBuilder<unknown>; counts: RawBuilder<unknown> };

const COMMENTS: Counted = {
  table: sql`comments`,
  counters: sql`(like_count, reply_count)`,
  counts: sql`(
    select
      (select count(*) from comment_likes where comment_id = comments.id and taken_back_at is null),
      (select count(*) from comments reply where reply.parent_id = comments.id)
  )`,
};

const MOVIES: Counted = {
  table: sql`movies`,
  counters: sql`(like_count, dislike_count, rating_count, rating_sum, favorite_count, comment_count)`,
  counts: sql`(
    select reaction.likes, reaction.dislikes, rating.count, rating.sum,
      (select count(*) from favorites where movie_id = movies.id),
      (select count(*) from comments where movie_id = movies.id and deleted_at is null)
    from
      (select count(*) filter (where kind = 'like') as likes, count(*) filter (where kind = 'dislike') as dislikes
       from reactions where movie_id = movies.id) reaction,
      (select count(*) as count, coalesce(sum(score), 0) as sum from ratings where movie_id = movies.id) rating
  )`,
};

async function recountRows(db: Kysely<DB>, counted: Counted, signal: AbortSignal): Promise<number> {
  let corrected = 0;
  let after: string | null = null;
  do {
    signal.throwIfAborted();
    const rows: { id: string; isWrong: boolean }[] = await compare(db, counted, after);
    const wrong = rows.filter(({ isWrong }) => isWrong).map(({ id }) => id);
    for (let from = 0; from < wrong.length; from += ROWS_LOCKED) {
      corrected += await correct(db, counted, wrong.slice(from, from + ROWS_LOCKED));
    }
    after = rows.length === ROWS_LOOKED_AT ? (rows.at(-1)?.id ?? null) : null;
  } while (after !== null);
  return corrected;
}

async function compare(db: Db, { table, counters, counts }: Counted, after: string | null) {
  const { rows } = await sql<{ id: string; isWrong: boolean }>`
    select id, ${counters} <> ${counts} as is_wrong from ${table}
    where ${after}::uuid is null or id > ${after}::uuid
    order by id limit ${ROWS_LOOKED_AT}`.execute(db);
  return rows;
}

// Locked first: the statement after that sees what others had counted while the first one waited for them.
async function correct(db: Kysely<DB>, { table, counters, counts }: Counted, ids: string[]): Promise<number> {
  return await inTransaction(db, async (trx) => {
    await sql`select from ${table} where id = any(${ids}::uuid[]) order by id for no key update`.execute(trx);
    const { numAffectedRows = 0n } = await sql`
      update ${table} set ${counters} = ${counts}
      where id = any(${ids}::uuid[]) and ${counters} <> ${counts}`.execute(trx);
    return Number(numAffectedRows);
  });
}
