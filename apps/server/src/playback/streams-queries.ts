import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** Has whoever counts this user's streams after us wait until we are done. */
export async function lockStreams(trx: Db, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`online-cinema.streams.${userId}`}, 0))`.execute(trx);
}

/** The streams of a user that were seen after a moment, the oldest first, each with its film. */
export async function selectActiveStreams(db: Db, userId: string, seenAfter: Date) {
  return await db
    .selectFrom('playbackStreams')
    .innerJoin('movies', 'movies.id', 'playbackStreams.movieId')
    .where('playbackStreams.userId', '=', userId)
    .where('playbackStreams.lastSeenAt', '>', seenAfter)
    .select([
      'playbackStreams.id',
      'playbackStreams.deviceId',
      'playbackStreams.startedAt',
      'playbackStreams.lastSeenAt',
      'movies.id as movieId',
      'movies.slug',
      'movies.name',
    ])
    .orderBy('playbackStreams.id')
    .execute();
}

export async function selectStream(
  db: Db,
  stream: { id: string; userId: string; movieId: string },
): Promise<{ lastSeenAt: Date } | undefined> {
  return await db
    .selectFrom('playbackStreams')
    .where('id', '=', stream.id)
    .where('userId', '=', stream.userId)
    .where('movieId', '=', stream.movieId)
    .select('lastSeenAt')
    .executeTakeFirst();
}

export async function insertStream(
  db: Db,
  { now, ...stream }: { userId: string; movieId: string; deviceId: string | null; now: Date },
): Promise<string> {
  const row = { ...stream, startedAt: now, lastSeenAt: now };
  return (await db.insertInto('playbackStreams').values(row).returning('id').executeTakeFirstOrThrow()).id;
}

/** Notes that a stream was seen, unless somebody just did. */
export async function setSeen(db: Db, id: string, moments: { now: Date; unlessSince: Date }): Promise<void> {
  await db
    .updateTable('playbackStreams')
    .set({ lastSeenAt: moments.now })
    .where('id', '=', id)
    .where('lastSeenAt', '<=', moments.unlessSince)
    .execute();
}

export async function deleteStreamOfDevice(db: Db, userId: string, deviceId: string): Promise<void> {
  await db.deleteFrom('playbackStreams').where('userId', '=', userId).where('deviceId', '=', deviceId).execute();
}

/** Forgets a stream; `false` when there is none. */
export async function deleteStream(db: Db, stream: { id: string; userId: string; movieId: string }): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom('playbackStreams')
    .where('id', '=', stream.id)
    .where('userId', '=', stream.userId)
    .where('movieId', '=', stream.movieId)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

/** Deletes some of what nobody has spoken of since a moment; how many there were. */
export async function deleteSilent(
  db: Db,
  kind: 'playback_streams' | 'playback_devices',
  { since, limit }: { since: Date; limit: number },
): Promise<number> {
  const seenAt = sql.ref(kind === 'playback_streams' ? 'last_seen_at' : 'seen_at');
  // Rows that are written at this moment are passed over: they are no longer silent.
  const { numAffectedRows } = await sql`
    delete from ${sql.table(kind)} where ctid = any(array(
      select ctid from ${sql.table(kind)} where ${seenAt} <= ${since} limit ${limit} for update skip locked
    ))`.execute(db);
  return Number(numAffectedRows ?? 0);
}
