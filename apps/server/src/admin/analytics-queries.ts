import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';

/** Whole days, as `YYYY-MM-DD` in a time zone. */
export type Span = { from: string; to: string; timeZone: string };

/** What the views of sales tell, amounts in the minor unit. */
export type Figures = {
  currency: string;
  revenue: number;
  refunds: number;
  orders: number;
  items: number;
  placed: number;
  converted: number;
};

export type DayFigures = Figures & { day: string };
export type MovieFigures = Figures & { movieId: string; slug: string; name: string; year: number };
export type GenreFigures = Figures & { genreId: string | null; name: string | null };

/** Has the views of sales tell of these days until the transaction ends. */
export async function setSpan(trx: Db, { from, to, timeZone }: Span): Promise<void> {
  await sql`
    select
      set_config('timezone', ${timeZone}, true),
      set_config('cinema.sales_from', ${from}, true),
      set_config('cinema.sales_to', ${to}, true),
      -- a year has many orders to tell apart
      set_config('work_mem', '64MB', true),
      -- the plan for a day is none for a year
      set_config('plan_cache_mode', 'force_custom_plan', true)
  `.execute(trx);
}

/** The days on which anything was placed, paid or refunded. */
export async function selectSalesByDay(trx: Db): Promise<DayFigures[]> {
  return await select(trx, sql`sales_by_day`, sql`day`, null);
}

/** The films that were placed, paid or refunded; in each currency first what brought the most. */
export async function selectSalesByMovie(trx: Db, limit: number | null): Promise<MovieFigures[]> {
  return await select(trx, sql`sales_by_movie`, sql`revenue - refunds desc, orders desc, movie_id`, limit);
}

/** The genres whose films were placed, paid or refunded; in each currency first what brought the most. */
export async function selectSalesByGenre(trx: Db, limit: number | null): Promise<GenreFigures[]> {
  return await select(trx, sql`sales_by_genre`, sql`revenue - refunds desc, orders desc, genre_id`, limit);
}

// At most so many rows in each currency.
async function select<Row>(
  trx: Db,
  view: RawBuilder<unknown>,
  order: RawBuilder<unknown>,
  limit: number | null,
): Promise<Row[]> {
  const { rows } = await sql<Row & { rank: number }>`
    select * from (select *, row_number() over (partition by currency order by ${order}) as rank from ${view}) as ranked
    where ${limit}::bigint is null or rank <= ${limit}::bigint
    order by currency, rank
  `.execute(trx);
  return rows.map(({ rank: _rank, ...row }) => row as unknown as Row);
}
