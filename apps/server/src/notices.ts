import type { NotificationKind } from '@online-cinema/contract/notifications';
import type { Db } from '@online-cinema/db/open';

/** Something users are told: a sentence, and the path of the web app where it leads. */
export type Notice = { kind: NotificationKind; text: string; link: `/${string}` | null };

/**
 * Tells users something, in the transaction that causes it: in the app, unless they do not want this kind there. Gives
 * the ids of what is to go out by mail too.
 *
 * Until the transaction ends, nobody else can tell these users anything: it is to be among the last things it does.
 */
export async function notify(trx: Db, userIds: string[], { kind, text, link }: Notice): Promise<string[]> {
  if (userIds.length === 0) return [];
  const rows = await trx
    .with('wanted', (db) =>
      db
        .selectFrom('users')
        .leftJoin('notificationPreferences as preference', (join) =>
          join.onRef('preference.userId', '=', 'users.id').on('preference.kind', '=', kind),
        )
        .where((where) => where.eb('users.id', '=', where.fn.any(where.val(userIds))))
        .select((select) => [
          'users.id as userId',
          select.fn.coalesce('preference.inApp', select.val(true)).as('inApp'),
          select.fn.coalesce('preference.email', select.val(true)).as('email'),
        ]),
    )
    .with('told', (db) =>
      db
        .insertInto('notifications')
        .columns(['userId', 'kind', 'text', 'link', 'inApp'])
        .expression((eb) =>
          eb
            .selectFrom('wanted')
            .where((where) => where.or([where('inApp', '=', true), where('email', '=', true)]))
            .select((select) => [
              'userId',
              select.val(kind).as('kind'),
              select.val(text).as('text'),
              select.val(link).as('link'),
              'inApp',
            ])
            // Two that tell the same people something take their locks in one order.
            .orderBy('userId'),
        )
        .returning(['id', 'userId']),
    )
    .selectFrom('told')
    .innerJoin('wanted', 'wanted.userId', 'told.userId')
    .where('wanted.email', '=', true)
    .select('told.id')
    .execute();
  return rows.map(({ id }) => id);
}
