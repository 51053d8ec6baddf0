import type { CreateMovie } from '@online-cinema/contract/moderation';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { toMoney } from './cards.ts';
import { type LinkKind, SINGULAR } from './movie-writes.ts';

/** A film as files of films have it. */
export type StoredFilm = { id: string; film: CreateMovie };

const FILM_COLUMNS = [
  'movies.id',
  'movies.name',
  'movies.year',
  'movies.time',
  'movies.releaseDate',
  'movies.imdb',
  'movies.votes',
  'movies.metaScore',
  'movies.grossAmount',
  'movies.grossCurrency',
  'movies.budgetAmount',
  'movies.budgetCurrency',
  'movies.description',
  'movies.priceAmount',
  'movies.priceCurrency',
  'movies.status',
  sql<string>`(select name from certifications where id = movies.certification_id)`.as('certification'),
  namesOf('genres').as('genres'),
  namesOf('stars').as('stars'),
  namesOf('directors').as('directors'),
  namesOf('countries').as('countries'),
  namesOf('languages').as('languages'),
] as const;

/** The films of the catalogue after one of them, in the order they came. */
export async function selectFilmsAfter(db: Db, afterId: string | null, limit: number): Promise<StoredFilm[]> {
  const rows = await db
    .selectFrom('movies')
    .where('withdrawnAt', 'is', null)
    .$if(afterId !== null, (query) => query.where('id', '>', afterId))
    .select(FILM_COLUMNS)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toStoredFilm);
}

/** The films of the catalogue with these names and years, the oldest first. */
export async function selectFilmsNamed(db: Db, films: { name: string; year: number }[]): Promise<StoredFilm[]> {
  const rows = await db
    .selectFrom('movies')
    .where('withdrawnAt', 'is', null)
    .where(
      sql<boolean>`movies.id = any(array(
        select found.id
        from unnest(${films.map(({ name }) => name)}::text[], ${films.map(({ year }) => year)}::smallint[]) given(name, year)
        join movies found on (found.name, found.year) = (given.name, given.year)
        where found.withdrawn_at is null
      ))`,
    )
    .select(FILM_COLUMNS)
    .orderBy('id')
    .execute();
  return rows.map(toStoredFilm);
}

type FilmRow = Omit<CreateMovie, 'gross' | 'budget' | 'price'> & {
  id: string;
  grossAmount: number | null;
  grossCurrency: string | null;
  budgetAmount: number | null;
  budgetCurrency: string | null;
  priceAmount: number | null;
  priceCurrency: string | null;
};

function namesOf(kind: LinkKind) {
  const [links, named, namedId] = [sql.table(`movie_${kind}`), sql.table(kind), sql.ref(`link.${SINGULAR[kind]}_id`)];
  // One name at a time, by its key: a join would be planned as if a film had thousands, where nothing was analyzed yet.
  return sql<string[]>`array(
    select (select named.name from ${named} named where named.id = ${namedId})
    from ${links} link where link.movie_id = movies.id order by link.position)`;
}

function toStoredFilm({ id, ...row }: FilmRow): StoredFilm {
  const { grossAmount, grossCurrency, budgetAmount, budgetCurrency, priceAmount, priceCurrency, ...film } = row;
  return {
    id,
    film: {
      ...film,
      gross: toMoney(grossAmount, grossCurrency),
      budget: toMoney(budgetAmount, budgetCurrency),
      price: toMoney(priceAmount, priceCurrency),
    },
  };
}
