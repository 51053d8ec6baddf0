import type { MovieStatus } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { isMovie } from './queries.ts';

/** The columns of a film that moderators write. */
export const WRITTEN_COLUMNS = [
  'name',
  'year',
  'time',
  'releaseDate',
  'imdb',
  'votes',
  'metaScore',
  'grossAmount',
  'grossCurrency',
  'budgetAmount',
  'budgetCurrency',
  'description',
  'priceAmount',
  'priceCurrency',
  'status',
  'certificationId',
] as const;

/** Some of {@link WRITTEN_COLUMNS}. */
export type MovieColumns = {
  name?: string | undefined;
  year?: number | undefined;
  time?: number | undefined;
  releaseDate?: string | null | undefined;
  imdb?: number | undefined;
  votes?: number | undefined;
  metaScore?: number | null | undefined;
  grossAmount?: number | null;
  grossCurrency?: string | null;
  budgetAmount?: number | null;
  budgetCurrency?: string | null;
  description?: string | undefined;
  priceAmount?: number | null;
  priceCurrency?: string | null;
  status?: MovieStatus | undefined;
  certificationId?: string;
};

/** Locks a film of the catalogue for a change; nothing when there is none. */
export async function lockMovie(trx: Db, ref: string): Promise<string | undefined> {
  const row = await trx
    .selectFrom('movies')
    .where(isMovie(ref))
    .where('withdrawnAt', 'is', null)
    .select('id')
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row?.id;
}

export async function updateMovieRow(trx: Db, movieId: string, columns: MovieColumns): Promise<void> {
  await trx
    .updateTable('movies')
    .set({ ...columns, updatedAt: sql`now()` })
    .where('id', '=', movieId)
    .execute();
}

/** A film about to leave the catalogue. */
export type LeavingMovie = { id: string; slug: string; name: string; year: number; posterKey: string | null };

/** Locks a film so that nobody puts it in a cart or an order meanwhile; nothing when it is not in the catalogue. */
export async function lockLeavingMovie(trx: Db, ref: string): Promise<LeavingMovie | undefined> {
  return await trx
    .selectFrom('movies')
    .where(isMovie(ref))
    .where('withdrawnAt', 'is', null)
    .select(['id', 'slug', 'name', 'year', 'posterKey'])
    .forUpdate()
    .executeTakeFirst();
}

/** What holds a film in the cinema. */
export type MovieTies = {
  isPurchased: boolean;
  cartCount: number;
  pendingOrderCount: number;
  /** Something else tells of it that must go on telling: an order that was canceled or refunded, somebody's progress. */
  isRemembered: boolean;
};

export async function selectMovieTies(trx: Db, movieId: string): Promise<MovieTies> {
  const { rows } = await sql<MovieTies>`
    with ordered as (
      select orders.status, count(*)::int as count
      from order_items item join orders on orders.id = item.order_id
      where item.movie_id = ${movieId} group by orders.status
    )
    select
      exists (select from library_movies where movie_id = ${movieId})
        or exists (select from ordered where status = 'paid') as is_purchased,
      (select count(*)::int from cart_items where movie_id = ${movieId}) as cart_count,
      coalesce((select count from ordered where status = 'pending'), 0) as pending_order_count,
      exists (select from ordered)
        or exists (select from watch_progress where movie_id = ${movieId}) as is_remembered`.execute(trx);
  const [ties] = rows;
  if (!ties) throw new Error('an aggregate has one row');
  return ties;
}

/** Tells that somebody wants the film gone; `false` when that was told after `since`. */
export async function noteRefusedDeletion(trx: Db, movieId: string, { now, since }: { now: Date; since: Date }) {
  const { numUpdatedRows } = await trx
    .updateTable('movies')
    .set({ deleteRefusedAt: now })
    .where('id', '=', movieId)
    .where((where) => where.or([where('deleteRefusedAt', 'is', null), where('deleteRefusedAt', '<=', since)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Those who keep the catalogue. */
export async function selectStaffIds(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .where('role', 'in', ['moderator', 'admin'])
    .where('isActive', '=', true)
    .select('id')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Takes a film out of all carts and gives their owners. */
export async function deleteFromCarts(trx: Db, movieId: string): Promise<string[]> {
  const rows = await trx.deleteFrom('cartItems').where('movieId', '=', movieId).returning('userId').execute();
  return rows.map(({ userId }) => userId);
}

export async function withdrawMovie(trx: Db, movieId: string, withdrawnAt: Date): Promise<void> {
  await trx
    .updateTable('movies')
    .set({ withdrawnAt, updatedAt: sql`now()` })
    .where('id', '=', movieId)
    .execute();
}

/** Deletes a film and gives the folders of its media. */
export async function deleteMovieRow(trx: Db, movieId: string): Promise<string[]> {
  const assets = await trx.selectFrom('mediaAssets').where('movieId', '=', movieId).select('folder').execute();
  await trx.deleteFrom('movies').where('id', '=', movieId).execute();
  return assets.map(({ folder }) => folder);
}

/** A notice as it goes out by mail. */
export type NoticeMail = { id: string; email: string; text: string; link: string | null };

/** Notices that are still to be mailed, to those who may get mail. */
export async function selectUnmailedNotices(db: Db, ids: string[]): Promise<NoticeMail[]> {
  return await db
    .selectFrom('notifications')
    .innerJoin('users', 'users.id', 'notifications.userId')
    .where('notifications.id', 'in', ids)
    .where('notifications.mailedAt', 'is', null)
    .where('users.isActive', '=', true)
    .select(['notifications.id', 'users.email', 'notifications.text', 'notifications.link'])
    .orderBy('notifications.id')
    .execute();
}

export async function setNoticeMailed(db: Db, noticeId: string, mailedAt: Date): Promise<void> {
  await db.updateTable('notifications').set({ mailedAt }).where('id', '=', noticeId).execute();
}
