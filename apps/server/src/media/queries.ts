import type { MediaKind } from '@online-cinema/contract/media';
import type { Db } from '@online-cinema/db/open';
import type { DB } from '@online-cinema/db/types.gen';
import { type Insertable, type Selectable, sql, type Updateable } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';

/** An asset as those see it who work on it. */
export type AssetRow = Selectable<DB['mediaAssets']>;

/** A file of an asset; its object is at `<folder of the asset>/<path>`. */
export type MediaFile = Omit<Selectable<DB['mediaFiles']>, 'assetId' | 'streamInfo'> & {
  /** At the playlist of a rung or of a sound: what the master playlist says of it. */
  streamInfo?: string | null;
};

/** A rung or a sound that is whole: its playlist, and what the master playlist says of it. */
export type MadeRung = { path: string; streamInfo: string };

/** Captions and what they are called. */
export type TrackFile = { language: string; label: string; path: string };

/** Adds an asset and gives its id. */
export async function insertAssetRow(
  db: Db,
  asset: Omit<Insertable<DB['mediaAssets']>, 'createdAt' | 'updatedAt'>,
): Promise<string> {
  const { id } = await db.insertInto('mediaAssets').values(asset).returning('id').executeTakeFirstOrThrow();
  return id;
}

/** A video that plays already. Its files are in the storage, below `folder`. */
export type ReadyAsset = {
  movieId: string;
  kind: MediaKind;
  folder: string;
  sizeBytes: number;
  durationSeconds: number;
  width: number | null;
  height: number | null;
  files: MediaFile[];
  tracks: TrackFile[];
};

/** Adds a video that plays already, with its captions; gives its id. */
export async function insertReadyAsset(db: Db, { files, tracks, ...asset }: ReadyAsset): Promise<string> {
  const id = await insertAssetRow(db, { ...asset, status: 'ready', progress: 100 });
  await upsertFiles(db, id, files);
  for (const track of tracks) await upsertTrack(db, id, track);
  return id;
}

export async function selectAssetRow(db: Db, assetId: string): Promise<AssetRow | undefined> {
  return await db.selectFrom('mediaAssets').where('id', '=', assetId).selectAll().executeTakeFirst();
}

export async function hasAsset(db: Db, assetId: string): Promise<boolean> {
  const row = await db.selectFrom('mediaAssets').where('id', '=', assetId).select('id').executeTakeFirst();
  return row !== undefined;
}

/** Selects an asset of a film and keeps others from changing it; nothing when the film has none such. */
export async function lockAsset(trx: Db, assetId: string, movieId?: string): Promise<AssetRow | undefined> {
  return await trx
    .selectFrom('mediaAssets')
    .where('id', '=', assetId)
    .$if(movieId !== undefined, (query) => query.where('movieId', '=', movieId ?? ''))
    .selectAll()
    .forUpdate()
    .executeTakeFirst();
}

/** Keeps others from changing an asset that is worked on. @throws Error when it was deleted meanwhile. */
export async function lockPresent(trx: Db, assetId: string): Promise<void> {
  if (!(await lockAsset(trx, assetId))) throw new Error('the film was deleted while it was worked on');
}

export async function updateAsset(
  db: Db,
  assetId: string,
  values: Omit<Updateable<DB['mediaAssets']>, 'updatedAt'>,
): Promise<void> {
  await db
    .updateTable('mediaAssets')
    .set({ ...values, updatedAt: sql`now()` })
    .where('id', '=', assetId)
    .execute();
}

export async function deleteAsset(trx: Db, assetId: string): Promise<void> {
  await trx.deleteFrom('mediaAssets').where('id', '=', assetId).execute();
}

/** Names files of an asset; those already there may have become larger or smaller. */
export async function upsertFiles(db: Db, assetId: string, files: MediaFile[]): Promise<void> {
  // A film has thousands of segments, a statement no more than 65,535 values.
  for (let start = 0; start < files.length; start += 1_000) {
    await db
      .insertInto('mediaFiles')
      .values(files.slice(start, start + 1_000).map((file) => ({ streamInfo: null, ...file, assetId })))
      .onConflict((conflict) =>
        conflict.columns(['assetId', 'path']).doUpdateSet((eb) => ({
          kind: eb.ref('excluded.kind'),
          contentType: eb.ref('excluded.contentType'),
          sizeBytes: eb.ref('excluded.sizeBytes'),
          streamInfo: eb.ref('excluded.streamInfo'),
        })),
      )
      .execute();
  }
}

export async function selectFiles(db: Db, assetId: string, ...kinds: MediaFile['kind'][]): Promise<MediaFile[]> {
  return await db
    .selectFrom('mediaFiles')
    .where('assetId', '=', assetId)
    .where('kind', 'in', kinds)
    .select(['path', 'kind', 'contentType', 'sizeBytes', 'streamInfo'])
    .orderBy('path')
    .execute();
}

/** The rungs and sounds of an asset that are whole. */
export async function selectRungs(db: Db, assetId: string): Promise<MadeRung[]> {
  return await db
    .selectFrom('mediaFiles')
    .where('assetId', '=', assetId)
    .where('streamInfo', 'is not', null)
    .select(['path', 'streamInfo'])
    .$narrowType<{ streamInfo: string }>()
    .orderBy('path')
    .execute();
}

/** Forgets a file of an asset, and the track it is. */
export async function deleteFile(db: Db, assetId: string, path: string): Promise<boolean> {
  const row = await db
    .deleteFrom('mediaFiles')
    .where('assetId', '=', assetId)
    .where('path', '=', path)
    .returning('path')
    .executeTakeFirst();
  return row !== undefined;
}

/** Names captions, or names them anew; their file must be there. */
export async function upsertTrack(db: Db, assetId: string, track: TrackFile): Promise<void> {
  await db
    .insertInto('mediaTracks')
    .values({ ...track, assetId })
    .onConflict((conflict) =>
      conflict.columns(['assetId', 'language']).doUpdateSet({ label: track.label, path: track.path }),
    )
    .execute();
}

export async function selectTrack(db: Db, assetId: string, language: string): Promise<TrackFile | undefined> {
  return await db
    .selectFrom('mediaTracks')
    .where('assetId', '=', assetId)
    .where('language', '=', language)
    .select(['language', 'label', 'path'])
    .executeTakeFirst();
}

/** All of a film's assets with what there is of each, newest first. */
export async function selectAssets(db: Db, movieId: string) {
  return await db
    .selectFrom('mediaAssets')
    .where('movieId', '=', movieId)
    .selectAll()
    .select((eb) => [
      jsonArrayFrom(
        eb
          .selectFrom('mediaFiles')
          .whereRef('mediaFiles.assetId', '=', 'mediaAssets.id')
          .select((column) => [
            'mediaFiles.kind',
            column.fn.countAll<number>().as('count'),
            column.fn.sum<number>('mediaFiles.sizeBytes').as('sizeBytes'),
          ])
          .groupBy('mediaFiles.kind')
          .orderBy('mediaFiles.kind'),
      ).as('files'),
      jsonArrayFrom(
        eb
          .selectFrom('mediaTracks')
          .whereRef('mediaTracks.assetId', '=', 'mediaAssets.id')
          .select(['mediaTracks.language', 'mediaTracks.label'])
          .orderBy('mediaTracks.language'),
      ).as('tracks'),
      eb
        .selectFrom('mediaUploadParts')
        .whereRef('mediaUploadParts.assetId', '=', 'mediaAssets.id')
        .select((column) => column.fn.sum<number | null>('mediaUploadParts.sizeBytes').as('bytes'))
        .as('receivedBytes'),
    ])
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .execute();
}

/** Tells which of these keys a file of an asset names; `media/<folder>/<path>`. */
export async function selectNamedMedia(db: Db, keys: string[]): Promise<Set<string>> {
  const rows = await db
    .selectFrom('mediaFiles')
    .innerJoin('mediaAssets', 'mediaAssets.id', 'mediaFiles.assetId')
    .where('mediaAssets.folder', 'in', [...new Set(keys.map((key) => key.split('/').slice(0, 2).join('/')))])
    .where(sql`media_assets.folder || '/' || media_files.path`, 'in', keys)
    .select(sql<string>`media_assets.folder || '/' || media_files.path`.as('key'))
    .execute();
  return new Set(rows.map(({ key }) => key));
}

/** Tells which of these folders are of an asset, `media/<folder>`, or of an upload, `uploads/<asset>`. */
export async function selectKnownFolders(db: Db, folders: string[]): Promise<Set<string>> {
  if (folders.length === 0) return new Set();
  const { rows } = await sql<{ folder: string }>`
    select folder from unnest(${folders}::text[]) as asked (folder)
    where exists (select from media_assets asset where asset.folder = asked.folder)
      or exists (select from media_uploads upload where 'uploads/' || upload.asset_id = asked.folder)`.execute(db);
  return new Set(rows.map(({ folder }) => folder));
}

/** Gives up what nobody has worked on since then, and gives the ids. */
export async function failStaleAssets(db: Db, before: Date, error: string): Promise<string[]> {
  const rows = await db
    .updateTable('mediaAssets')
    .set({ status: 'failed', error, updatedAt: sql`now()` })
    .where('status', '=', 'processing')
    .where('updatedAt', '<', before)
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}
