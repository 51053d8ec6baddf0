import { Nothing } from '@online-cinema/contract/common';
import {
  MarkRead,
  NotificationInput,
  NotificationListInput,
  NotificationPage,
  NotificationPreferences,
  SetNotificationPreferences,
  StreamInput,
  StreamTicket,
  UnreadCount,
} from '@online-cinema/contract/notifications';
import { rest, router, ticketProcedure, userProcedure } from '../trpc.ts';
import { issueStreamTicket, openStream } from './notification-stream.ts';
import { getPreferences, listNotifications, markRead, removeNotification, setPreferences } from './notifications.ts';
import { countNotifications, setAllRead } from './notifications-queries.ts';

/** `notifications`: what the caller is told, and how. */
export const notificationsRouter = router({
  list: userProcedure
    .meta(rest('GET', '/notifications', 'What you were told, newest first'))
    .input(NotificationListInput)
    .output(NotificationPage)
    .query(({ ctx, input }) => listNotifications(ctx.deps, ctx.caller.userId, input)),

  unreadCount: userProcedure
    .meta(rest('GET', '/notifications/unread-count', 'How many notifications you have not read'))
    .output(UnreadCount)
    .query(async ({ ctx }) => ({
      count: await countNotifications(ctx.deps.db, { userId: ctx.caller.userId, unreadOnly: true }),
    })),

  markRead: userProcedure
    .meta(rest('PATCH', '/notifications/{notificationId}', 'Mark a notification as read', { status: 204 }))
    .input(MarkRead)
    .output(Nothing)
    .mutation(({ ctx, input }) => markRead(ctx.deps, ctx.caller.userId, input.notificationId)),

  markAllRead: userProcedure
    .meta(rest('POST', '/notifications/read-all', 'Mark all notifications as read', { status: 204 }))
    .output(Nothing)
    .mutation(({ ctx }) => setAllRead(ctx.deps.db, ctx.caller.userId, ctx.deps.clock.now())),

  delete: userProcedure
    .meta(rest('DELETE', '/notifications/{notificationId}', 'Delete a notification', { status: 204 }))
    .input(NotificationInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => removeNotification(ctx.deps, ctx.caller.userId, input.notificationId)),

  preferences: userProcedure
    .meta(rest('GET', '/notifications/preferences', 'How you are told, by kind'))
    .output(NotificationPreferences)
    .query(({ ctx }) => getPreferences(ctx.deps, ctx.caller.userId)),

  setPreferences: userProcedure
    .meta(rest('PUT', '/notifications/preferences', 'Set how you are told, by kind'))
    .input(SetNotificationPreferences)
    .output(NotificationPreferences)
    .mutation(({ ctx, input }) => setPreferences(ctx.deps, ctx.caller.userId, input)),

  ticket: userProcedure
    .meta(
      rest('POST', '/notifications/ticket', 'Get the ticket that opens one stream of notifications', { noStore: true }),
    )
    .input(StreamInput)
    .output(StreamTicket)
    .mutation(({ ctx, input }) => issueStreamTicket(ctx.deps, ctx.caller, input.lastEventId)),

  // Its output has no schema: tRPC would want the stream's own. Each event is a `Notification`.
  onNew: ticketProcedure
    .meta({ summary: 'Hear at once what you are told' })
    .input(StreamInput.optional())
    .subscription(({ ctx, input, signal }) =>
      openStream(ctx.deps, ctx.caller, { lastEventId: input?.lastEventId, signal }),
    ),
});
