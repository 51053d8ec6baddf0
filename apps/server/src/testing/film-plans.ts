import type { MovieListInput, MovieStatus } from '@online-cinema/contract/catalogue';
import { RELATED_KINDS, type RelatedKind } from '@online-cinema/contract/related';
import type { Db } from '@online-cinema/db/open';
import fc from 'fast-check';
import { sql } from 'kysely';
import { refreshMovies, writeLinks } from '../catalogue/movie-writes.ts';
import { FILTER_OF, type ReferenceFilm } from './reference-films.ts';

/** The names of generated films. Some stand in two kinds, some hold commas. */
const NAMES: Record<RelatedKind, string[]> = {
  genres: ['Drama', 'Crime', 'Noir', 'Sword, Sandal & Sorcery', 'Comédie'],
  stars: ['Ada Quill', 'Bo Stern', 'Émile Roux', 'Cy Young, Jr.', 'Drama'],
  directors: ['Ada Quill', 'Ivo Lang', 'Uma Fisk'],
  certifications: ['PG-13', 'R', 'Not Rated'],
  countries: ['France', 'Japan', 'Korea, Republic of'],
  languages: ['French', 'Japanese', 'Basque'],
};

/** The ids of all names, by kind and name. */
export type NameIds = Record<RelatedKind, Map<string, string>>;

/** A film before it is in the catalogue. */
export type FilmPlan = Omit<ReferenceFilm, 'id' | 'tags' | 'rating'> & {
  scores: number[];
  names: Record<RelatedKind, string[]>;
};

// Unlike each other, so that no search takes one for a misspelt other.
const TITLE_WORDS = ['quartz', 'zebra', 'willow'];
const STATUSES = ['released', 'in_production', 'post_production'] as const satisfies MovieStatus[];

/** Films with many ties, some without price or rating, some withdrawn, some sold for another currency. */
export const filmPlan: fc.Arbitrary<FilmPlan> = fc.record({
  name: fc
    .tuple(
      fc.constantFrom('Amélie', 'amelie', 'Alien', 'alien', 'ALIEN', 'Über', 'Zorro', '8½', 'Ран', '乱', 'Ωmega'),
      fc.constantFrom('', ' 2', ' 10', ...TITLE_WORDS.map((word) => ` ${word}`)),
    )
    .map((parts) => parts.join('')),
  year: fc.integer({ min: 1987, max: 2003 }),
  imdb: fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10),
  votes: fc.integer({ min: 0, max: 20 }),
  price: fc.option(
    fc.record({
      amount: fc.constantFrom(0, 99, 499, 500, 999, 1_499, 2_999),
      currency: fc.constantFrom('USD', 'USD', 'USD', 'EUR'),
    }),
  ),
  scores: fc.array(fc.integer({ min: 1, max: 10 }), { maxLength: 3 }),
  status: fc.constantFrom(...STATUSES),
  isWithdrawn: fc.integer({ min: 0, max: 9 }).map((digit) => digit === 0),
  madeAt: fc.integer({ min: 0, max: 3_000 }),
  names: fc.record({
    genres: fc.subarray(NAMES.genres),
    stars: fc.subarray(NAMES.stars),
    directors: fc.subarray(NAMES.directors),
    certifications: fc.constantFrom(...NAMES.certifications).map((name) => [name]),
    countries: fc.subarray(NAMES.countries),
    languages: fc.subarray(NAMES.languages),
  }),
});

/** What is asked of `movies.list` beside the page. */
export type Asked = Partial<Omit<MovieListInput, 'limit' | 'cursor' | 'direction'>>;

/** Filters and sorts of `movies.list`: names in any case and ids, some that nobody has. */
export function askedOf(ids: NameIds): fc.Arbitrary<Asked> {
  const named = Object.fromEntries(
    RELATED_KINDS.map((kind) => {
      const given = [...ids[kind]].flatMap(([name, id]) => [name, name.toLowerCase(), name.toUpperCase(), id]);
      const value = fc.constantFrom(...given, 'Nobody, ever', '019a5a4e-7c00-7000-8000-0000000000ff');
      return [FILTER_OF[kind], seldom(fc.array(value, { minLength: 1, maxLength: 3 }))];
    }),
  );
  return fc
    .record({
      ...named,
      query: seldom(fc.constantFrom(...TITLE_WORDS)),
      years: bounds(fc.integer({ min: 1985, max: 2005 })),
      imdb: bounds(fc.integer({ min: 0, max: 40 }).map((quarters) => quarters / 4)),
      prices: bounds(fc.constantFrom(0, 99, 100, 500, 999, 2_000)),
      status: seldom(fc.subarray([...STATUSES], { minLength: 1 })),
      sort: fc.constantFrom('price', 'year', 'imdb', 'popularity', 'rating', 'title', 'newest'),
      order: fc.constantFrom('asc', 'desc', undefined),
    })
    .map(({ years: [yearFrom, yearTo], imdb: [imdbMin, imdbMax], prices: [priceMin, priceMax], ...rest }) => {
      const all = { ...rest, yearFrom, yearTo, imdbMin, imdbMax, priceMin, priceMax };
      return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    });
}

function seldom<Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> {
  return fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

function bounds(bound: fc.Arbitrary<number>): fc.Arbitrary<(number | undefined)[]> {
  return fc.tuple(seldom(bound), seldom(bound)).map(([from, to]) => {
    return from !== undefined && to !== undefined && from > to ? [to, from] : [from, to];
  });
}

/** Puts every name in the catalogue. */
export async function insertNames(db: Db): Promise<NameIds> {
  const ids = await Promise.all(
    RELATED_KINDS.map(async (kind) => {
      const rows = NAMES[kind].map((name) => ({ name }));
      const inserted = await db.insertInto(kind).values(rows).returning(['id', 'name']).execute();
      return [kind, new Map(inserted.map(({ id, name }) => [name, id]))] as const;
    }),
  );
  return Object.fromEntries(ids) as NameIds;
}

let made = 0;

/** Puts films in the catalogue. */
export async function insertFilms(db: Db, ids: NameIds, plans: FilmPlan[]): Promise<ReferenceFilm[]> {
  const rows = plans.map(({ scores, names, madeAt, price, isWithdrawn, ...film }) => {
    made += 1;
    return {
      ...film,
      slug: `film-${made}`,
      // One catalogue may hold a name and year twice.
      time: made,
      description: 'Made for a test.',
      priceAmount: price?.amount ?? null,
      priceCurrency: price?.currency ?? null,
      ratingCount: scores.length,
      ratingSum: sum(scores),
      certificationId: ids.certifications.get(names.certifications[0] ?? '') ?? '',
      withdrawnAt: isWithdrawn ? new Date() : null,
      createdAt: sql<Date>`timestamptz '2026-01-01' + ${madeAt} * interval '1 microsecond'`,
    };
  });
  const inserted = await db.insertInto('movies').values(rows).returning(['id', 'time']).execute();
  const films = plans.map(({ scores, names, ...film }, index): ReferenceFilm => {
    const tagsOf = (kind: RelatedKind) => names[kind].map((name) => ({ id: ids[kind].get(name) ?? '', name }));
    return {
      ...film,
      id: inserted.find((row) => row.time === rows[index]?.time)?.id ?? '',
      rating: scores.length === 0 ? null : Math.round((sum(scores) / scores.length) * 100) / 100,
      tags: Object.fromEntries(RELATED_KINDS.map((kind) => [kind, tagsOf(kind)])) as ReferenceFilm['tags'],
    };
  });
  const idsOf = (tags: { id: string }[]) => tags.map(({ id }) => id);
  await writeLinks(
    db,
    films.map(({ id, tags }) => ({
      movieId: id,
      genres: idsOf(tags.genres),
      stars: idsOf(tags.stars),
      directors: idsOf(tags.directors),
      countries: idsOf(tags.countries),
      languages: idsOf(tags.languages),
    })),
  );
  await refreshMovies(db, idsOf(films));
  return films;
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
