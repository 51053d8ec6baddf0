import type { NotificationKind, NotificationPreferences } from '@online-cinema/contract/notifications';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import { countCapped, isAfter, orderBy, type Position, type Sort } from '../lib/paging.ts';

const COLUMNS = ['id', 'kind', 'text', 'link', 'createdAt', 'readAt'] as const;

/** Newest first. */
export const NOTIFICATION_SORT: Sort = {
  by: sql.ref('notifications.eventId'),
  type: 'bigint',
  order: 'desc',
  id: sql.ref('notifications.id'),
};

/** Whose notifications, and which of them. */
type Asked = { userId: string; unreadOnly: boolean };

/** Selects what a user was told, after a position. */
export async function selectNotificationPage(
  db: Db,
  { position, limit, ...asked }: Asked & { position: Position | null; limit: number },
) {
  return await notifications(db, asked)
    .$if(position !== null, (query) => query.where(isAfter(NOTIFICATION_SORT, position!)))
    .select(COLUMNS)
    .select(['id as cursorId', sql<string>`event_id::text`.as('cursorKey')])
    .orderBy(orderBy(NOTIFICATION_SORT))
    .limit(limit)
    .execute();
}

/** Counts what a user was told, up to the cap of {@link countCapped}. */
export async function countNotifications(db: Db, asked: Asked): Promise<number> {
  return await countCapped(db, notifications(db, asked).select('id'));
}

function notifications(db: Db, { userId, unreadOnly }: Asked) {
  return db
    .selectFrom('notifications')
    .where('userId', '=', userId)
    .where('inApp', '=', true)
    .$if(unreadOnly, (query) => query.where('readAt', 'is', null));
}

/** What a user was told after an event, oldest first. */
export async function selectEvents(db: Db, userId: string, after: number, limit: number) {
  return await notifications(db, { userId, unreadOnly: false })
    .where('eventId', '>', after)
    .select([...COLUMNS, 'eventId'])
    .orderBy('eventId')
    .limit(limit)
    .execute();
}

/** The last event of a user that can be seen; 0 before the first. */
export async function selectLastEventId(db: Db, userId: string): Promise<number> {
  const inbox = await db
    .selectFrom('notificationInboxes')
    .where('userId', '=', userId)
    .select('lastEventId')
    .executeTakeFirst();
  return inbox?.lastEventId ?? 0;
}

/** Marks one as read, unless it is; `false` when this user has none of that id. */
export async function setRead(db: Db, userId: string, id: string, readAt: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('notifications')
    .set((column) => ({ readAt: column.fn.coalesce('readAt', column.val(readAt)) }))
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('inApp', '=', true)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function setAllRead(db: Db, userId: string, readAt: Date): Promise<void> {
  await db
    .updateTable('notifications')
    .set({ readAt })
    .where('userId', '=', userId)
    .where('readAt', 'is', null)
    .where('inApp', '=', true)
    .execute();
}

/** Deletes one; `false` when this user has none of that id. */
export async function deleteNotification(db: Db, userId: string, id: string): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('notifications')
    .where('userId', '=', userId)
    .where('id', '=', id)
    .where('inApp', '=', true)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

type Channels = NotificationPreferences[NotificationKind];

/** What a user has chosen; kinds that were never chosen are missing. */
export async function selectPreferences(db: Db, userId: string): Promise<Map<string, Channels>> {
  const rows = await db
    .selectFrom('notificationPreferences')
    .where('userId', '=', userId)
    .select(['kind', 'inApp', 'email'])
    .execute();
  return new Map(rows.map(({ kind, ...channels }) => [kind, channels]));
}

/** Tells whether a user wants mails of a kind. */
export async function wantsMail(db: Db, userId: string, kind: NotificationKind): Promise<boolean> {
  return (await selectPreferences(db, userId)).get(kind)?.email ?? true;
}

/** Keeps what a user chose of a kind; what is left out stays, and is yes when it was never chosen. */
export async function upsertPreference(
  db: Db,
  { userId, kind, ...chosen }: { userId: string; kind: NotificationKind; inApp?: boolean; email: boolean },
): Promise<void> {
  await db
    .insertInto('notificationPreferences')
    .columns(['userId', 'kind', 'inApp', 'email'])
    .expression((eb) =>
      eb
        .selectFrom('users')
        .where('id', '=', userId)
        .where('deletedAt', 'is', null)
        .select((select) => [
          'id',
          select.val(kind).as('kind'),
          select.val(chosen.inApp ?? true).as('inApp'),
          select.val(chosen.email).as('email'),
        ]),
    )
    .onConflict((conflict) => conflict.columns(['userId', 'kind']).doUpdateSet(chosen))
    .execute();
}

/** Writes a ticket and forgets the old ones of its session; gives its id. */
export async function insertStreamTicket(
  db: Db,
  { now, ...ticket }: { sessionId: string; expiresAt: Date; now: Date },
): Promise<string> {
  await db
    .deleteFrom('streamTickets')
    .where('sessionId', '=', ticket.sessionId)
    .where('expiresAt', '<=', now)
    .execute();
  return (await db.insertInto('streamTickets').values(ticket).returning('id').executeTakeFirstOrThrow()).id;
}
