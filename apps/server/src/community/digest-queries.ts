import type { NotificationKind } from '@online-cinema/contract/notifications';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { addSeconds } from '../lib/clock.ts';

/** Whoever is answered more often hears of the rest in the app: replies must not fill a mailbox. */
const REPLIES_MAILED_AN_HOUR = 20;

/** A reply as it goes out by mail; nothing when it has, or when its reader gets no mail any more, or enough of it. */
export async function selectReply(db: Db, notificationId: string, now: Date) {
  return await db
    .selectFrom('notifications')
    .innerJoin('users', 'users.id', 'notifications.userId')
    .where('notifications.id', '=', notificationId)
    .where('notifications.mailedAt', 'is', null)
    .where('users.isActive', '=', true)
    .where((where) =>
      where(
        where
          .selectFrom('notifications as mailed')
          .whereRef('mailed.userId', '=', 'notifications.userId')
          .where('mailed.kind', '=', 'comment_reply')
          .where('mailed.mailedAt', '>', addSeconds(now, -3_600))
          .select(where.fn.countAll().as('count')),
        '<',
        REPLIES_MAILED_AN_HOUR,
      ),
    )
    .select(['notifications.id', 'notifications.userId', 'notifications.text', 'notifications.link', 'users.email'])
    .executeTakeFirst();
}

export async function setMailed(db: Db, notificationId: string, mailedAt: Date): Promise<void> {
  await db.updateTable('notifications').set({ mailedAt }).where('id', '=', notificationId).execute();
}

/** Some users with something of a kind they have not read, was not mailed, and may be; in the order of their ids. */
export async function selectUsersToDigest(
  db: Db,
  { kind, lastBefore, after, limit }: { kind: NotificationKind; lastBefore: Date; after: string | null; limit: number },
): Promise<string[]> {
  const rows = await db
    .selectFrom('notificationInboxes as inbox')
    .innerJoin('users', 'users.id', 'inbox.userId')
    .leftJoin('notificationPreferences as preference', (join) =>
      join.onRef('preference.userId', '=', 'inbox.userId').on('preference.kind', '=', kind),
    )
    .where('users.isActive', '=', true)
    .where((where) =>
      where.or([where('inbox.lastDigestAt', 'is', null), where('inbox.lastDigestAt', '<=', lastBefore)]),
    )
    .where((where) => where(where.fn.coalesce('preference.email', where.val(true)), '=', true))
    .where((where) =>
      where(
        'inbox.userId',
        'in',
        where
          .selectFrom('notifications')
          .where('notifications.kind', '=', kind)
          .where('notifications.mailedAt', 'is', null)
          .where('notifications.readAt', 'is', null)
          .select('notifications.userId'),
      ),
    )
    .$if(after !== null, (query) => query.where('inbox.userId', '>', after!))
    .select('inbox.userId')
    .orderBy('inbox.userId')
    .limit(limit)
    .execute();
  return rows.map(({ userId }) => userId);
}

/** Notes that a user gets a digest now; `false` when another run was faster. */
export async function noteDigest(
  trx: Db,
  userId: string,
  { now, lastBefore }: { now: Date; lastBefore: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('notificationInboxes')
    .set({ lastDigestAt: now })
    .where('userId', '=', userId)
    .where((where) => where.or([where('lastDigestAt', 'is', null), where('lastDigestAt', '<=', lastBefore)]))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Puts what a user has not read of a kind into the mail of this moment; `false` when there is nothing. */
export async function setDigested(trx: Db, userId: string, kind: NotificationKind, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('notifications')
    .set({ mailedAt: now })
    .where('userId', '=', userId)
    .where('kind', '=', kind)
    .where('mailedAt', 'is', null)
    .where('readAt', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The first so many sentences of the mail of a moment, newest first, and how many there are. */
export async function selectDigest(db: Db, userId: string, kind: NotificationKind, digestedAt: Date) {
  const rows = await db
    .selectFrom('notifications')
    .innerJoin('users', 'users.id', 'notifications.userId')
    .where('notifications.userId', '=', userId)
    .where('notifications.kind', '=', kind)
    .where('notifications.mailedAt', '=', digestedAt)
    .where('users.isActive', '=', true)
    .select(['users.email', 'notifications.text', sql<number>`count(*) over ()::int`.as('count')])
    .orderBy('notifications.eventId', 'desc')
    .limit(LONGEST_DIGEST)
    .execute();
  const [first] = rows;
  return first && { email: first.email, count: first.count, texts: rows.map(({ text }) => text) };
}

const LONGEST_DIGEST = 20;
