import type { Related, RelatedKind } from '@online-cinema/contract/related';
import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';
import { refreshMovies } from './movie-writes.ts';

const COLUMNS = ['id', 'name', 'movieCount'] as const;
const MOVIES_A_BATCH = 200;

/** Sorted as titles are. */
export const RELATED_SORT: Sort = { by: sql`name collate titles`, type: 'text', order: 'asc', id: sql.ref('id') };

export async function selectRelatedPage(
  db: Db,
  {
    kind,
    query,
    position,
    limit,
  }: { kind: RelatedKind; query: string | null; position: Position | null; limit: number },
) {
  return await filterRelated(db, kind, query)
    .$if(position !== null, (found) => found.where(isAfter(RELATED_SORT, position!)))
    .select(['id as cursorId', 'name as cursorKey'])
    .orderBy(orderBy(RELATED_SORT))
    .limit(limit)
    .execute();
}

export async function countRelated(db: Db, kind: RelatedKind, query: string | null): Promise<number> {
  return await countCapped(db, filterRelated(db, kind, query));
}

export async function selectRelated(db: Db, kind: RelatedKind, id: string): Promise<Related | undefined> {
  return await db.selectFrom(kind).where('id', '=', id).select(COLUMNS).executeTakeFirst();
}

/** Makes a name; nothing when it is taken, in any case. */
export async function insertRelated(trx: Db, kind: RelatedKind, name: string): Promise<Related | undefined> {
  return await trx
    .insertInto(kind)
    .values({ name })
    .onConflict((conflict) => conflict.doNothing())
    .returning(COLUMNS)
    .executeTakeFirst();
}

/** Locks one against whoever writes films with it: they see the name from before, or the one from after. */
export async function lockRelatedForUpdate(trx: Db, kind: RelatedKind, id: string): Promise<Related | undefined> {
  return await trx.selectFrom(kind).where('id', '=', id).select(COLUMNS).forUpdate().executeTakeFirst();
}

export async function updateRelatedName(trx: Db, kind: RelatedKind, { id, name }: { id: string; name: string }) {
  await trx.updateTable(kind).set({ name }).where('id', '=', id).execute();
}

/** Deletes one; `false` when there is none. The database refuses while films have it. */
export async function deleteRelatedRow(trx: Db, kind: RelatedKind, id: string): Promise<boolean> {
  const { numDeletedRows } = await trx.deleteFrom(kind).where('id', '=', id).executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Somebody whom searches find films by. */
export type Person = { kind: 'stars' | 'directors'; id: string };

/**
 * Lets some films of somebody be found by his name as it is now, in the order of their ids.
 *
 * @returns the id to go on after; `null` when all are done.
 */
export async function refreshPersonBatch(db: Db, { kind, id }: Person, after: string | null): Promise<string | null> {
  const personId = sql.ref(kind === 'stars' ? 'star_id' : 'director_id');
  const { rows } = await sql<{ movieId: string }>`
    select movie_id from ${sql.table(`movie_${kind}`)}
    where ${personId} = ${id} and (${after}::uuid is null or movie_id > ${after}::uuid)
    order by movie_id limit ${MOVIES_A_BATCH}`.execute(db);
  const movieIds = rows.map(({ movieId }) => movieId);
  await refreshMovies(db, movieIds);
  return movieIds.length === MOVIES_A_BATCH ? (movieIds.at(-1) ?? null) : null;
}

function filterRelated(db: Db, kind: RelatedKind, query: string | null) {
  return db
    .selectFrom(kind)
    .select(COLUMNS)
    .$if(query !== null, (found) => found.where(matches(kind, query!)));
}

// Of one or two letters, which have no trigram of their own, the beginning of a word. People have a stored key with an
// index; the other kinds are few. A query without a letter or digit finds nothing.
function matches(kind: RelatedKind, query: string): RawBuilder<SqlBool> {
  const key = kind === 'stars' || kind === 'directors' ? sql.ref('name_key') : sql`search_key(name)`;
  const words = sql`btrim(search_key(${query}))`;
  return sql<SqlBool>`(${words} <> '' and ${key} like
    (case when char_length(${words}) < 3 then '% ' else '%' end) || ${words} || '%')`;
}
