import type {
  MovieFacets,
  MovieFilters,
  MovieListInput,
  MovieSort,
  MovieStatus,
} from '@online-cinema/contract/catalogue';
import { RELATED_KINDS, type RelatedKind } from '@online-cinema/contract/related';

/** The filter of each kind of names. */
export const FILTER_OF = {
  genres: 'genre',
  stars: 'star',
  directors: 'director',
  certifications: 'certification',
  countries: 'country',
  languages: 'language',
} as const satisfies Record<RelatedKind, keyof MovieFilters>;

/** What a plain list in memory knows of a film. */
export type ReferenceFilm = {
  id: string;
  name: string;
  year: number;
  imdb: number;
  votes: number;
  price: { amount: number; currency: string } | null;
  rating: number | null;
  status: MovieStatus;
  isWithdrawn: boolean;
  /** When it was made, in microseconds: dates of JavaScript can't tell some apart. */
  madeAt: number;
  tags: Record<RelatedKind, { id: string; name: string }[]>;
};

/** What `movies.list` must give: the ids of all pages. Its `query` is one whole word of titles; USD is the currency. */
export function listReference(films: ReferenceFilm[], input: Partial<MovieListInput>): string[] {
  const { sort = 'popularity', order = sort === 'title' || sort === 'price' ? 'asc' : 'desc' } = input;
  const sign = order === 'asc' ? 1 : -1;
  return films
    .filter((film) => matches(film, input))
    .toSorted((one, other) => {
      const [a, b] = [keyOf(one, sort), keyOf(other, sort)];
      if (a !== null && b !== null) return sign * (compareKeys(a, b) || compare(one.id, other.id));
      return a === b ? sign * compare(one.id, other.id) : a === null ? 1 : -1;
    })
    .map((film) => film.id);
}

/** What `movies.facets` must give of at most 10,000 films. */
export function facetsReference(films: ReferenceFilm[], filters: Partial<MovieFilters>): MovieFacets {
  const under = (without: Partial<MovieFilters>) => films.filter((film) => matches(film, { ...filters, ...without }));
  const years = under({ yearFrom: undefined, yearTo: undefined }).map(({ year }) => year);
  return {
    total: under({}).length,
    isEstimate: false,
    genres: countTags(under({ genre: undefined }).flatMap(({ tags }) => tags.genres)),
    certifications: countTags(under({ certification: undefined }).flatMap(({ tags }) => tags.certifications)),
    decades: [...tally(years.map((year) => year - (year % 10)))]
      .map(([yearFrom, count]) => ({ yearFrom, yearTo: yearFrom + 9, count }))
      .toSorted((one, other) => one.yearFrom - other.yearFrom),
    prices: countBands(under({ priceMin: undefined, priceMax: undefined }).flatMap((film) => usdOf(film) ?? [])),
  };
}

function matches(film: ReferenceFilm, filters: Partial<MovieFilters>): boolean {
  const { query, yearFrom = 0, yearTo = Infinity, imdbMin = 0, imdbMax = Infinity, status } = filters;
  const { priceMin, priceMax } = filters;
  const price = usdOf(film);
  return (
    !film.isWithdrawn &&
    (query === undefined || film.name.toLowerCase().split(' ').includes(query.toLowerCase())) &&
    RELATED_KINDS.every((kind) => {
      const wanted = filters[FILTER_OF[kind]]?.map((value) => value.toLowerCase());
      return (
        !wanted || film.tags[kind].some(({ id, name }) => wanted.includes(id) || wanted.includes(name.toLowerCase()))
      );
    }) &&
    between(film.year, yearFrom, yearTo) &&
    between(film.imdb, imdbMin, imdbMax) &&
    (status === undefined || status.includes(film.status)) &&
    ((priceMin === undefined && priceMax === undefined) ||
      (price !== null && between(price, priceMin ?? 0, priceMax ?? Infinity)))
  );
}

function usdOf({ price }: ReferenceFilm): number | null {
  return price?.currency === 'USD' ? price.amount : null;
}

function between(value: number, from: number, to: number): boolean {
  return value >= from && value <= to;
}

const TITLES = new Intl.Collator('en', { numeric: true });

function keyOf(film: ReferenceFilm, sort: MovieSort): number | string | null {
  if (sort === 'price') return film.price?.amount ?? null;
  if (sort === 'title') return film.name;
  if (sort === 'newest') return film.madeAt;
  return sort === 'year' || sort === 'imdb' || sort === 'rating' ? film[sort] : film.votes;
}

function compareKeys(a: number | string, b: number | string): number {
  // What the collation takes for equal, "Café" written in two ways, goes by its bytes.
  return typeof a === 'string' && typeof b === 'string' ? TITLES.compare(a, b) || compare(a, b) : compare(a, b);
}

function compare<Value extends number | string>(a: Value, b: Value): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function tally<Key>(keys: Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function countTags(tags: { id: string; name: string }[]): { id: string; name: string; count: number }[] {
  const names = new Map(tags.map(({ id, name }) => [id, name]));
  return [...tally(tags.map(({ id }) => id))]
    .map(([id, count]) => ({ id, name: names.get(id) ?? '', count }))
    .toSorted((one, other) => other.count - one.count || compare(one.name.toLowerCase(), other.name.toLowerCase()));
}

function countBands(amounts: number[]): MovieFacets['prices'] {
  const ninthDecile = amounts.toSorted((a, b) => a - b)[Math.ceil(amounts.length * 0.9) - 1] ?? 0;
  const width = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000].find((round) => round * 4 >= ninthDecile) ?? 0;
  return [0, 1, 2, 3, 4]
    .map((band) => ({ priceMin: band * width, priceMax: band === 4 ? null : (band + 1) * width - 1 }))
    .map((band) => ({
      ...band,
      count: amounts.filter((amount) => between(amount, band.priceMin, band.priceMax ?? Infinity)).length,
    }))
    .filter(({ count }) => count > 0);
}
