import { type RelatedKind, tidyName } from '@online-cinema/contract/related';
import type { Db } from '@online-cinema/db/open';
import type { DB } from '@online-cinema/db/types.gen';
import { type Insertable, sql } from 'kysely';
import { AppError } from '../lib/errors.ts';
import { pickSlug, slugCandidates, slugOf } from './slug.ts';

/*
 * Whoever writes films goes this way, in one transaction, so that no two wait for each other in a circle:
 * names, kind by kind in the order of RELATED_KINDS → rows of films → links → refresh, once and last.
 * A transaction goes it once: many films are one batch.
 */

/** The singular of each kind, as columns of the links are called. */
export const SINGULAR = {
  genres: 'genre',
  stars: 'star',
  directors: 'director',
  certifications: 'certification',
  countries: 'country',
  languages: 'language',
} as const satisfies Record<RelatedKind, string>;

/** The kinds a film is linked to by rows; its certification is a column. In the order of RELATED_KINDS. */
export const LINK_KINDS = ['genres', 'stars', 'directors', 'countries', 'languages'] as const;
/** One of {@link LINK_KINDS}. */
export type LinkKind = (typeof LINK_KINDS)[number];

const TRIES = 5;

/** Gives the key under which {@link findOrMakeNames} answers a name. */
export function nameKeyOf(name: string): string {
  return tidyName(name).toLowerCase();
}

/**
 * Finds the ids of names, whatever their case, and makes those that are not there. What is found can't be deleted until
 * the transaction ends. Names must be no longer than their column (`LONGEST_RELATED_NAME`).
 *
 * @returns ids by {@link nameKeyOf}.
 */
export async function findOrMakeNames(trx: Db, kind: RelatedKind, names: string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  // Of several spellings the first is kept.
  let missing = new Map(names.toReversed().map((name) => [nameKeyOf(name), tidyName(name)]));
  // Between two statements somebody may make a name, or delete one. Each round sees what the one before waited for.
  for (let round = 0; missing.size > 0; round += 1) {
    if (round === TRIES) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    if (round > 0) await insertNames(trx, kind, [...missing.values()]);
    for (const { key, id } of await lockNames(trx, kind, missing)) found.set(key, id);
    missing = new Map([...missing].filter(([key]) => !found.has(key)));
  }
  return found;
}

/** Tells which of these ids are of this kind. They can't be deleted until the transaction ends. */
export async function lockRelated(trx: Db, kind: RelatedKind, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await trx.selectFrom(kind).where('id', 'in', ids).select('id').forKeyShare().execute();
  return new Set(rows.map(({ id }) => id));
}

async function lockNames(trx: Db, kind: RelatedKind, names: Map<string, string>) {
  const { rows } = await sql<{ key: string; id: string }>`
    select given.key, named.id
    from unnest(${[...names.keys()]}::text[], ${[...names.values()]}::text[]) given(key, name)
    join ${sql.table(kind)} named on lower(named.name) = lower(given.name)
    for key share of named`.execute(trx);
  return rows;
}

// In one order, so that two who make the same names wait for each other and not in a circle.
async function insertNames(trx: Db, kind: RelatedKind, names: string[]): Promise<void> {
  await sql`
    insert into ${sql.table(kind)} (name)
    select name from unnest(${names}::text[]) given(name) order by lower(name) collate "C"
    on conflict do nothing`.execute(trx);
}

/** The row of a new film. All of one batch name the same columns. */
export type NewMovie = Omit<Insertable<DB['movies']>, 'slug' | 'tagIds' | 'search'>;

/**
 * Puts films in the catalogue, each under an address of its own.
 *
 * @returns their ids, as they stand in the list; `null` where a film of this name, year and time is there already.
 */
export async function insertMovies(trx: Db, movies: NewMovie[]): Promise<(string | null)[]> {
  const ids = new Map<NewMovie, string | null>();
  // In one order, so that two who add the same films wait for each other and not in a circle.
  const ordered = movies
    .map((movie) => ({
      movie,
      key: `${slugOf(movie.name, movie.year)} ${String(movie.time).padStart(5)} ${movie.name}`,
    }))
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  let left = ordered.map(({ movie }) => movie);
  // Whoever takes an address first has it; the others see that when they have waited, and take the next one.
  while (left.length > 0) {
    const rows = await withSlugs(trx, left);
    const inserted = await trx
      .insertInto('movies')
      .values(rows.map(({ movie, slug }) => ({ ...movie, slug })))
      .onConflict((conflict) => conflict.doNothing())
      .returning(['id', 'slug'])
      .execute();
    const bySlug = new Map(inserted.map(({ id, slug }) => [slug, id]));
    for (const { movie, slug } of rows) if (bySlug.has(slug)) ids.set(movie, bySlug.get(slug) ?? null);
    left = left.filter((movie) => !ids.has(movie));
    const present = await selectPresent(trx, left);
    for (const movie of left) if (present.has(identityOf(movie))) ids.set(movie, null);
    left = left.filter((movie) => !ids.has(movie));
  }
  return movies.map((movie) => ids.get(movie) ?? null);
}

async function withSlugs(trx: Db, movies: NewMovie[]): Promise<{ movie: NewMovie; slug: string }[]> {
  const wanted = [...new Set(movies.flatMap(({ name, year }) => slugCandidates(name, year)))];
  const found = await sql<{ slug: string }>`select slug from movies where slug = any(${wanted})`.execute(trx);
  const taken = new Set(found.rows.map(({ slug }) => slug));
  return movies.map((movie) => {
    const slug = pickSlug(movie.name, movie.year, taken);
    taken.add(slug);
    return { movie, slug };
  });
}

async function selectPresent(trx: Db, movies: NewMovie[]): Promise<Set<string>> {
  if (movies.length === 0) return new Set();
  const { rows } = await sql<Pick<NewMovie, 'name' | 'year' | 'time'>>`
    select movie.name, movie.year, movie.time
    from unnest(
      ${movies.map(({ name }) => name)}::text[],
      ${movies.map(({ year }) => year)}::smallint[],
      ${movies.map(({ time }) => time)}::smallint[]
    ) given(name, year, time)
    join movies movie on (movie.name, movie.year, movie.time) = (given.name, given.year, given.time)
    where movie.withdrawn_at is null`.execute(trx);
  return new Set(rows.map(identityOf));
}

function identityOf({ name, year, time }: Pick<NewMovie, 'name' | 'year' | 'time'>): string {
  return `${year} ${time} ${name}`;
}

/** What a film is linked to, by kind: ids in their order. A kind that is absent stays as it is. */
export type MovieLinks = { movieId: string } & Partial<Record<LinkKind, string[]>>;

/** Makes the links of films what is given. The films must be locked or new, the ids must be there. */
export async function writeLinks(trx: Db, movies: MovieLinks[]): Promise<void> {
  for (const kind of LINK_KINDS) {
    const given = movies.filter((movie) => movie[kind] !== undefined);
    if (given.length > 0) await replaceLinks(trx, kind, given);
  }
}

async function replaceLinks(trx: Db, kind: LinkKind, movies: MovieLinks[]): Promise<void> {
  const links = movies.flatMap((movie) =>
    [...new Set(movie[kind])].map((id, position) => ({ movieId: movie.movieId, id, position })),
  );
  const [table, namedId] = [sql.table(`movie_${kind}`), sql.ref(`${SINGULAR[kind]}_id`)];
  await sql`
    with given as (
      select * from unnest(
        ${links.map(({ movieId }) => movieId)}::uuid[],
        ${links.map(({ id }) => id)}::uuid[],
        ${links.map(({ position }) => position)}::smallint[]
      ) given(movie_id, named_id, position)
    ), gone as (
      delete from ${table} link
      where link.movie_id = any(${movies.map(({ movieId }) => movieId)}::uuid[]) and not exists (
        select from given where given.movie_id = link.movie_id and given.named_id = link.${namedId}
      )
    )
    insert into ${table} as link (movie_id, ${namedId}, position)
    select movie_id, named_id, position from given
    on conflict (movie_id, ${namedId}) do update set position = excluded.position
    where link.position <> excluded.position`.execute(trx);
}

/** Brings what is derived from films and their links up to date: what lists filter by, and what a search looks through. */
export async function refreshMovies(trx: Db, movieIds: string[]): Promise<void> {
  if (movieIds.length > 0) await sql`select refresh_movies(${movieIds}::uuid[])`.execute(trx);
}
