import type { Db } from '@online-cinema/db/open';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { sql } from 'kysely';

/** The newest video of a film, with its captions. */
export async function selectAsset(db: Db, movieId: string, kind: 'feature' | 'trailer') {
  return await db
    .selectFrom('mediaAssets')
    .where('movieId', '=', movieId)
    .where('kind', '=', kind)
    .select(['id', 'fileName', 'contentType', 'durationSeconds', 'width', 'height'])
    .select((eb) =>
      jsonArrayFrom(
        eb
          .selectFrom('mediaTracks')
          .whereRef('mediaTracks.assetId', '=', 'mediaAssets.id')
          .select(['language', 'label', 'fileName'])
          .orderBy('language'),
      ).as('tracks'),
    )
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .executeTakeFirst();
}

/** Where a file of an asset is kept, and whose film it belongs to; nothing when the asset has no such file. */
export async function selectMediaFile(
  db: Db,
  assetId: string,
  fileName: string,
): Promise<{ movieId: string; kind: 'feature' | 'trailer'; storagePrefix: string; contentType: string } | undefined> {
  return await db
    .selectFrom('mediaAssets')
    .leftJoin('mediaTracks', (join) =>
      join.onRef('mediaTracks.assetId', '=', 'mediaAssets.id').on('mediaTracks.fileName', '=', fileName),
    )
    .where('mediaAssets.id', '=', assetId)
    .where((eb) => eb.or([eb('mediaAssets.fileName', '=', fileName), eb('mediaTracks.fileName', '=', fileName)]))
    .select([
      'mediaAssets.movieId',
      'mediaAssets.kind',
      'mediaAssets.storagePrefix',
      sql<string>`case when media_tracks.file_name is null then media_assets.content_type
        else 'text/vtt; charset=utf-8' end`.as('contentType'),
    ])
    .executeTakeFirst();
}

/** How far a viewer has come in a film; nothing when he has not begun. */
export async function selectProgress(
  db: Db,
  userId: string,
  movieId: string,
): Promise<{ positionSeconds: number; durationSeconds: number } | undefined> {
  return await db
    .selectFrom('watchProgress')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .select(['positionSeconds', 'durationSeconds'])
    .executeTakeFirst();
}

/** Keeps how far a viewer has come; a film once watched stays watched. */
export async function upsertProgress(
  db: Db,
  progress: {
    userId: string;
    movieId: string;
    positionSeconds: number;
    durationSeconds: number;
    watchedAt: Date | null;
    updatedAt: Date;
  },
): Promise<void> {
  await db
    .insertInto('watchProgress')
    .values(progress)
    .onConflict((conflict) =>
      conflict.columns(['userId', 'movieId']).doUpdateSet({
        positionSeconds: progress.positionSeconds,
        durationSeconds: progress.durationSeconds,
        watchedAt: sql`coalesce(watch_progress.watched_at, excluded.watched_at)`,
        updatedAt: progress.updatedAt,
      }),
    )
    .execute();
}

/** A video about to be added. Its files are in the storage already, at `storagePrefix/fileName`. */
export type NewAsset = {
  movieId: string;
  kind: 'feature' | 'trailer';
  storagePrefix: string;
  fileName: string;
  contentType: string;
  byteCount: number;
  durationSeconds: number;
  width: number | null;
  height: number | null;
  tracks: { language: string; label: string; fileName: string }[];
};

/** Adds a video with its captions; gives its id. After a feature, but not after a trailer, its film has a video. */
export async function insertAsset(db: Db, { tracks, ...asset }: NewAsset): Promise<string> {
  const { id } = await db.insertInto('mediaAssets').values(asset).returning('id').executeTakeFirstOrThrow();
  if (tracks.length > 0) {
    await db
      .insertInto('mediaTracks')
      .values(tracks.map((track) => ({ ...track, assetId: id })))
      .execute();
  }
  if (asset.kind === 'feature') {
    await db.updateTable('movies').set({ hasVideo: true }).where('id', '=', asset.movieId).execute();
  }
  return id;
}
