import type { MovieCard, Named } from '@online-cinema/contract/catalogue';
import type { Money } from '@online-cinema/contract/common';
import type { DB } from '@online-cinema/db/types.gen';
import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely';
import type { Config } from '../config.ts';

/** What a card is made from: one row, its lists aggregated by Postgres so that no join multiplies rows. */
export type CardRow = {
  id: string;
  slug: string;
  name: string;
  year: number;
  time: number;
  imdb: number;
  priceAmount: number | null;
  priceCurrency: string | null;
  status: MovieCard['status'];
  ratingAverage: number | null;
  ratingCount: number;
  hasVideo: boolean;
  updatedAt: Date;
  certification: Named;
  genres: Named[];
  directors: Named[];
  stars: Named[];
};

const STARS_ON_A_CARD = 3;

/** The columns of a {@link CardRow}, for any query that has `movies` in it. */
export function cardColumns(
  _: ExpressionBuilder<DB, 'movies'>,
  options: { stars: number } = { stars: STARS_ON_A_CARD },
) {
  return [
    'movies.id',
    'movies.slug',
    'movies.name',
    'movies.year',
    'movies.time',
    'movies.imdb',
    'movies.priceAmount',
    'movies.priceCurrency',
    'movies.status',
    'movies.ratingAverage',
    'movies.ratingCount',
    'movies.hasVideo',
    'movies.updatedAt',
    sql<Named>`(select jsonb_build_object('id', c.id, 'name', c.name) from certifications c
      where c.id = movies.certification_id)`.as('certification'),
    namedList('genre').as('genres'),
    namedList('director').as('directors'),
    namedList('star', options.stars).as('stars'),
  ] as const;
}

/** The list of a film's genres, stars, … in their order, as JSON. */
export function namedList(
  kind: 'genre' | 'director' | 'star' | 'country' | 'language',
  limit?: number,
): RawBuilder<Named[]> {
  const plural = kind === 'country' ? 'countries' : `${kind}s`;
  const [link, named, namedId] = [sql.table(`movie_${plural}`), sql.table(plural), sql.ref(`link.${kind}_id`)];
  return sql<Named[]>`coalesce((
    select jsonb_agg(jsonb_build_object('id', entry.id, 'name', entry.name) order by entry.position)
    from (
      select named.id, named.name, link.position from ${link} link join ${named} named on named.id = ${namedId}
      where link.movie_id = movies.id
      order by link.position ${limit === undefined ? sql`` : sql`limit ${sql.lit(limit)}`}
    ) entry
  ), '[]')`;
}

type Addresses = Pick<Config, 'publicUrl'>;

/** Makes the card callers see out of its row. Other columns of the row pass through; the output schema drops them. */
export function toCard({ publicUrl }: Addresses, row: CardRow): MovieCard {
  const { priceAmount, priceCurrency, updatedAt, ...card } = row;
  return {
    ...card,
    price: toMoney(priceAmount, priceCurrency),
    posterUrl: posterUrl({ publicUrl }, { ...row, updatedAt }),
  };
}

/** Puts an amount and its currency together; `null` when either is missing. */
export function toMoney(amount: number | null, currency: string | null): Money | null {
  return amount === null || currency === null ? null : { amount, currency };
}

/** The address of a film's poster; it changes with the film, so that caches may keep it for ever. */
export function posterUrl({ publicUrl }: Addresses, movie: { id: string; updatedAt: Date }): string {
  return `${publicUrl}/posters/${movie.id}.svg?v=${movie.updatedAt.getTime().toString(36)}`;
}
