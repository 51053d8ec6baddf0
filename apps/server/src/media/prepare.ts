import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { readBytes } from '../lib/bytes.ts';
import type { VideoInput } from '../lib/ffmpeg.ts';
import { MediaFault } from '../lib/media-fault.ts';
import { NO_PICTURE, type Probe, type Sound } from '../lib/video-probe.ts';
import { type Mp4Layout, readMp4Layout } from '../lib/video-container.ts';
import { followProgress } from './progress.ts';
import { joinParts } from './parts.ts';
import {
  type AssetRow,
  deleteFile,
  lockPresent,
  type MediaFile,
  selectAssetRow,
  selectFiles,
  updateAsset,
  upsertFiles,
} from './queries.ts';
import { removeMediaJob } from './removal-jobs.ts';
import type { MediaDeps, Run } from './run.ts';
import { soundMaps, soundTags } from './sounds.ts';
import { whileThere } from './while-there.ts';
import { inWorkFolder, openLocally } from './work-folder.ts';

/**
 * Makes an uploaded file playable: joins its parts, looks into it, puts its index first. What ffmpeg has to convert, and
 * streams and storyboard, are left to `handOn`. Without ffmpeg an MP4 plays as it is.
 */
export async function prepareAsset(deps: MediaDeps, assetId: string, run: Run): Promise<void> {
  const asset = await selectAssetRow(deps.db, assetId);
  if (!asset || asset.status === 'uploading' || asset.status === 'ready') return;
  await updateAsset(deps.db, assetId, { status: 'processing', progress: 0, error: null });
  await whileThere(deps, asset, {
    signal: run.signal,
    async work(signal) {
      await joinParts(deps, asset, signal);
      const [file] = await selectFiles(deps.db, assetId, 'source', 'mp4');
      if (!file) return; // deleted meanwhile
      await inWorkFolder(deps, assetId, (folder) =>
        makePlayable(deps, { asset, file, folder }, { signal, handOn: run.handOn }),
      );
    },
  });
}

type Attempt = { asset: AssetRow; file: MediaFile; folder: string };

async function makePlayable(deps: MediaDeps, attempt: Attempt, run: Run): Promise<void> {
  const { asset, file, folder } = attempt;
  const has = await deps.ffmpeg.find();
  const layout = file.kind === 'mp4' ? await readLayout(deps, asset, file) : null;
  if (!has.ffprobe) return await playAsItIs(deps, attempt, layout);
  const input = await openLocally(deps, asset, file, { folder, signal: run.signal });
  const probe = await deps.ffmpeg.probe(input, run.signal);
  await updateAsset(deps.db, asset.id, { ...columnsOf(probe), progress: 10 });
  const [firstSound] = probe.sounds;
  const isPlayable = isPictureFine(probe) && (firstSound === undefined || isSoundFine(firstSound));
  if (isPlayable && file.kind === 'mp4' && (layout?.isFastStart || !has.ffmpeg)) {
    return await finish(deps, asset, { handOn: has.ffmpeg ? run.handOn : null });
  }
  if (!has.ffmpeg) {
    throw new MediaFault(
      `${CONVERTER_MISSING} It holds ${[probe.videoCodec, ...probe.sounds.map(({ codec }) => codec)].join(', ')}.`,
    );
  }
  // To convert pictures takes long: that is for the one who converts.
  if (!isPictureFine(probe)) return await deps.db.transaction().execute(run.handOn);
  await remux(deps, attempt, { input, probe, run });
}

const CONVERTER_MISSING =
  'This server has no ffmpeg to convert the file with. Send an MP4 with H.264 and AAC, or install ffmpeg and retry the job.';

async function playAsItIs(deps: MediaDeps, { asset, file }: Attempt, layout: Mp4Layout | null): Promise<void> {
  if (file.kind !== 'mp4') throw new MediaFault(CONVERTER_MISSING);
  if (layout && !layout.hasPicture) throw new MediaFault(NO_PICTURE);
  const durationSeconds = layout?.durationSeconds ?? null;
  if (durationSeconds === null) throw new MediaFault('The file is damaged, or does not say how long the film is.');
  await updateAsset(deps.db, asset.id, { durationSeconds });
  await finish(deps, asset, { handOn: null });
}

const SOUND_KBPS = 160;

/** Puts the index first, and what plays already into an MP4; not a picture is changed, and sound only where it must be. */
async function remux(
  deps: MediaDeps,
  { asset, file, folder }: Attempt,
  { input, probe, run }: { input: VideoInput; probe: Probe; run: Run },
): Promise<void> {
  const path = 'movie.mp4';
  const progress = followProgress(deps, asset.id, (seconds) => 10 + (80 * seconds) / probe.durationSeconds);
  const { durationSeconds } = probe;
  const sounds = readableOf(probe);
  await deps.ffmpeg.run(input, {
    args: [
      // The picture that moves, not the cover; every language it is spoken in.
      ['-map', '0:V:0', ...soundMaps(sounds)],
      ['-c', 'copy', ...sounds.flatMap((sound, place) => (isSoundFine(sound) ? [] : soundArgs(place)))],
      ['-map_metadata', '-1', ...soundTags(sounds), '-movflags', '+faststart', path],
    ].flat(),
    folder,
    durationSeconds,
    mostBytes: 1.2 * file.sizeBytes + (SOUND_KBPS * 1.2 * durationSeconds * sounds.length * 1_000) / 8 + 20_000_000,
    signal: run.signal,
    onProgress: progress.note,
  });
  await progress.settle();
  const content = createReadStream(join(folder, path), { signal: run.signal });
  const sizeBytes = await deps.storage.put(`${asset.folder}/${path}`, content);
  await finish(deps, asset, {
    handOn: run.handOn,
    made: { path, kind: 'mp4', contentType: 'video/mp4', sizeBytes },
    sounds: sounds.map((sound, index) => ({ ...sound, index })),
    replaced: file.path === path ? null : file.path,
  });
}

/** Says that the asset plays, and what of it is new. */
async function finish(
  { db, queue }: MediaDeps,
  { id, folder }: AssetRow,
  {
    handOn,
    made,
    sounds,
    replaced = null,
  }: { handOn: Run['handOn'] | null; made?: MediaFile; sounds?: Sound[]; replaced?: string | null },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockPresent(trx, id);
    if (made) await upsertFiles(trx, id, [made]);
    if (replaced !== null && (await deleteFile(trx, id, replaced))) {
      await queue.enqueue(trx, removeMediaJob, { keys: [`${folder}/${replaced}`] });
    }
    // Of several, some may have been left out: in the file that was made they stand elsewhere.
    const found = sounds && { sounds: JSON.stringify(sounds) };
    await updateAsset(trx, id, { status: 'ready', progress: handOn ? 0 : 100, error: null, ...found });
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

function columnsOf(probe: Probe) {
  const { durationSeconds, width, height, videoCodec, bitrate } = probe;
  const sounds = JSON.stringify(readableOf(probe));
  return { durationSeconds, width, height, videoCodec, audioCodec: probe.sounds[0]?.codec ?? null, bitrate, sounds };
}

function readableOf({ sounds }: Probe): Sound[] {
  return sounds.filter(({ codec }) => codec !== 'unknown');
}

/** H.264 with eight bits a colour plays everywhere. */
function isPictureFine({ videoCodec, pixelFormat }: Probe): boolean {
  return videoCodec === 'h264' && (pixelFormat === 'yuv420p' || pixelFormat === 'yuvj420p');
}

/** So do AAC and MP3. Much else an MP4 can't even hold. */
function isSoundFine({ codec }: Sound): boolean {
  return codec === 'aac' || codec === 'mp3';
}

/** What makes AAC of one of the sounds. */
function soundArgs(index: number): string[] {
  return [`-c:a:${index}`, 'aac', `-b:a:${index}`, `${SOUND_KBPS}k`, `-ac:a:${index}`, '2'];
}
