import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../lib/bytes.ts';
import { MediaFault, type Probe, type VideoInput } from '../lib/ffmpeg.ts';
import { type Mp4Layout, readMp4Layout } from '../lib/video-container.ts';
import { followProgress, noteFailure } from './progress.ts';
import { joinParts } from './parts.ts';
import {
  type AssetRow,
  deleteFile,
  lockAsset,
  type MediaFile,
  selectAssetRow,
  selectFiles,
  updateAsset,
  upsertFiles,
} from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';
import type { MediaDeps, Run } from './run.ts';
import { inWorkFolder, openLocally } from './work-folder.ts';

/**
 * Makes an uploaded file playable: joins its parts, looks into it, puts its index first. What ffmpeg has to convert, and
 * streams and storyboard, are left to `handOn`. Without ffmpeg an MP4 plays as it is.
 */
export async function prepareAsset(deps: MediaDeps, assetId: string, run: Run): Promise<void> {
  const asset = await selectAssetRow(deps.db, assetId);
  if (!asset || asset.status === 'uploading' || asset.status === 'ready') return;
  await updateAsset(deps.db, assetId, { status: 'processing', progress: 0, error: null });
  try {
    await joinParts(deps, asset, run.signal);
    const [file] = await selectFiles(deps.db, assetId, 'source', 'mp4');
    if (!file) return; // deleted meanwhile
    await inWorkFolder(deps, assetId, (folder) => makePlayable(deps, { asset, file, folder }, run));
  } catch (error) {
    await noteFailure(deps, assetId, error);
    throw error;
  }
}

type Attempt = { asset: AssetRow; file: MediaFile; folder: string };

async function makePlayable(deps: MediaDeps, attempt: Attempt, run: Run): Promise<void> {
  const { asset, file, folder } = attempt;
  const has = await deps.ffmpeg.find();
  const layout = file.kind === 'mp4' ? await readLayout(deps, asset, file) : null;
  if (!has.ffprobe) return await playAsItIs(deps, attempt, layout);
  const input = await openLocally(deps, asset, file, folder);
  const probe = await deps.ffmpeg.probe(input, run.signal);
  await updateAsset(deps.db, asset.id, { ...columnsOf(probe), progress: 10 });
  const isPlayable = playsInBrowsers(probe);
  if (isPlayable && file.kind === 'mp4' && (layout?.isFastStart || !has.ffmpeg)) {
    return await finish(deps, asset, { handOn: has.ffmpeg ? run.handOn : null });
  }
  if (!has.ffmpeg) throw new MediaFault(`${CONVERTER_MISSING} It holds ${probe.videoCodec}.`);
  // To convert takes long: that is for the one who converts.
  if (!isPlayable) return await deps.db.transaction().execute(run.handOn);
  await remux(deps, attempt, { input, probe, run });
}

const CONVERTER_MISSING =
  'This server has no ffmpeg to convert the file with. Send an MP4 with H.264 and AAC, or install ffmpeg and retry the job.';

async function playAsItIs(deps: MediaDeps, { asset, file }: Attempt, layout: Mp4Layout | null): Promise<void> {
  if (file.kind !== 'mp4') throw new MediaFault(CONVERTER_MISSING);
  const durationSeconds = layout?.durationSeconds ?? null;
  if (durationSeconds === null) throw new MediaFault('The file is damaged, or does not say how long the film is.');
  await updateAsset(deps.db, asset.id, { durationSeconds });
  await finish(deps, asset, { handOn: null });
}

/** Puts the index first, and what plays already into an MP4; not a picture is changed. */
async function remux(
  deps: MediaDeps,
  { asset, file, folder }: Attempt,
  { input, probe, run }: { input: VideoInput; probe: Probe; run: Run },
): Promise<void> {
  const path = 'movie.mp4';
  const progress = followProgress(deps, asset.id, (seconds) => 10 + (80 * seconds) / probe.durationSeconds);
  await deps.ffmpeg.run(input, {
    // The picture that moves, not the cover; every language it is spoken in.
    args: ['-map', '0:V:0', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1', '-movflags', '+faststart', path],
    folder,
    signal: run.signal,
    onProgress: progress.note,
  });
  await progress.settle();
  const sizeBytes = await deps.storage.put(`${asset.folder}/${path}`, createReadStream(join(folder, path)));
  await finish(deps, asset, {
    handOn: run.handOn,
    made: { path, kind: 'mp4', contentType: 'video/mp4', sizeBytes },
    replaced: file.path === path ? null : file.path,
  });
}

/** Says that the asset plays, and what of it is new. */
async function finish(
  { db, queue }: MediaDeps,
  { id, folder }: AssetRow,
  { handOn, made, replaced = null }: { handOn: Run['handOn'] | null; made?: MediaFile; replaced?: string | null },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await lockAsset(trx, id))) {
      // Deleted meanwhile: what was made since goes too.
      await queue.enqueue(trx, removeMediaJob, { keys: [folder] });
      return;
    }
    if (made) await upsertFiles(trx, id, [made]);
    if (replaced !== null && (await deleteFile(trx, id, replaced))) {
      await queue.enqueue(trx, removeMediaJob, { keys: [`${folder}/${replaced}`] });
    }
    await updateAsset(trx, id, { status: 'ready', progress: handOn ? 0 : 100, error: null });
    await handOn?.(trx);
  });
}

async function readLayout(
  { storage }: MediaDeps,
  { folder }: AssetRow,
  { path, sizeBytes }: MediaFile,
): Promise<Mp4Layout | null> {
  const key = `${folder}/${path}`;
  return await readMp4Layout(async (start, end) => {
    return start >= sizeBytes ? new Uint8Array() : await readBytes(storage.read(key, { start, end }));
  }, sizeBytes);
}

function columnsOf({ durationSeconds, width, height, videoCodec, audioCodec, bitrate }: Probe) {
  return { durationSeconds, width, height, videoCodec, audioCodec, bitrate };
}

/** H.264 with eight bits a colour, and AAC or MP3 where there is sound, play everywhere. */
function playsInBrowsers({ videoCodec, pixelFormat, audioCodec }: Probe): boolean {
  const hasPlainColours = pixelFormat === 'yuv420p' || pixelFormat === 'yuvj420p';
  return videoCodec === 'h264' && hasPlainColours && [null, 'aac', 'mp3'].includes(audioCodec);
}
