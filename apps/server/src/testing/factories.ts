import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
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
    directors?: string[];
  } = {},
): Promise<TestMovie> {
  count += 1;
  const { directors = [], priceAmount = 999, priceCurrency = 'USD', ...given } = movie;
  const values = {
    name: `Film ${count}`,
    year: 2000,
    time: 100 + (count % 90),
    imdb: 7.5,
    votes: count,
    description: 'A film made for a test.',
    ...given,
  };
  const certificationId = await findOrInsert(db, 'certifications', 'PG-13');
  const genreId = await findOrInsert(db, 'genres', 'Drama');
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
  await db.insertInto('movieGenres').values({ movieId: inserted.id, genreId, position: 0 }).execute();
  for (const [position, name] of directors.entries()) {
    const directorId = await findOrInsert(db, 'directors', name);
    await db.insertInto('movieDirectors').values({ movieId: inserted.id, directorId, position }).execute();
  }
  await sql`update movies set search = movie_search_document(id) where id = ${inserted.id}`.execute(db);
  return inserted;
}

/** Puts a film in a viewer's library. */
export async function giveMovie(db: Db, userId: string, movieId: string): Promise<void> {
  await db.insertInto('libraryMovies').values({ userId, movieId }).execute();
}

async function findOrInsert(db: Db, table: 'certifications' | 'genres' | 'directors', name: string): Promise<string> {
  await db
    .insertInto(table)
    .values({ name })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  return (await db.selectFrom(table).where('name', '=', name).select('id').executeTakeFirstOrThrow()).id;
}
