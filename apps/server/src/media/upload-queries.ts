import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

/** A part of an upload: its object is at `uploads/<asset>/<id>`. */
export type UploadPart = { id: string; startBytes: number; sizeBytes: number };

/** Has whoever counts uploads after us wait until ours is among them. */
export async function lockUploads(trx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('online-cinema.uploads'))`.execute(trx);
}

/** Counts the uploads that more bytes may come of, those of a user among them, and what they will still take. */
export async function countUnfinished(
  db: Db,
  userId: string,
  now: Date,
): Promise<{ all: number; own: number; missingBytes: number }> {
  return await db
    .selectFrom('mediaUploads')
    .innerJoin('mediaAssets', 'mediaAssets.id', 'mediaUploads.assetId')
    .where('mediaAssets.status', '=', 'uploading')
    .where('mediaUploads.expiresAt', '>', now)
    .select((eb) => [
      eb.fn.countAll<number>().as('all'),
      eb.fn.countAll<number>().filterWhere('mediaUploads.begunBy', '=', userId).as('own'),
      // Parts and the file they are joined to are there at once for a while.
      sql<number>`coalesce(sum(2 * media_assets.size_bytes - (
        select coalesce(sum(part.size_bytes), 0) from media_upload_parts part
        where part.asset_id = media_uploads.asset_id
      )), 0)::bigint`.as('missingBytes'),
    ])
    .executeTakeFirstOrThrow();
}

export async function insertUpload(
  db: Db,
  upload: { assetId: string; begunBy: string; expiresAt: Date },
): Promise<void> {
  await db.insertInto('mediaUploads').values(upload).execute();
}

/** An upload bytes may still be added to. */
export type OpenUpload = {
  assetId: string;
  movieId: string;
  sizeBytes: number;
  receivedBytes: number;
  partCount: number;
  expiresAt: Date;
  /** What its sender said of it, as it was sent. */
  metadata: string;
};

/** Selects how long an upload is that came by tus and is complete, and what its sender said of it. */
export async function selectCompleteUpload(
  db: Db,
  assetId: string,
): Promise<{ sizeBytes: number; metadata: string } | undefined> {
  return await db
    .selectFrom('mediaAssets')
    .where('id', '=', assetId)
    .where('status', '!=', 'uploading')
    .where('uploadMetadata', 'is not', null)
    .select(['sizeBytes', 'uploadMetadata as metadata'])
    .$narrowType<{ metadata: string }>()
    .executeTakeFirst();
}

/** Selects an upload that is neither complete nor expired. */
export async function selectOpenUpload(db: Db, assetId: string, now: Date): Promise<OpenUpload | undefined> {
  const row = await db
    .selectFrom('mediaUploads')
    .innerJoin('mediaAssets', 'mediaAssets.id', 'mediaUploads.assetId')
    .where('mediaUploads.assetId', '=', assetId)
    .where('mediaUploads.expiresAt', '>', now)
    .where('mediaAssets.status', '=', 'uploading')
    .select(['mediaAssets.id as assetId', 'mediaAssets.movieId', 'mediaAssets.sizeBytes', 'mediaUploads.expiresAt'])
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('mediaUploadParts')
          .whereRef('mediaUploadParts.assetId', '=', 'mediaUploads.assetId')
          .select((part) => [
            part.fn.coalesce(part.fn.sum<number>('sizeBytes'), part.val(0)).as('receivedBytes'),
            part.fn.countAll<number>().as('partCount'),
          ])
          .as('received'),
      (join) => join.onTrue(),
    )
    .select(['received.receivedBytes', 'received.partCount', 'mediaAssets.uploadMetadata'])
    .executeTakeFirst();
  if (!row) return undefined;
  const { uploadMetadata, ...upload } = row;
  return { ...upload, metadata: uploadMetadata ?? '' };
}

/** Adds a part; `false` when another begins there already. */
export async function insertPart(db: Db, assetId: string, part: UploadPart): Promise<boolean> {
  const row = await db
    .insertInto('mediaUploadParts')
    .values({ ...part, assetId })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

export async function setUploadExpiry(db: Db, assetId: string, expiresAt: Date): Promise<void> {
  await db.updateTable('mediaUploads').set({ expiresAt }).where('assetId', '=', assetId).execute();
}

/** The parts of an upload in their order. */
export async function selectParts(db: Db, assetId: string): Promise<UploadPart[]> {
  return await db
    .selectFrom('mediaUploadParts')
    .where('assetId', '=', assetId)
    .select(['id', 'startBytes', 'sizeBytes'])
    .orderBy('startBytes')
    .execute();
}

/** Forgets an upload and its parts; `false` when there was none. */
export async function deleteUpload(db: Db, assetId: string): Promise<boolean> {
  const row = await db
    .deleteFrom('mediaUploads')
    .where('assetId', '=', assetId)
    .returning('assetId')
    .executeTakeFirst();
  return row !== undefined;
}

/** Deletes some of the assets whose upload was never completed in its time, and gives their ids. */
export async function deleteExpiredUploads(db: Db, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .deleteFrom('mediaAssets')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('mediaUploads')
        .innerJoin('mediaAssets as asset', 'asset.id', 'mediaUploads.assetId')
        .where('mediaUploads.expiresAt', '<=', now)
        .where('asset.status', '=', 'uploading')
        .select('asset.id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** Tells which of these keys are parts of an upload. */
export async function selectNamedParts(db: Db, keys: string[]): Promise<Set<string>> {
  const ids = new Map(keys.map((key) => [key.split('/').at(-1) ?? '', key]));
  const rows = await db
    .selectFrom('mediaUploadParts')
    .where('id', 'in', [...ids.keys()])
    .select('id')
    .execute();
  return new Set(rows.map(({ id }) => ids.get(id) ?? ''));
}
