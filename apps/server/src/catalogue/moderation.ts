import type { Movie } from '@online-cinema/contract/catalogue';
import type { CreateMovie, UpdateMovie } from '@online-cinema/contract/moderation';
import { RELATED_KINDS, type RelatedKind } from '@online-cinema/contract/related';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import pg from 'pg';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError, type Issue } from '../lib/errors.ts';
import { whyNotPayable } from '../lib/money.ts';
import { isUuid } from '../lib/uuid.ts';
import { lockMovie, WRITTEN_COLUMNS, type MovieColumns, updateMovieRow } from './moderation-queries.ts';
import {
  findOrMakeNames,
  insertMovies,
  LINK_KINDS,
  lockRelated,
  type MovieLinks,
  nameKeyOf,
  refreshMovies,
  writeLinks,
} from './movie-writes.ts';
import { type MovieRow, selectMovie } from './queries.ts';
import { getMovie } from './service.ts';

type ModerationDeps = Pick<Deps, 'db' | 'config' | 'clock'>;
type Staff = NonNullable<Actor>;

/**
 * Puts a film in the catalogue. Names of related rows are found, or made.
 *
 * @throws AppError `movie_exists`, `unknown_id`, `invalid_input`.
 */
export async function createMovie(deps: ModerationDeps, actor: Staff, input: CreateMovie): Promise<Movie> {
  assertPossible(deps, input);
  const movieId = await inTransaction(deps.db, async (trx) => {
    const related = await resolveRelated(trx, input);
    const { certificationId } = related.columns;
    if (certificationId === undefined) throw new Error('a film has a certification');
    const [id] = await insertMovies(trx, [{ ...columnsOf(input), certificationId }]);
    if (!id) throw new AppError('movie_exists');
    await writeLinks(trx, [{ movieId: id, ...related.links }]);
    await refreshMovies(trx, [id]);
    await audit(trx, { actor, action: 'movies.create', target: { kind: 'movie', id } });
    return id;
  });
  return await getMovie(deps, movieId, actor);
}

/**
 * Changes the given fields of a film; its address stays. What is as it was is not written, nor put on record.
 *
 * @throws AppError `not_found`, `movie_exists`, `unknown_id`, `invalid_input`.
 */
export async function updateMovie(
  deps: ModerationDeps,
  actor: Staff,
  { movieId: ref, ...input }: UpdateMovie,
): Promise<Movie> {
  assertPossible(deps, input);
  const movieId = await inTransaction(deps.db, async (trx) => {
    // Names come before films: see movie-writes.ts.
    const related = await resolveRelated(trx, input);
    const id = await lockMovie(trx, ref);
    const before = id === undefined ? undefined : await selectMovie(trx, id);
    if (id === undefined || !before) throw new AppError('not_found');
    const { columns, links, fields } = changesOf(before, { ...columnsOf(input), ...related.columns }, related.links);
    if (fields.length === 0) return id;
    await updateMovieRow(trx, id, columns);
    await writeLinks(trx, [{ movieId: id, ...links }]);
    await refreshMovies(trx, [id]);
    const details = { fields: fields.join(', ') };
    await audit(trx, { actor, action: 'movies.update', target: { kind: 'movie', id }, details });
    return id;
  }).catch((error: unknown) => {
    throw isMovieTaken(error) ? new AppError('movie_exists') : error;
  });
  return await getMovie(deps, movieId, actor);
}

type MovieFields = Omit<UpdateMovie, 'movieId'>;

/** Refuses a year and a price that can not be. @throws AppError `invalid_input`. */
export function assertPossible({ config, clock }: Pick<Deps, 'config' | 'clock'>, { year, price }: MovieFields): void {
  const issues: Issue[] = [];
  const nextYear = clock.now().getUTCFullYear() + 1;
  if (year !== undefined && year > nextYear) issues.push({ path: ['year'], message: `At most ${nextYear}.` });
  if (price && price.currency !== config.currency) {
    issues.push({ path: ['price', 'currency'], message: `The shop sells in ${config.currency}.` });
  } else if (price) {
    const message = whyNotPayable(price);
    if (message !== null) issues.push({ path: ['price', 'amount'], message });
  }
  if (issues.length > 0) throw new AppError('invalid_input', { issues });
}

type ResolvedRelated = { columns: { certificationId?: string }; links: Omit<MovieLinks, 'movieId'> };

// Kind by kind, in the one order all writers keep.
async function resolveRelated(trx: Db, input: MovieFields): Promise<ResolvedRelated> {
  const resolved: ResolvedRelated = { columns: {}, links: {} };
  const issues: Issue[] = [];
  for (const kind of RELATED_KINDS) {
    const isSingle = kind === 'certifications';
    const refs = isSingle ? asList(input.certification) : input[kind];
    if (refs === undefined) continue;
    const ids = await resolveRefs(trx, kind, refs);
    for (const [index, id] of ids.entries()) {
      const path = isSingle ? ['certification'] : [kind, index];
      if (id === undefined) issues.push({ path, message: 'There is none with this id.' });
    }
    const known = ids.filter((id) => id !== undefined);
    if (!isSingle) resolved.links[kind] = [...new Set(known)];
    else if (known[0] !== undefined) resolved.columns.certificationId = known[0];
  }
  if (issues.length > 0) throw new AppError('unknown_id', { issues });
  return resolved;
}

function asList(ref: string | undefined): string[] | undefined {
  return ref === undefined ? undefined : [ref];
}

async function resolveRefs(trx: Db, kind: RelatedKind, refs: string[]): Promise<(string | undefined)[]> {
  const ids = await lockRelated(
    trx,
    kind,
    refs.filter(isUuid).map((id) => id.toLowerCase()),
  );
  const names = await findOrMakeNames(
    trx,
    kind,
    refs.filter((ref) => !isUuid(ref)),
  );
  return refs.map((ref) => {
    if (!isUuid(ref)) return names.get(nameKeyOf(ref));
    return ids.has(ref.toLowerCase()) ? ref.toLowerCase() : undefined;
  });
}

/** What a film's own row has of its fields; what is not given is not there. */
export function columnsOf<Input extends MovieFields>(input: Input) {
  const {
    price,
    gross,
    budget,
    certification: _certification,
    genres: _genres,
    stars: _stars,
    directors: _directors,
    countries: _countries,
    languages: _languages,
    ...plain
  } = input;
  return {
    ...plain,
    ...(price !== undefined && { priceAmount: price?.amount ?? null, priceCurrency: price?.currency ?? null }),
    ...(gross !== undefined && { grossAmount: gross?.amount ?? null, grossCurrency: gross?.currency ?? null }),
    ...(budget !== undefined && { budgetAmount: budget?.amount ?? null, budgetCurrency: budget?.currency ?? null }),
  };
}

type Changes = { columns: MovieColumns; links: ResolvedRelated['links']; fields: string[] };

function changesOf(before: MovieRow, given: MovieColumns, links: ResolvedRelated['links']): Changes {
  const current: MovieColumns = { ...before, certificationId: before.certification.id };
  const columns = WRITTEN_COLUMNS.filter((name) => given[name] !== undefined && given[name] !== current[name]);
  const kinds = LINK_KINDS.filter((kind) => {
    const wanted = links[kind];
    return wanted !== undefined && wanted.join() !== before[kind].map(({ id }) => id).join();
  });
  return {
    columns: Object.fromEntries(columns.map((name) => [name, given[name]])),
    links: Object.fromEntries(kinds.map((kind) => [kind, links[kind]])),
    // An amount and its currency are one field of the film.
    fields: [...new Set([...columns.map((name) => name.replace(/(Amount|Currency|Id)$/, '')), ...kinds])],
  };
}

function isMovieTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.constraint === 'movies_name_year_time_key';
}
