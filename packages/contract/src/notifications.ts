import { z } from 'zod';
import { Id, Moment, PageInput, pageOf } from './common.ts';

/** What users can be told. */
export const NOTIFICATION_KINDS = ['comment_reply', 'comment_like', 'movie_left_cart', 'movie_in_carts'] as const;
export type NotificationKind = (typeof NOTIFICATION_KINDS)[number];

/** Something the caller was told. */
export const Notification = z
  .object({
    id: Id,
    kind: z.enum(NOTIFICATION_KINDS),
    text: z.string().meta({ description: 'A sentence, as plain text.' }),
    link: z
      .string()
      .nullable()
      .meta({ description: 'Where it leads: a path of the web app.', examples: ['/cart'] }),
    createdAt: Moment,
    readAt: Moment.nullable(),
  })
  .meta({ id: 'Notification' });
export type Notification = z.infer<typeof Notification>;

/** Asks for a page of what the caller was told. */
export const NotificationListInput = PageInput.extend({
  unreadOnly: z.boolean().default(false).meta({ description: 'Leave out what was read.' }),
});
/** A page of notifications, newest first. */
export const NotificationPage = pageOf(Notification).meta({ id: 'NotificationPage' });

/** How many notifications the caller has not read. */
export const UnreadCount = z.object({ count: z.int() }).meta({ id: 'UnreadCount' });

/** One of the caller's notifications. */
export const NotificationInput = z.strictObject({ notificationId: Id });
/** Marks one as read. */
export const MarkRead = NotificationInput.extend({ read: z.literal(true).optional() });

/** Where a stream of notifications stands: what comes after it is still to be told. */
const EventId = z
  .string()
  .regex(/^\d{1,15}$/)
  .meta({ description: 'The id of the last event that was received.', examples: ['42'] });

/** Where a stream goes on; without `lastEventId` it begins with what is told next. */
export const StreamInput = z.strictObject({ lastEventId: EventId.optional() });
/** Opens one stream, once, within `expiresIn` seconds. */
export const StreamTicket = z
  .object({
    ticket: z.string().meta({ description: 'Goes into the address of the stream: `connectionParams={"ticket":"…"}`.' }),
    expiresIn: z.int(),
    lastEventId: EventId.meta({ description: 'Where the stream is to go on when no event has come yet.' }),
  })
  .meta({ id: 'StreamTicket' });
export type StreamTicket = z.infer<typeof StreamTicket>;

const Channels = z.strictObject({
  inApp: z.boolean().meta({ description: 'In the list, and over the stream at once.' }),
  email: z.boolean().meta({ description: 'By mail: at once, or for likes in one mail a day.' }),
});

const CHANNELS_BY_KIND = {
  comment_reply: Channels,
  comment_like: Channels,
  movie_left_cart: Channels,
  // The staff's work: it can't be overlooked.
  movie_in_carts: Channels.extend({ inApp: z.literal(true) }),
} satisfies Record<NotificationKind, z.ZodType>;

/** How the caller is told, by kind. */
export const NotificationPreferences = z.object(CHANNELS_BY_KIND).meta({ id: 'NotificationPreferences' });
export type NotificationPreferences = z.infer<typeof NotificationPreferences>;
/** Sets how the caller is told; kinds that are left out stay as they are. */
export const SetNotificationPreferences = z.strictObject(CHANNELS_BY_KIND).partial();
export type SetNotificationPreferences = z.infer<typeof SetNotificationPreferences>;
