import type { Db } from '@online-cinema/db/open';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { sql } from 'kysely';
import { isGoingBack } from '../library/queries.ts';

/** Where the files a player begins with stand, below an asset's folder. */
const HLS_MASTER = 'hls/master.m3u8';
const STORYBOARD = 'storyboard/storyboard.vtt';

/** The newest video of a film that plays, with its captions and what was made of it. */
export async function selectAsset(db: Db, movieId: string, kind: 'feature' | 'trailer') {
  return await db
    .selectFrom('mediaAssets')
    .innerJoin('mediaFiles as video', (join) =>
      join.onRef('video.assetId', '=', 'mediaAssets.id').on('video.kind', '=', 'mp4'),
    )
    .where('mediaAssets.movieId', '=', movieId)
    .where('mediaAssets.kind', '=', kind)
    .where('mediaAssets.status', '=', 'ready')
    .select(['mediaAssets.id', 'video.path', 'video.contentType', 'mediaAssets.width', 'mediaAssets.height'])
    // What is ready has one: a constraint of the table.
    .select(sql<number>`media_assets.duration_seconds`.as('durationSeconds'))
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('mediaFiles as file')
          .whereRef('file.assetId', '=', 'mediaAssets.id')
          .where('file.path', 'in', [HLS_MASTER, STORYBOARD])
          .select(['file.kind', 'file.path', 'file.contentType']),
      ).as('extras'),
      jsonArrayFrom(
        eb
          .selectFrom('mediaTracks')
          .whereRef('mediaTracks.assetId', '=', 'mediaAssets.id')
          .select(['language', 'label', 'path'])
          .orderBy('language'),
      ).as('tracks'),
    ])
    .orderBy('mediaAssets.createdAt', 'desc')
    .orderBy('mediaAssets.id', 'desc')
    .executeTakeFirst();
}

/** A file of an asset, and what somebody with a grant has to do with it. */
export type GrantedRow = {
  assetKind: 'feature' | 'trailer';
  movieId: string;
  folder: string;
  kind: string;
  contentType: string;
  sizeBytes: number;
  durationSeconds: number;
  /** What share of the film he was sent so far. */
  served: number;
  /** Null: he does not own the film, or gets his money back, or his account is closed. */
  ownerId: string | null;
  /** When his stream gave its last sign of life; null: it was stopped, or forgotten. */
  lastSeenAt: Date | null;
};

/** Finds what decides whether a file is served, in one read; nothing when the asset has no such file. */
export async function selectGrantedFile(
  db: Db,
  file: { assetId: string; path: string },
  grant: { userId: string | null; streamId: string | null },
): Promise<GrantedRow | undefined> {
  return await db
    .selectFrom('mediaFiles')
    .innerJoin('mediaAssets', 'mediaAssets.id', 'mediaFiles.assetId')
    .leftJoin('libraryMovies', (join) =>
      join
        .onRef('libraryMovies.movieId', '=', 'mediaAssets.movieId')
        .on('libraryMovies.userId', '=', sql<string>`${grant.userId}::uuid`)
        .on((eb) => eb.not(isGoingBack)),
    )
    .leftJoin('users', (join) => join.onRef('users.id', '=', 'libraryMovies.userId').on('users.isActive', '=', true))
    .leftJoin('playbackStreams', (join) =>
      join
        .on('playbackStreams.id', '=', sql<string>`${grant.streamId}::uuid`)
        .onRef('playbackStreams.userId', '=', 'libraryMovies.userId')
        .onRef('playbackStreams.movieId', '=', 'mediaAssets.movieId'),
    )
    .leftJoin('playbackServed', (join) =>
      join
        .onRef('playbackServed.userId', '=', 'libraryMovies.userId')
        .onRef('playbackServed.movieId', '=', 'libraryMovies.movieId'),
    )
    .where('mediaFiles.assetId', '=', file.assetId)
    .where('mediaFiles.path', '=', file.path)
    // What was uploaded and is not for players stays with the staff.
    .where('mediaFiles.kind', '!=', 'source')
    .select([
      'mediaAssets.kind as assetKind',
      'mediaAssets.movieId',
      'mediaAssets.folder',
      'mediaFiles.kind',
      'mediaFiles.contentType',
      'mediaFiles.sizeBytes',
      'users.id as ownerId',
      'playbackStreams.lastSeenAt',
      sql<number>`coalesce(media_assets.duration_seconds, 0)`.as('durationSeconds'),
      sql<number>`coalesce(playback_served.share, 0)`.as('served'),
    ])
    .executeTakeFirst();
}
