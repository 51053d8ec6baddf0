import type { MovieCard, Named } from '@online-cinema/contract/catalogue';
import type { Money } from '@online-cinema/contract/common';
import type { DB } from '@online-cinema/db/types.gen';
import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely';
import type { Config } from '../config.ts';

/** What a film's poster is found by: its file, or the version of the drawing that stands in for one. */
export type PosterRow = { id: string; posterKey: string | null; posterVersion: string };

/**
 * What a card is made from: one row, its lists aggregated by Postgres so that no join multiplies rows. Amounts are in
 * the minor unit of the currency beside them.
 */
export type CardRow = PosterRow & {
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
  certification: Named;
  genres: Named[];
  directors: Named[];
  stars: Named[];
  countries: Named[];
  languages: Named[];
  releaseDate: string | null;
  votes: number;
  metaScore: number | null;
  grossAmount: number | null;
  grossCurrency: string | null;
  budgetAmount: number | null;
  budgetCurrency: string | null;
  hasTrailer: boolean;
  createdAt: Date;
  updatedAt: Date;
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
    'movies.posterKey',
    'movies.posterVersion',
    sql<Named>`(select json_build_object('id', c.id, 'name', c.name) from certifications c
      where c.id = movies.certification_id)`.as('certification'),
    namedList('genre').as('genres'),
    namedList('director').as('directors'),
    namedList('star', options.stars).as('stars'),
    namedList('country').as('countries'),
    namedList('language').as('languages'),
    'movies.releaseDate',
    'movies.votes',
    'movies.metaScore',
    'movies.grossAmount',
    'movies.grossCurrency',
    'movies.budgetAmount',
    'movies.budgetCurrency',
    sql<boolean>`exists (select from media_assets asset where asset.movie_id = movies.id
      and asset.kind = 'trailer' and asset.status = 'ready')`.as('hasTrailer'),
    'movies.createdAt',
    'movies.updatedAt',
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
    select json_agg(json_build_object('id', entry.id, 'name', entry.name) order by entry.position)
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
  const { priceAmount, priceCurrency, grossAmount, grossCurrency, budgetAmount, budgetCurrency, ...rest } = row;
  const { posterKey: _key, posterVersion: _version, hasTrailer, ...card } = rest;
  return {
    ...card,
    price: toMoney(priceAmount, priceCurrency),
    gross: toMoney(grossAmount, grossCurrency),
    budget: toMoney(budgetAmount, budgetCurrency),
    posterUrl: posterUrl({ publicUrl }, row),
    trailer: hasTrailer ? `${publicUrl}/api/v1/movies/${row.id}/trailer/play` : null,
  };
}

/** Puts an amount and its currency together; `null` when either is missing. */
export function toMoney(amount: number | null, currency: string | null): Money | null {
  return amount === null || currency === null ? null : { amount, currency };
}

/** The address of a film's poster; another poster has another one, so that caches may keep what they have. */
export function posterUrl({ publicUrl }: Addresses, { id, posterKey, posterVersion }: PosterRow): string {
  return posterKey === null ? `${publicUrl}/posters/${id}.svg?v=${posterVersion}` : `${publicUrl}/${posterKey}`;
}
