import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { VideoInput } from '../lib/ffmpeg.ts';
import type { Sound } from '../lib/video-probe.ts';
import {
  describeRung,
  encodingArgs,
  listRung,
  type Rung,
  rungArgs,
  rungFolder,
  rungsFor,
  SOUND_KBPS,
} from './ladder.ts';
import { publishLadder } from './master.ts';
import { followProgress } from './progress.ts';
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
import { toEvenWithin } from './picture-size.ts';
import type { MediaDeps, Run } from './run.ts';
import {
  describeSounds,
  isSpokenInMany,
  localFolders,
  soundFolder,
  soundMaps,
  soundsOf,
  soundStreamArgs,
  soundTags,
} from './sounds.ts';
import { planStoryboard, STORYBOARD_PATH, storyboardArgs, storyboardVtt } from './storyboard.ts';
import { store } from './store.ts';
import { whileThere } from './while-there.ts';
import { inWorkFolder, openLocally } from './work-folder.ts';

/** What every step works with. */
type Attempt = {
  asset: AssetRow & { durationSeconds: number; width: number; height: number };
  sounds: Sound[] | null;
  input: VideoInput;
  folder: string;
  signal: AbortSignal;
  onProgress: (seconds: number) => void;
};

/** A part of what is made of a film; it gives the files that came of it, which are in the storage by then. */
type Step = (deps: MediaDeps, attempt: Attempt) => Promise<MediaFile[]>;

/**
 * Makes one thing more of a film with ffmpeg, and leaves the rest to `handOn`: an MP4 where none plays, the storyboard,
 * the sounds where there is a choice of them, then the ladder, rung by rung. Whoever comes after a run that was killed makes the same thing again.
 */
export async function renderAsset(deps: MediaDeps, assetId: string, run: Run): Promise<void> {
  const asset = await selectAssetRow(deps.db, assetId);
  if (!asset || asset.status === 'uploading' || !(await deps.ffmpeg.find()).ffmpeg) return;
  const { durationSeconds, width, height } = asset;
  if (durationSeconds === null || width === null || height === null) return;
  const files = await selectFiles(deps.db, assetId, 'mp4', 'source', 'hls', 'storyboard');
  const source = files.find(({ kind }) => kind === 'source') ?? files.find(({ kind }) => kind === 'mp4');
  if (!source) return;
  const sounds = soundsOf(asset);
  const { step, done, total } = nextStep({ ...asset, width, height, sounds }, files);
  if (!step) {
    await publishLadder(deps, asset);
    return await updateAsset(deps.db, assetId, { progress: 100 });
  }
  const isReady = asset.status === 'ready';
  if (!isReady) await updateAsset(deps.db, assetId, { status: 'processing', progress: 0, error: null });
  const progress = followProgress(deps, assetId, (seconds) => {
    const part = seconds / durationSeconds;
    return 100 * (isReady ? (done + part) / total : part);
  });
  await whileThere(deps, asset, {
    signal: run.signal,
    work: (signal) =>
      inWorkFolder(deps, assetId, async (folder) => {
        const input = await openLocally(deps, asset, source, { folder, signal });
        const whole = { ...asset, durationSeconds, width, height };
        try {
          const attempt = { asset: whole, sounds, input, folder, signal, onProgress: progress.note };
          await keep(deps, asset, await step(deps, attempt));
        } finally {
          await progress.settle();
        }
        await publishLadder(deps, asset);
        const percent = isReady ? Math.floor((100 * (done + 1)) / total) : 0;
        await moveOn(deps, asset, { progress: percent, handOn: percent < 100 ? run.handOn : null });
      }),
  });
}

function nextStep(
  asset: { status: AssetRow['status']; width: number; height: number; sounds: Sound[] | null },
  files: MediaFile[],
): { step: Step | undefined; done: number; total: number } {
  if (asset.status !== 'ready') return { step: convert, done: 0, total: 1 };
  const rungs = rungsFor(asset);
  const sounds = isSpokenInMany(asset.sounds) ? asset.sounds : [];
  const paths = new Set(files.map(({ path }) => path));
  const made = new Set(files.filter(({ streamInfo }) => streamInfo != null).map(({ path }) => path));
  const steps: { step: Step; isDone: boolean }[] = [
    { step: drawStoryboard, isDone: paths.has(STORYBOARD_PATH) },
    // Before the rungs, which are silent then.
    { step: makeSounds, isDone: sounds.every((_, place) => made.has(playlistIn(soundFolder(place)))) },
    ...rungs.map((rung) => ({
      step: (deps: MediaDeps, attempt: Attempt) => makeRung(deps, attempt, rung),
      isDone: made.has(playlistIn(rungFolder(rung))),
    })),
  ];
  const left = steps.filter(({ isDone }) => !isDone);
  return { step: left[0]?.step, done: steps.length - left.length, total: steps.length };
}

/** More than 8K needs. */
const CONVERTED_KBPS = 40_000;

/** Makes an MP4 that plays of one that does not. What was uploaded is kept as `source`: the ladder is made of it. */
async function convert(deps: MediaDeps, attempt: Attempt): Promise<MediaFile[]> {
  const { storage } = deps;
  const { asset, sounds, input, folder, signal, onProgress } = attempt;
  const { durationSeconds } = asset;
  const [widthPx, heightPx] = [asset.width, asset.height].map(toEvenWithin);
  const mostKbps = CONVERTED_KBPS + SOUND_KBPS * (sounds?.length ?? 1);
  await deps.ffmpeg.run(input, {
    args: [
      encodingArgs({ crf: 20, preset: 'fast', maxKbps: CONVERTED_KBPS, sounds: soundMaps(sounds) }),
      soundTags(sounds),
      ['-vf', `scale=${widthPx}:${heightPx},format=yuv420p`, '-movflags', '+faststart', 'movie.mp4'],
    ].flat(),
    folder,
    durationSeconds,
    mostBytes: (mostKbps * 1.2 * durationSeconds * 1_000) / 8 + 20_000_000,
    signal,
    onProgress,
  });
  const kept = await selectFiles(deps.db, asset.id, 'source', 'mp4');
  const original = kept.find(({ kind }) => kind === 'mp4');
  if (original && !kept.some(({ kind }) => kind === 'source')) {
    const sizeBytes = await storage.put(
      `${asset.folder}/source`,
      Readable.from(storage.read(`${asset.folder}/${original.path}`), { signal }),
    );
    const source = { path: 'source', kind: 'source' as const, contentType: original.contentType, sizeBytes };
    // Before the original is written over: a run that is killed then finds it here.
    await deps.db.transaction().execute(async (trx) => {
      await lockPresent(trx, asset.id);
      await upsertFiles(trx, asset.id, [source]);
      await deleteFile(trx, asset.id, original.path);
    });
  }
  return [await store(deps, asset, join(folder, 'movie.mp4'), { path: 'movie.mp4', kind: 'mp4', signal })];
}

async function drawStoryboard(deps: MediaDeps, attempt: Attempt): Promise<MediaFile[]> {
  const { asset, input, folder, signal, onProgress } = attempt;
  const plan = planStoryboard(asset);
  const { durationSeconds } = asset;
  await deps.ffmpeg.run(input, { args: storyboardArgs(plan), folder, durationSeconds, signal, onProgress });
  await writeFile(join(folder, 'storyboard.vtt'), storyboardVtt(plan, durationSeconds));
  const names = (await readdir(folder)).filter((name) => name.startsWith('sheet-')).sort();
  const files: MediaFile[] = [];
  // The one that names the others comes last.
  for (const name of [...names, 'storyboard.vtt']) {
    files.push(
      await store(deps, asset, join(folder, name), { path: `storyboard/${name}`, kind: 'storyboard', signal }),
    );
  }
  return files;
}

/** Makes a stream of each sound; what is seen is made without sound then. */
async function makeSounds(deps: MediaDeps, attempt: Attempt): Promise<MediaFile[]> {
  const { asset, input, folder, signal, onProgress } = attempt;
  const { durationSeconds } = asset;
  const sounds = attempt.sounds ?? [];
  const folders = localFolders(folder, sounds);
  for (const each of folders) await mkdir(each);
  await deps.ffmpeg.run(input, { args: soundStreamArgs(sounds), folder, durationSeconds, signal, onProgress });
  const streamInfos = await describeSounds(folders, sounds);
  const files: MediaFile[] = [];
  for (const [place, local] of folders.entries()) {
    const streamInfo = streamInfos[place] ?? '';
    files.push(...(await storeStream(deps, attempt, { local, to: soundFolder(place), streamInfo, isSound: true })));
  }
  return files;
}

async function makeRung(deps: MediaDeps, attempt: Attempt, rung: Rung): Promise<MediaFile[]> {
  const { asset, sounds, input, folder, signal, onProgress } = attempt;
  const { durationSeconds } = asset;
  const args = rungArgs(rung, isSpokenInMany(sounds) ? [] : soundMaps(sounds));
  await deps.ffmpeg.run(input, { args, folder, durationSeconds, signal, onProgress });
  const streamInfo = await describeRung(folder);
  return await storeStream(deps, attempt, { local: folder, to: rungFolder(rung), streamInfo });
}

/** Stores a playlist that was made, with its segments. */
async function storeStream(
  deps: MediaDeps,
  { asset, signal }: Attempt,
  { local, to, streamInfo, isSound = false }: { local: string; to: string; streamInfo: string; isSound?: boolean },
): Promise<MediaFile[]> {
  const files: MediaFile[] = [];
  for (const name of await listRung(local)) {
    const path = `${to}/${name}`;
    const file = await store(deps, asset, join(local, name), { path, kind: 'hls', signal });
    if (path === playlistIn(to)) files.push({ ...file, streamInfo });
    // Not counted as what one watches of the film (`playback/served.ts`): its pictures are.
    else files.push(isSound ? { ...file, contentType: 'audio/mp4' } : file);
  }
  return files;
}

function playlistIn(folder: string): string {
  return `${folder}/index.m3u8`;
}

/** Names what was made; from here on nobody makes it again. */
async function keep({ db }: MediaDeps, { id }: AssetRow, made: MediaFile[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockPresent(trx, id);
    await upsertFiles(trx, id, made);
  });
}

async function moveOn(
  { db }: MediaDeps,
  { id }: AssetRow,
  { progress, handOn }: { progress: number; handOn: Run['handOn'] | null },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await lockPresent(trx, id);
    await updateAsset(trx, id, { status: 'ready', progress, error: null });
    await handOn?.(trx);
  });
}
