import type { Db } from '@online-cinema/db/open';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { describeProfile } from '../accounts/profile.ts';
import { selectProfile } from '../accounts/profile-queries.ts';
import { selectCartPromo } from '../cart/promo-queries.ts';
import type { Deps } from '../deps.ts';
import { selectFilmActs } from './acts-archive.ts';
import { selectCommentActs } from './comments-archive.ts';

/**
 * Gathers everything that belongs to an account, as it is at one moment; nothing when the account is gone. Money is in
 * the currency's minor unit, moments are ISO 8601, times within a film are seconds.
 */
export async function makeArchive(
  { db, config, clock }: Pick<Deps, 'db' | 'config' | 'clock'>,
  userId: string,
): Promise<object | undefined> {
  const snapshot = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return await snapshot.execute(async (trx) => {
    const account = await selectAccount(trx, userId);
    if (!account) return undefined;
    const profile = await selectProfile(trx, userId);
    return {
      madeAt: clock.now(),
      account,
      profile: profile ? describeProfile(config, profile) : null,
      sessions: await selectSessions(trx, userId),
      orders: await selectOrders(trx, userId),
      payments: await selectPayments(trx, userId),
      refunds: await selectRefunds(trx, userId),
      library: await selectLibrary(trx, userId),
      progress: await selectProgress(trx, userId),
      playback: await selectPlayback(trx, userId),
      served: await selectServed(trx, userId),
      cart: await selectCart(trx, userId),
      cartPromo: (await selectCartPromo(trx, userId)) ?? null,
      ...(await selectFilmActs(trx, userId)),
      ...(await selectCommentActs(trx, userId)),
      notifications: await selectNotifications(trx, userId),
      notificationPreferences: await selectNotificationPreferences(trx, userId),
    };
  });
}

async function selectAccount(db: Db, userId: string) {
  return await db
    .selectFrom('users')
    .where('id', '=', userId)
    .where('deletedAt', 'is', null)
    .select(['id', 'email', 'role', 'isActive', 'activatedAt', 'totpEnabledAt', 'createdAt', 'updatedAt', 'deletesAt'])
    .executeTakeFirst();
}

async function selectSessions(db: Db, userId: string) {
  return await db
    .selectFrom('sessions')
    .where('userId', '=', userId)
    .select(['id', 'createdAt', 'rotatedAt as lastUsedAt', 'expiresAt', 'userAgent', 'ip'])
    .orderBy('id')
    .execute();
}

async function selectOrders(db: Db, userId: string) {
  return await db
    .selectFrom('orders')
    .where('userId', '=', userId)
    .select([
      'id',
      'number',
      'status',
      'totalAmount',
      'discountAmount',
      'currency',
      'createdAt',
      'paidAt',
      'canceledAt',
    ])
    .select((outer) =>
      jsonArrayFrom(
        outer
          .selectFrom('orderItems')
          .whereRef('orderItems.orderId', '=', 'orders.id')
          .select(['orderItems.movieId', 'orderItems.name', 'orderItems.year', 'orderItems.priceAmount'])
          .orderBy('orderItems.position'),
      ).as('items'),
    )
    .orderBy('id')
    .execute();
}

async function selectPayments(db: Db, userId: string) {
  return await db
    .selectFrom('payments')
    .where('userId', '=', userId)
    .select([
      'id',
      'orderId',
      'status',
      'amount',
      'currency',
      'takenAmount',
      'takenCurrency',
      'declineCode',
      'receiptUrl',
      'createdAt',
      'closedAt',
    ])
    .orderBy('id')
    .execute();
}

async function selectRefunds(db: Db, userId: string) {
  return await db
    .selectFrom('refunds')
    .innerJoin('payments', 'payments.id', 'refunds.paymentId')
    .where('payments.userId', '=', userId)
    .select(({ fn }) => [
      'refunds.id',
      'refunds.paymentId',
      'refunds.status',
      'refunds.amount',
      // What the gateway took otherwise than agreed goes back as it was taken.
      fn.coalesce('payments.takenCurrency', 'payments.currency').as('currency'),
      'refunds.reason',
      'refunds.note',
      'refunds.createdAt',
      'refunds.finishedAt',
    ])
    .orderBy('refunds.id')
    .execute();
}

async function selectLibrary(db: Db, userId: string) {
  return await db
    .selectFrom('libraryMovies')
    .innerJoin('movies', 'movies.id', 'libraryMovies.movieId')
    .where('libraryMovies.userId', '=', userId)
    .select(['movies.id as movieId', 'movies.name', 'movies.year', 'libraryMovies.orderId', 'libraryMovies.addedAt'])
    .orderBy('libraryMovies.addedAt')
    .orderBy('movies.id')
    .execute();
}

async function selectProgress(db: Db, userId: string) {
  return await db
    .selectFrom('watchProgress')
    .innerJoin('movies', 'movies.id', 'watchProgress.movieId')
    .where('watchProgress.userId', '=', userId)
    .select([
      'movies.id as movieId',
      'movies.name',
      'movies.year',
      'watchProgress.positionSeconds',
      'watchProgress.durationSeconds',
      'watchProgress.watchedAt',
      'watchProgress.updatedAt',
      'watchProgress.hiddenAt',
    ])
    .orderBy('movies.id')
    .execute();
}

async function selectPlayback(db: Db, userId: string) {
  return await db
    .selectFrom('playbackStreams')
    .innerJoin('movies', 'movies.id', 'playbackStreams.movieId')
    .where('playbackStreams.userId', '=', userId)
    .select([
      'movies.id as movieId',
      'movies.name',
      'movies.year',
      'playbackStreams.deviceId',
      'playbackStreams.startedAt',
      'playbackStreams.lastSeenAt',
    ])
    .orderBy('playbackStreams.id')
    .execute();
}

async function selectServed(db: Db, userId: string) {
  return await db
    .selectFrom('playbackServed')
    .innerJoin('movies', 'movies.id', 'playbackServed.movieId')
    .where('playbackServed.userId', '=', userId)
    .select(['movies.id as movieId', 'movies.name', 'movies.year', 'playbackServed.share'])
    .orderBy('movies.id')
    .execute();
}

async function selectCart(db: Db, userId: string) {
  return await db
    .selectFrom('cartItems')
    .innerJoin('movies', 'movies.id', 'cartItems.movieId')
    .where('cartItems.userId', '=', userId)
    .select(['movies.id as movieId', 'movies.name', 'movies.year', 'cartItems.addedAt'])
    .orderBy('cartItems.addedAt')
    .orderBy('movies.id')
    .execute();
}

async function selectNotifications(db: Db, userId: string) {
  return await db
    .selectFrom('notifications')
    .where('userId', '=', userId)
    .select(['kind', 'text', 'link', 'createdAt', 'readAt'])
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

async function selectNotificationPreferences(db: Db, userId: string) {
  return await db
    .selectFrom('notificationPreferences')
    .where('userId', '=', userId)
    .select(['kind', 'inApp', 'email'])
    .orderBy('kind')
    .execute();
}
