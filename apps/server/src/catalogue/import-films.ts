import type { Money } from '@online-cinema/contract/common';
import { THEATER_DEFAULTS } from '@online-cinema/contract/imports';
import type { CreateMovie } from '@online-cinema/contract/moderation';
import { RELATED_KINDS, type RelatedKind } from '@online-cinema/contract/related';
import type { Db } from '@online-cinema/db/open';
import { AppError } from '../lib/errors.ts';
import { selectFilmsNamed, type StoredFilm } from './export-queries.ts';
import type { ImportedFilm } from './import-columns.ts';
import { updateFilms } from './import-queries.ts';
import { columnsOf } from './moderation.ts';
import {
  findOrMakeNames,
  insertMovies,
  LINK_KINDS,
  type MovieLinks,
  nameKeyOf,
  refreshMovies,
  writeLinks,
} from './movie-writes.ts';

/** What is to be done about some films. */
type Plan = {
  created: ImportedFilm[];
  updated: { id: string; film: ImportedFilm }[];
  unchanged: number;
};

/** What makes a film the same as another one. Where nothing tells its time, name and year do. */
export function identityOf({ name, year, time }: Pick<ImportedFilm, 'name' | 'year' | 'time'>): string {
  return JSON.stringify([name, year, time ?? null]);
}

/** Compares films with those of the catalogue. */
export async function planFilms(db: Db, films: ImportedFilm[]): Promise<Plan> {
  const stored = new Map<string, StoredFilm>();
  for (const each of await selectFilmsNamed(db, films)) {
    const { name, year, time } = each.film;
    stored.set(identityOf({ name, year, time }), each);
    // Of several it is the one with the time that new ones get; else the one that came first.
    const unclear = identityOf({ name, year });
    if (!stored.has(unclear) || time === THEATER_DEFAULTS.time) stored.set(unclear, each);
  }
  const plan: Plan = { created: [], updated: [], unchanged: 0 };
  for (const film of films) {
    const found = stored.get(identityOf(film));
    if (!found) plan.created.push(film);
    else if (differs(film, found.film)) plan.updated.push({ id: found.id, film });
    else plan.unchanged += 1;
  }
  return plan;
}

/**
 * Does what was planned, with all that follows from it.
 *
 * @throws AppError `unavailable` when somebody has changed the catalogue since, so that the plan is no longer good.
 */
export async function writePlan(trx: Db, { created, updated }: Plan): Promise<void> {
  const added = created.map((film) => ({ ...THEATER_DEFAULTS, ...film }));
  const films = [...added, ...updated.map(({ film }) => film)];
  const idOf = await makeNames(trx, films);
  const addedIds = await insertMovies(
    trx,
    added.map((film) => ({ ...columnsOf(film), certificationId: idOf('certifications', film.certification) })),
  );
  const updatedCount = await updateFilms(
    trx,
    updated.map(({ id, film }) => ({
      id,
      ...columnsOf(film),
      ...(film.certification !== undefined && { certificationId: idOf('certifications', film.certification) }),
    })),
  );
  if (updatedCount < updated.length || addedIds.includes(null)) {
    throw new AppError('unavailable', { retryAfterSeconds: 1 });
  }
  const movieIds = [...addedIds.filter((id) => id !== null), ...updated.map(({ id }) => id)];
  await writeLinks(
    trx,
    films.map((film, index) => ({ movieId: movieIds[index] ?? '', ...linksOf(film, idOf) })),
  );
  await refreshMovies(trx, movieIds);
}

type IdOf = (kind: RelatedKind, name: string) => string;

// Kind by kind, in the one order all writers keep.
async function makeNames(trx: Db, films: ImportedFilm[]): Promise<IdOf> {
  const ids = new Map<RelatedKind, Map<string, string>>();
  for (const kind of RELATED_KINDS) {
    const names = films.flatMap((film) => film[kind === 'certifications' ? 'certification' : kind] ?? []);
    // Of a name that is new, the first way to write it is kept.
    ids.set(kind, await findOrMakeNames(trx, kind, names.toReversed()));
  }
  return (kind, name) => {
    const id = ids.get(kind)?.get(nameKeyOf(name));
    if (id === undefined) throw new Error(`${kind}: a name was neither found nor made`);
    return id;
  };
}

function linksOf(film: ImportedFilm, idOf: IdOf): Omit<MovieLinks, 'movieId'> {
  return Object.fromEntries(
    LINK_KINDS.flatMap((kind) => {
      const names = film[kind];
      return names === undefined ? [] : [[kind, names.map((name) => idOf(kind, name))]];
    }),
  );
}

function differs(film: ImportedFilm, stored: CreateMovie): boolean {
  return (Object.keys(film) as (keyof CreateMovie)[]).some((field) => {
    const given = film[field];
    return given !== undefined && comparable(field, given) !== comparable(field, stored[field]);
  });
}

// Names are the same whatever their case: the one that is there stays as it is written.
function comparable(field: keyof CreateMovie, value: unknown): unknown {
  if (Array.isArray(value)) return JSON.stringify(value.map((name) => nameKeyOf(String(name))));
  if (field === 'certification') return nameKeyOf(String(value));
  return isMoney(value) ? `${value.amount} ${value.currency}` : value;
}

function isMoney(value: unknown): value is Money {
  return typeof value === 'object' && value !== null && 'amount' in value;
}
