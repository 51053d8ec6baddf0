import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** The folder of the storage that holds posters. */
export const POSTER_FOLDER = 'posters';

/** Gives a film another poster, or none, and tells which one it had. The film must be locked. */
export async function replacePoster(trx: Db, movieId: string, posterKey: string | null): Promise<string | null> {
  const row = await trx
    .updateTable('movies')
    .set({ posterKey, updatedAt: sql`now()` })
    .where('id', '=', movieId)
    .returning(sql<string | null>`old.poster_key`.as('oldKey'))
    .executeTakeFirst();
  return row?.oldKey ?? null;
}

/** Tells which of these keys a film names. */
export async function selectNamedPosters(db: Db, keys: string[]): Promise<Set<string>> {
  const rows = await db.selectFrom('movies').where('posterKey', 'in', keys).select('posterKey').execute();
  return new Set(rows.flatMap(({ posterKey }) => posterKey ?? []));
}
