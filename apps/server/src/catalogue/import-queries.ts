import type { ImportProblem } from '@online-cinema/contract/imports';
import type { Db } from '@online-cinema/db/open';
import type { DB } from '@online-cinema/db/types.gen';
import { type Selectable, sql } from 'kysely';
import type { MovieColumns } from './moderation-queries.ts';

/** An import as its row has it. */
export type ImportRecord = Omit<Selectable<DB['imports']>, 'errors'> & { errors: ImportProblem[] };

/** What became of rows. */
type Outcome = { created: number; updated: number; unchanged: number };

export async function insertImport(
  trx: Db,
  values: { storageKey: string; byteCount: number; dryRun: boolean; createdAt: Date },
): Promise<string> {
  const { id } = await trx.insertInto('imports').values(values).returning('id').executeTakeFirstOrThrow();
  return id;
}

export async function selectImport(db: Db, importId: string): Promise<ImportRecord | undefined> {
  return await db
    .selectFrom('imports')
    .where('id', '=', importId)
    .selectAll()
    .$narrowType<{ errors: ImportProblem[] }>()
    .executeTakeFirst();
}

/** Counts a run of an import that is not finished; nothing when there is none. */
export async function beginRun(db: Db, importId: string): Promise<ImportRecord | undefined> {
  return await db
    .updateTable('imports')
    .set({
      attempts: sql`attempts + 1`,
      state: sql`case state when 'waiting' then 'checking' else state end`,
    })
    .where('id', '=', importId)
    .where('finishedAt', 'is', null)
    .returningAll()
    .$narrowType<{ errors: ImportProblem[] }>()
    .executeTakeFirst();
}

/** What the check has found so far. */
type Findings = { checked: number; failed: number; errorCount: number };

/** Tells how far the check has come. */
export async function setChecked(db: Db, importId: string, found: Findings & { bytesRead: number }): Promise<void> {
  await db.updateTable('imports').set(found).where('id', '=', importId).where('state', '=', 'checking').execute();
}

/** Ends the check of a file in which nothing is wrong. */
export async function setAllChecked(db: Db, importId: string, rows: number, byteCount: number): Promise<void> {
  await db
    .updateTable('imports')
    .set({ state: 'importing', rows, checked: rows, failed: 0, errorCount: 0, bytesRead: byteCount, attempts: 0 })
    .where('id', '=', importId)
    .where('state', '=', 'checking')
    .execute();
}

/**
 * Locks how far an import is written. Nobody else writes a batch meanwhile, of no import: of the same films two would
 * only stand in each other's way. Nothing when it is not being written.
 */
export async function lockOutcome(trx: Db, importId: string): Promise<Outcome | undefined> {
  await sql`select pg_advisory_xact_lock(hashtext('online-cinema.import'))`.execute(trx);
  return await trx
    .selectFrom('imports')
    .where('id', '=', importId)
    .where('state', '=', 'importing')
    .select(['created', 'updated', 'unchanged'])
    .forUpdate()
    .executeTakeFirst();
}

/** Counts what became of a batch, in the transaction that writes it. */
export async function addOutcome(trx: Db, importId: string, { created, updated, unchanged }: Outcome): Promise<void> {
  await trx
    .updateTable('imports')
    .set({
      created: sql`created + ${created}`,
      updated: sql`updated + ${updated}`,
      unchanged: sql`unchanged + ${unchanged}`,
      attempts: 0,
    })
    .where('id', '=', importId)
    .execute();
}

/** How many films Postgres plans for, since it last looked. */
export async function selectPlannedFilms(db: Db): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select greatest(reltuples, 0) as count from pg_class where oid = 'movies'::regclass`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Has Postgres look at the catalogue, so that its plans fit it. */
export async function analyzeFilms(db: Db): Promise<void> {
  await sql`analyze movies, movie_genres, movie_stars, movie_directors, movie_countries, movie_languages,
    genres, stars, directors, certifications, countries, languages`.execute(db);
}

/** Ends an import, with what is wrong; `false` when it had ended before. */
export async function finishImport(
  trx: Db,
  importId: string,
  end: { state: 'done' | 'rejected' | 'failed'; finishedAt: Date; errors?: ImportProblem[] } & Partial<Findings>,
): Promise<boolean> {
  const { errors, ...values } = end;
  const { numUpdatedRows } = await trx
    .updateTable('imports')
    .set({ ...values, ...(errors && { errors: JSON.stringify(errors) }) })
    .where('id', '=', importId)
    .where('finishedAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The imports that should have ended long ago. */
export async function selectStaleImports(db: Db, createdBefore: Date): Promise<{ id: string; storageKey: string }[]> {
  return await db
    .selectFrom('imports')
    .where('finishedAt', 'is', null)
    .where('createdAt', '<', createdBefore)
    .select(['id', 'storageKey'])
    .execute();
}

/** What a film is, and what is to be written of it. */
type FilmUpdate = { id: string } & Omit<MovieColumns, 'name' | 'year' | 'time'>;

const TYPES: Record<Exclude<keyof FilmUpdate, 'id'>, string> = {
  releaseDate: 'date',
  imdb: 'numeric',
  votes: 'integer',
  metaScore: 'smallint',
  grossAmount: 'bigint',
  grossCurrency: 'text',
  budgetAmount: 'bigint',
  budgetCurrency: 'text',
  description: 'text',
  priceAmount: 'integer',
  priceCurrency: 'text',
  status: 'text',
  certificationId: 'uuid',
};

/**
 * Writes columns of many films: of all of them the same ones. They are locked in the order of their ids.
 *
 * @returns how many there are; those that left the catalogue are not.
 */
export async function updateFilms(trx: Db, films: FilmUpdate[]): Promise<number> {
  const [first] = films;
  if (!first) return 0;
  const ids = films.map(({ id }) => id);
  await trx.selectFrom('movies').where('id', 'in', ids).select('id').orderBy('id').forNoKeyUpdate().execute();
  const columns = (Object.keys(TYPES) as (keyof typeof TYPES)[]).filter((column) => first[column] !== undefined);
  const { numAffectedRows } = await sql`
    update movies set updated_at = now(), ${sql.join(
      columns.map((column) => sql`${sql.ref(column)} = ${sql.ref(`given.${column}`)}`),
    )}
    from unnest(${ids}::uuid[], ${sql.join(
      columns.map((column) => sql`${films.map((film) => film[column])}::${sql.raw(TYPES[column])}[]`),
    )}) given(id, ${sql.join(columns.map((column) => sql.ref(column)))})
    where movies.id = given.id and movies.withdrawn_at is null`.execute(trx);
  return Number(numAffectedRows ?? 0);
}
