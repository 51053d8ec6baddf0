import type { Page, PageInput } from '@online-cinema/contract/common';
import type {
  Notification,
  NotificationKind,
  NotificationPreferences,
  SetNotificationPreferences,
} from '@online-cinema/contract/notifications';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { readPage } from '../lib/paging.ts';
import { type Notice, notify } from '../notices.ts';
import { replyMail } from './notifications-jobs.ts';
import {
  countNotifications,
  deleteNotification,
  NOTIFICATION_SORT,
  selectNotificationPage,
  selectPreferences,
  setRead,
  upsertPreference,
} from './notifications-queries.ts';

/**
 * Tells users what others did with their comments, as the last thing of the transaction that did it: in the app at once;
 * of a reply by mail too. Likes are put together in one mail a day.
 */
export async function tell({ queue }: Pick<Deps, 'queue'>, trx: Db, userIds: string[], notice: Notice): Promise<void> {
  const toMail = await notify(trx, userIds, notice);
  if (notice.kind !== 'comment_reply') return;
  for (const notificationId of toMail) await queue.enqueue(trx, replyMail, { notificationId });
}

/** A page of what a user was told, newest first. */
export async function listNotifications(
  { db }: Pick<Deps, 'db'>,
  userId: string,
  { unreadOnly, ...page }: PageInput & { unreadOnly: boolean },
): Promise<Page<Notification>> {
  return await readPage(page, {
    query: { list: 'notifications', userId, unreadOnly },
    sort: NOTIFICATION_SORT,
    select: (position, limit) => selectNotificationPage(db, { userId, unreadOnly, position, limit }),
    count: () => countNotifications(db, { userId, unreadOnly }),
    toItem: toNotification,
  });
}

/** A row as callers see it. */
export function toNotification({ id, kind, text, link, createdAt, readAt }: NotificationRow): Notification {
  // Written by `notify`, which knows no others.
  return { id, kind: kind as NotificationKind, text, link, createdAt, readAt };
}

type NotificationRow = Omit<Notification, 'kind'> & { kind: string };

/**
 * Marks a notification as read.
 *
 * @throws AppError `not_found` when this user has none of that id.
 */
export async function markRead(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  userId: string,
  notificationId: string,
): Promise<void> {
  if (!(await setRead(db, userId, notificationId, clock.now()))) throw new AppError('not_found');
}

/**
 * Deletes a notification.
 *
 * @throws AppError `not_found` when this user has none of that id.
 */
export async function removeNotification({ db }: Pick<Deps, 'db'>, userId: string, notificationId: string) {
  if (!(await deleteNotification(db, userId, notificationId))) throw new AppError('not_found');
}

/** How a user is told, by kind. */
export async function getPreferences({ db }: Pick<Deps, 'db'>, userId: string): Promise<NotificationPreferences> {
  const chosen = await selectPreferences(db, userId);
  const channelsOf = (kind: NotificationKind) => chosen.get(kind) ?? { inApp: true, email: true };
  return {
    comment_reply: channelsOf('comment_reply'),
    comment_like: channelsOf('comment_like'),
    movie_left_cart: channelsOf('movie_left_cart'),
    movie_in_carts: { ...channelsOf('movie_in_carts'), inApp: true },
  };
}

/** Sets how a user is told of some kinds, and gives how he is told of all. */
export async function setPreferences(
  deps: Pick<Deps, 'db'>,
  userId: string,
  preferences: SetNotificationPreferences,
): Promise<NotificationPreferences> {
  await inTransaction(deps.db, async (trx) => {
    // In one order, whoever sets them at the same time.
    for (const kind of (Object.keys(preferences) as NotificationKind[]).toSorted()) {
      const channels = preferences[kind];
      if (channels) await upsertPreference(trx, { userId, kind, ...channels });
    }
  });
  return await getPreferences(deps, userId);
}
