import type { RelatedKind } from '@online-cinema/contract/related';
import type { Db } from '@online-cinema/db/open';
import { findOrMakeNames, nameKeyOf, refreshMovies, writeLinks } from '../catalogue/movie-writes.ts';
import { slugOf } from '../catalogue/slug.ts';

/** What tests call a film by. */
export type TestMovie = { id: string; slug: string; name: string };

let count = 0;

/** Puts a film in the catalogue: for sale at $9.99 unless told otherwise, searchable, in the genre Drama. */
export async function createMovie(
  db: Db,
  movie: {
    name?: string;
    year?: number;
    description?: string;
    imdb?: number;
    votes?: number;
    priceAmount?: number | null;
    priceCurrency?: string;
    withdrawnAt?: Date;
    status?: 'released' | 'in_production' | 'post_production';
    certification?: string;
    genres?: string[];
    stars?: string[];
    directors?: string[];
    countries?: string[];
    languages?: string[];
  } = {},
): Promise<TestMovie> {
  count += 1;
  const { genres = ['Drama'], stars = [], directors = [], countries = [], languages = [], ...rest } = movie;
  const { certification = 'PG-13', priceAmount = 999, priceCurrency = 'USD', ...given } = rest;
  const values = {
    name: `Film ${count}`,
    year: 2000,
    time: 100 + (count % 90),
    imdb: 7.5,
    votes: count,
    description: 'A film made for a test.',
    ...given,
  };
  const idsOf = async (kind: RelatedKind, names: string[]) => {
    const ids = await findOrMakeNames(db, kind, names);
    return names.map((name) => ids.get(nameKeyOf(name)) ?? '');
  };
  const [certificationId = ''] = await idsOf('certifications', [certification]);
  const inserted = await db
    .insertInto('movies')
    .values({
      ...values,
      slug: `${slugOf(values.name, values.year)}-${count}`,
      certificationId,
      priceAmount,
      priceCurrency: priceAmount === null ? null : priceCurrency,
    })
    .returning(['id', 'slug', 'name'])
    .executeTakeFirstOrThrow();
  const links = {
    genres: await idsOf('genres', genres),
    stars: await idsOf('stars', stars),
    directors: await idsOf('directors', directors),
    countries: await idsOf('countries', countries),
    languages: await idsOf('languages', languages),
  };
  await writeLinks(db, [{ movieId: inserted.id, ...links }]);
  await refreshMovies(db, [inserted.id]);
  return inserted;
}

/** Puts a film in a viewer's library. */
export async function giveMovie(db: Db, userId: string, movieId: string): Promise<void> {
  await db.insertInto('libraryMovies').values({ userId, movieId }).execute();
}
