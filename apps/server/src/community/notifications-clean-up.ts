import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';

const DAY_SECONDS = 86_400;
/** What was read, or was for a mail only, is kept so long; what was not, longer. */
const LIFE_SECONDS = 90 * DAY_SECONDS;
const UNREAD_LIFE_SECONDS = 365 * DAY_SECONDS;

// Small, so that no statement holds its locks for long.
const BATCH_SIZE = 500;

/** Deletes what users were told long ago, and the tickets of streams that were never opened. */
export async function cleanUpNotifications(
  { db, clock, metrics }: Pick<Deps, 'db' | 'clock' | 'metrics'>,
  signal: AbortSignal,
): Promise<void> {
  const now = clock.now();
  let after: string | null = null;
  do {
    signal.throwIfAborted();
    const looked: { last: string | null; deleted: number } = await deleteOld(db, { now, after });
    metrics.countDeleted('notifications', looked.deleted);
    after = looked.last;
  } while (after !== null);
  const { numDeletedRows } = await db.deleteFrom('streamTickets').where('expiresAt', '<=', now).executeTakeFirst();
  metrics.countDeleted('stream_tickets', Number(numDeletedRows));
}

/** Looks through the next old ones, deletes what is over, and gives where to go on; nowhere: null. */
async function deleteOld(
  db: Db,
  { now, after }: { now: Date; after: string | null },
): Promise<{ last: string | null; deleted: number }> {
  // Ids begin with their time: it is a walk along the primary key.
  const { rows } = await sql<{ last: string | null; deleted: number }>`
    with old as (
      select id,
        read_at is not null or not in_app or created_at <= ${addSeconds(now, -UNREAD_LIFE_SECONDS)} as is_over
      from notifications
      where id < (select uuidv7(${addSeconds(now, -LIFE_SECONDS)}::timestamptz - now()))
        and (${after}::uuid is null or id > ${after}::uuid)
      order by id limit ${BATCH_SIZE}
    ),
    gone as (delete from notifications using old where notifications.id = old.id and old.is_over returning 1)
    select
      (select id from old order by id offset ${BATCH_SIZE - 1}) as last,
      (select count(*)::int from gone) as deleted`.execute(db);
  return rows[0] ?? { last: null, deleted: 0 };
}
