import { createReadStream } from 'node:fs';
import type { DB } from '@online-cinema/db/types.gen';
import { insertActiveUser } from '@online-cinema/server/accounts/queries';
import { slugOf } from '@online-cinema/server/catalogue/slug';
import type { Deps } from '@online-cinema/server/deps';
import { decimalsOf } from '@online-cinema/server/lib/money';
import { insertReadyAsset, type MediaFile } from '@online-cinema/server/media/queries';
import { sql, type Transaction } from 'kysely';
import type { SeedClip } from './clips.ts';
import { clipFor, readSeedMovies, type SeedMovie } from './movies.ts';

/** The accounts of the demo; all have {@link DEMO_PASSWORD}. */
export const DEMO_ACCOUNTS = [
  { email: 'viewer@demo.test', role: 'user' },
  { email: 'moderator@demo.test', role: 'moderator' },
  { email: 'admin@demo.test', role: 'admin' },
] as const;

export const DEMO_PASSWORD = 'Popcorn-demo1';

type SeedDeps = Pick<Deps, 'db' | 'storage' | 'passwords' | 'config'>;

/**
 * Fills an empty cinema with films, clips and demo accounts: all of them, or nothing. One that has a film or an account
 * already stays as it is, so this may run again, and never gives strangers a key to a cinema that is in use.
 *
 * @returns how many films were added.
 * @throws in production: everybody knows the demo's password.
 */
export async function seedDemo(deps: SeedDeps): Promise<number> {
  if (deps.config.isProduction) throw new Error('The demo seed is not for production: everybody knows its password.');
  const passwordHash = await deps.passwords.hash(DEMO_PASSWORD);
  const added = await deps.db.transaction().execute(async (trx) => {
    // Of two first starts one fills the cinema; the other waits and finds it full.
    await sql`select pg_advisory_xact_lock(hashtext('online-cinema.seed'))`.execute(trx);
    if (await isInUse(trx)) return 0;
    for (const account of DEMO_ACCOUNTS) await insertActiveUser(trx, { ...account, passwordHash });
    return await seedMovies(trx, deps);
  });
  if (added > 0) await sql`analyze movies, movie_genres, movie_directors`.execute(deps.db);
  return added;
}

async function isInUse(trx: Transaction<DB>): Promise<boolean> {
  const { found } = await trx
    .selectNoFrom((eb) =>
      eb
        .or([eb.exists(eb.selectFrom('movies').select('id')), eb.exists(eb.selectFrom('users').select('id'))])
        .$castTo<boolean>()
        .as('found'),
    )
    .executeTakeFirstOrThrow();
  return found;
}

async function seedMovies(trx: Transaction<DB>, { storage, config }: SeedDeps): Promise<number> {
  const movies = withSlugs(readSeedMovies());
  const certifications = await insertNames(trx, 'certifications', unique(movies.map((movie) => movie.certification)));
  const genres = await insertNames(trx, 'genres', unique(movies.flatMap((movie) => movie.genres)));
  const directors = await insertNames(trx, 'directors', unique(movies.flatMap((movie) => movie.directors)));
  const ids = await insertMovies(trx, movies, certifications, config.currency);
  const links = movies.map((movie) => ({ ...movie, id: get(ids, movie.slug) }));
  await insertLinks(trx, links, { genres, directors });
  await sql`select refresh_movies(array(select id from movies))`.execute(trx);
  for (const movie of links) {
    const clip = clipFor(movie);
    if (clip) await insertReadyAsset(trx, { movieId: movie.id, kind: 'feature', ...(await storeClip(storage, clip)) });
  }
  return movies.length;
}

type SluggedMovie = SeedMovie & { slug: string };

function withSlugs(movies: SeedMovie[]): SluggedMovie[] {
  const taken = new Set<string>();
  return movies.map((movie) => {
    const base = slugOf(movie.name, movie.year);
    let slug = base;
    for (let number = 2; taken.has(slug); number += 1) slug = `${base}-${number}`;
    taken.add(slug);
    return { ...movie, slug };
  });
}

async function insertNames(
  trx: Transaction<DB>,
  table: 'certifications' | 'genres' | 'directors',
  names: string[],
): Promise<Map<string, string>> {
  const rows = await trx
    .insertInto(table)
    .values(names.map((name) => ({ name })))
    .returning(['id', 'name'])
    .execute();
  return new Map(rows.map((row) => [row.name, row.id]));
}

async function insertMovies(
  trx: Transaction<DB>,
  movies: SluggedMovie[],
  certifications: Map<string, string>,
  currency: string,
): Promise<Map<string, string>> {
  const rows = movies.map((movie) => ({
    slug: movie.slug,
    name: movie.name,
    year: movie.year,
    time: movie.time,
    releaseDate: movie.releaseDate ?? null,
    imdb: movie.imdb,
    votes: movie.votes,
    grossAmount: movie.gross ?? null,
    grossCurrency: movie.gross === undefined ? null : 'USD',
    budgetAmount: movie.budget ?? null,
    budgetCurrency: movie.budget === undefined ? null : 'USD',
    description: movie.description,
    priceAmount: movie.price === null ? null : inMinorUnits(movie.price, currency),
    priceCurrency: movie.price === null ? null : currency,
    status: movie.status,
    certificationId: get(certifications, movie.certification),
  }));
  const inserted = await trx.insertInto('movies').values(rows).returning(['id', 'slug']).execute();
  return new Map(inserted.map((row) => [row.slug, row.id]));
}

async function insertLinks(
  trx: Transaction<DB>,
  movies: (SluggedMovie & { id: string })[],
  { genres, directors }: { genres: Map<string, string>; directors: Map<string, string> },
): Promise<void> {
  await trx
    .insertInto('movieGenres')
    .values(
      movies.flatMap((movie) =>
        unique(movie.genres).map((name, position) => ({ movieId: movie.id, genreId: get(genres, name), position })),
      ),
    )
    .execute();
  await trx
    .insertInto('movieDirectors')
    .values(
      movies.flatMap((movie) =>
        unique(movie.directors).map((name, position) => ({
          movieId: movie.id,
          directorId: get(directors, name),
          position,
        })),
      ),
    )
    .execute();
}

/** Copies a clip with its captions into the storage, under a folder of its own. */
async function storeClip(storage: Deps['storage'], clip: SeedClip) {
  const folder = `media/${crypto.randomUUID()}`;
  const store = async (file: URL, as: Omit<MediaFile, 'sizeBytes'>): Promise<MediaFile> => ({
    ...as,
    sizeBytes: await storage.put(`${folder}/${as.path}`, createReadStream(file)),
  });
  const movie = await store(clip.file, { path: 'movie.mp4', kind: 'mp4', contentType: clip.contentType });
  const tracks = clip.captions.map(({ language, label }) => ({ language, label, path: `tracks/${language}.vtt` }));
  const captions = await Promise.all(
    clip.captions.map(({ file, language }) =>
      store(file, { path: `tracks/${language}.vtt`, kind: 'track', contentType: 'text/vtt; charset=utf-8' }),
    ),
  );
  return {
    folder,
    sizeBytes: movie.sizeBytes,
    durationSeconds: clip.duration,
    width: clip.width,
    height: clip.height,
    files: [movie, ...captions],
    tracks,
  };
}

/** Prices of the seed are cents. Where nobody writes hundredths, units are about as small: 9.99 is ¥999, and HUF 999. */
export function inMinorUnits(cents: number, currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return cents * 10 ** (decimalsOf(currency) - (maximumFractionDigits === 0 ? 0 : 2));
}

function unique(names: string[]): string[] {
  return [...new Set(names)];
}

function get(ids: Map<string, string>, name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`${name} was not inserted`);
  return id;
}
