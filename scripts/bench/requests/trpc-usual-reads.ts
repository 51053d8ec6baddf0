import type { Me } from '@online-cinema/contract/accounts';
import type { Cart } from '@online-cinema/contract/cart';
import type { Movie, MovieCard, MovieListInput, Named } from '@online-cinema/contract/catalogue';
import type { Page } from '@online-cinema/contract/common';
import type { Db } from '@online-cinema/db/open';
import type { DB } from '@online-cinema/db/types.gen';
import { type ExpressionBuilder, type ExpressionWrapper, type RawBuilder, sql, type SqlBool } from 'kysely';
import { jsonArrayFrom, jsonObjectFrom } from 'kysely/helpers/postgres';
import { SEARCH, searchParameters, WORDS } from './sql.ts';

/** What the server with tRPC's own adapter reads, as Kysely's documentation shows it: a row with its lists as JSON. */
export function createReads(db: Db, publicUrl: string) {
  return {
    async listMovies(input: MovieListInput): Promise<Page<MovieCard>> {
      const sort = ({ imdb: 'imdb', year: 'year', newest: 'createdAt' } as const)[String(input.sort)] ?? 'votes';
      if (input.query !== undefined) return await searchMovies(input.query);
      const where = (eb: ExpressionBuilder<DB, 'movies'>) => matches(eb, input);
      const [rows, { total }] = await Promise.all([
        db
          .selectFrom('movies')
          .where(where)
          .orderBy(sort, 'desc')
          .orderBy('id', 'desc')
          .limit(21)
          .select((eb) => cardOf(eb))
          .execute(),
        db
          .selectFrom('movies')
          .where(where)
          .select((eb) => eb.fn.countAll<number>().as('total'))
          .executeTakeFirstOrThrow(),
      ]);
      return toPage(rows, total);
    },

    async selectMovie(movieId: string): Promise<Movie | undefined> {
      const row = await db
        .selectFrom('movies')
        .where('id', '=', movieId)
        .where('withdrawnAt', 'is', null)
        .select((eb) => cardOf(eb, 1_000))
        .select(['description', 'likeCount', 'dislikeCount', 'favoriteCount', 'commentCount'])
        .executeTakeFirst();
      return row && { ...row, ...toCard(row) };
    },

    async selectMe(userId: string): Promise<Me | undefined> {
      const row = await db
        .selectFrom('users')
        .innerJoin('profiles', 'profiles.userId', 'users.id')
        .where('users.id', '=', userId)
        .select(['id', 'email', 'role', 'isActive', 'createdAt', 'totpEnabledAt'])
        .select(['firstName', 'lastName', 'gender', 'dateOfBirth', 'info', 'avatarKey'])
        .executeTakeFirst();
      if (!row) return undefined;
      const { firstName, lastName, gender, dateOfBirth, info, avatarKey, totpEnabledAt, ...user } = row;
      const avatarUrl = avatarKey === null ? null : `${publicUrl}/${avatarKey}`;
      const profile = { firstName, lastName, gender, dateOfBirth, info, avatarUrl };
      return { ...user, totpEnabled: totpEnabledAt !== null, profile };
    },

    async readCart(userId: string): Promise<Cart> {
      const rows = await db
        .selectFrom('cartItems')
        .innerJoin('movies', 'movies.id', 'cartItems.movieId')
        .where('cartItems.userId', '=', userId)
        .orderBy('cartItems.addedAt')
        .orderBy('movies.id')
        .select((eb) => [...cardOf(eb), 'cartItems.addedAt', 'movies.withdrawnAt'])
        .select((eb) => [
          eb
            .exists(
              eb
                .selectFrom('libraryMovies')
                .whereRef('libraryMovies.movieId', '=', 'movies.id')
                .where('libraryMovies.userId', '=', userId),
            )
            .as('isOwned'),
          eb
            .exists(
              eb
                .selectFrom('orderItems')
                .innerJoin('orders', 'orders.id', 'orderItems.orderId')
                .whereRef('orderItems.movieId', '=', 'movies.id')
                .where('orders.userId', '=', userId)
                .where('orders.status', '=', 'pending'),
            )
            .as('isPending'),
        ])
        .execute();
      const items = rows.map((row) => {
        const { id, slug, name, year, genres, posterUrl, price } = toCard(row);
        const available = row.withdrawnAt === null && price?.currency === 'USD' && !row.isOwned && !row.isPending;
        return { movie: { id, slug, name, year, genres, posterUrl }, price, addedAt: row.addedAt, available };
      });
      const amount = items.reduce((sum, item) => sum + (item.available ? (item.price?.amount ?? 0) : 0), 0);
      const total = { amount, currency: 'USD' };
      return { items, promo: null, subtotal: total, discount: { amount: 0, currency: 'USD' }, total };
    },
  };

  async function searchMovies(query: string): Promise<Page<MovieCard>> {
    const [found] = (await fill<{ words: string; title: string }>(WORDS, searchParameters(query)).execute(db)).rows;
    type Place = { id: string; key: string; total: number };
    const places = fill<Place>(SEARCH, [found?.words ?? '', found?.title ?? '']);
    const rows = await db
      .with('page', () => sql<Place>`(${places})`)
      .selectFrom('page')
      .innerJoin('movies', 'movies.id', 'page.id')
      .orderBy(sql`page.key::bigint`, 'desc')
      .orderBy('page.id', 'desc')
      .select((eb) => cardOf(eb))
      .select('page.total')
      .execute();
    return toPage(rows, rows[0]?.total ?? 0);
  }

  function toPage(rows: CardRow[], total: number): Page<MovieCard> {
    const last = rows[19];
    const nextCursor = rows.length > 20 && last ? Buffer.from(last.id).toString('base64url') : null;
    return { items: rows.slice(0, 20).map(toCard), nextCursor, total };
  }

  function toCard(row: CardRow): MovieCard {
    const { id, posterKey, posterVersion, hasTrailer } = row;
    return {
      ...row,
      price: toMoney(row.priceAmount, row.priceCurrency),
      gross: toMoney(row.grossAmount, row.grossCurrency),
      budget: toMoney(row.budgetAmount, row.budgetCurrency),
      posterUrl: posterKey === null ? `${publicUrl}/posters/${id}.svg?v=${posterVersion}` : `${publicUrl}/${posterKey}`,
      trailer: hasTrailer ? `${publicUrl}/api/v1/movies/${id}/trailer/play` : null,
    };
  }
}

type CardRow = Omit<MovieCard, 'price' | 'gross' | 'budget' | 'posterUrl' | 'trailer'> & {
  priceAmount: number | null;
  priceCurrency: string | null;
  grossAmount: number | null;
  grossCurrency: string | null;
  budgetAmount: number | null;
  budgetCurrency: string | null;
  posterKey: string | null;
  posterVersion: string;
  hasTrailer: SqlBool;
};

function cardOf(eb: ExpressionBuilder<DB, 'movies'>, stars = 3) {
  return [
    ...(['movies.id', 'movies.slug', 'movies.name', 'movies.year', 'movies.time', 'movies.imdb'] as const),
    ...(['movies.status', 'movies.votes', 'movies.ratingAverage', 'movies.ratingCount', 'movies.hasVideo'] as const),
    ...(['movies.priceAmount', 'movies.priceCurrency', 'movies.grossAmount', 'movies.grossCurrency'] as const),
    ...(['movies.budgetAmount', 'movies.budgetCurrency', 'movies.releaseDate', 'movies.metaScore'] as const),
    ...(['movies.posterKey', 'movies.posterVersion', 'movies.createdAt', 'movies.updatedAt'] as const),
    eb
      .exists(
        eb
          .selectFrom('mediaAssets')
          .whereRef('mediaAssets.movieId', '=', 'movies.id')
          .where('kind', '=', 'trailer')
          .where('mediaAssets.status', '=', 'ready'),
      )
      .as('hasTrailer'),
    jsonObjectFrom(
      eb
        .selectFrom('certifications')
        .whereRef('certifications.id', '=', 'movies.certificationId')
        .select(['certifications.id', 'certifications.name']),
    )
      .$castTo<Named>()
      .as('certification'),
    jsonArrayFrom(
      eb
        .selectFrom('movieGenres')
        .innerJoin('genres', 'genres.id', 'genreId')
        .whereRef('movieId', '=', 'movies.id')
        .orderBy('position')
        .select(['genres.id', 'genres.name']),
    ).as('genres'),
    jsonArrayFrom(
      eb
        .selectFrom('movieDirectors')
        .innerJoin('directors', 'directors.id', 'directorId')
        .whereRef('movieId', '=', 'movies.id')
        .orderBy('position')
        .select(['directors.id', 'directors.name']),
    ).as('directors'),
    jsonArrayFrom(
      eb
        .selectFrom('movieStars')
        .innerJoin('stars', 'stars.id', 'starId')
        .whereRef('movieId', '=', 'movies.id')
        .orderBy('position')
        .limit(stars)
        .select(['stars.id', 'stars.name']),
    ).as('stars'),
    jsonArrayFrom(
      eb
        .selectFrom('movieCountries')
        .innerJoin('countries', 'countries.id', 'countryId')
        .whereRef('movieId', '=', 'movies.id')
        .orderBy('position')
        .select(['countries.id', 'countries.name']),
    ).as('countries'),
    jsonArrayFrom(
      eb
        .selectFrom('movieLanguages')
        .innerJoin('languages', 'languages.id', 'languageId')
        .whereRef('movieId', '=', 'movies.id')
        .orderBy('position')
        .select(['languages.id', 'languages.name']),
    ).as('languages'),
  ] as const;
}

function matches(
  eb: ExpressionBuilder<DB, 'movies'>,
  { genre, yearFrom, yearTo }: MovieListInput,
): ExpressionWrapper<DB, 'movies', SqlBool> {
  return eb.and([
    eb('movies.withdrawnAt', 'is', null),
    ...(yearFrom === undefined ? [] : [eb('movies.year', '>=', yearFrom)]),
    ...(yearTo === undefined ? [] : [eb('movies.year', '<=', yearTo)]),
    ...(genre === undefined
      ? []
      : [
          eb.exists(
            eb
              .selectFrom('movieGenres')
              .innerJoin('genres', 'genres.id', 'genreId')
              .whereRef('movieId', '=', 'movies.id')
              .where('genres.name', 'in', genre)
              .select('genres.id'),
          ),
        ]),
  ]);
}

// A statement with $1, $2, …, whose parameters Kysely numbers itself.
function fill<Row>(text: string, values: string[]): RawBuilder<Row> {
  const parts = text.split(/\$(\d+)/);
  return sql.join<Row>(
    parts.map((part, index) => (index % 2 === 1 ? sql`${values[Number(part) - 1]}` : sql.raw(part))),
    sql.raw(''),
  );
}

function toMoney(amount: number | null, currency: string | null) {
  return amount === null || currency === null ? null : { amount, currency };
}
