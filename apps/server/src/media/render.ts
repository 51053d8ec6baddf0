import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { VideoInput } from '../lib/ffmpeg.ts';
import { describeRung, encodingArgs, listRung, type Rung, rungArgs, rungFolder, rungsFor } from './ladder.ts';
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
import type { MediaDeps, Run } from './run.ts';
import { planStoryboard, STORYBOARD_PATH, storyboardArgs, storyboardVtt } from './storyboard.ts';
import { whileThere } from './while-there.ts';
import { inWorkFolder, openLocally } from './work-folder.ts';

/** What every step works with. */
type Attempt = {
  asset: AssetRow & { durationSeconds: number; width: number; height: number };
  input: VideoInput;
  folder: string;
  signal: AbortSignal;
  onProgress: (seconds: number) => void;
};

/** A part of what is made of a film; it gives the files that came of it, which are in the storage by then. */
type Step = (deps: MediaDeps, attempt: Attempt) => Promise<MediaFile[]>;

/**
 * Makes one thing more of a film with ffmpeg, and leaves the rest to `handOn`: an MP4 where none plays, the storyboard,
 * then the ladder, rung by rung. Whoever comes after a run that was killed makes the same thing again.
 */
export async function renderAsset(deps: MediaDeps, assetId: string, run: Run): Promise<void> {
  const asset = await selectAssetRow(deps.db, assetId);
  if (!asset || asset.status === 'uploading' || !(await deps.ffmpeg.find()).ffmpeg) return;
  const { durationSeconds, width, height } = asset;
  if (durationSeconds === null || width === null || height === null) return;
  const files = await selectFiles(deps.db, assetId, 'mp4', 'source', 'hls', 'storyboard');
  const source = files.find(({ kind }) => kind === 'source') ?? files.find(({ kind }) => kind === 'mp4');
  if (!source) return;
  const { step, done, total } = nextStep({ ...asset, height }, files);
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
          await keep(deps, asset, await step(deps, { asset: whole, input, folder, signal, onProgress: progress.note }));
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
  asset: { status: AssetRow['status']; height: number },
  files: MediaFile[],
): { step: Step | undefined; done: number; total: number } {
  if (asset.status !== 'ready') return { step: convert, done: 0, total: 1 };
  const rungs = rungsFor(asset.height);
  const paths = new Set(files.map(({ path }) => path));
  const made = new Set(files.filter(({ streamInfo }) => streamInfo != null).map(({ path }) => path));
  const steps: { step: Step; isDone: boolean }[] = [
    { step: drawStoryboard, isDone: paths.has(STORYBOARD_PATH) },
    ...rungs.map((rung) => ({
      step: (deps: MediaDeps, attempt: Attempt) => makeRung(deps, attempt, rung),
      isDone: made.has(playlistOf(rung)),
    })),
  ];
  const left = steps.filter(({ isDone }) => !isDone);
  return { step: left[0]?.step, done: steps.length - left.length, total: steps.length };
}

/** More than 8K needs. */
const CONVERTED_KBPS = 40_000;

/** Makes an MP4 that plays of one that does not. What was uploaded is kept as `source`: the ladder is made of it. */
async function convert(deps: MediaDeps, { asset, input, folder, signal, onProgress }: Attempt): Promise<MediaFile[]> {
  const { storage } = deps;
  const { durationSeconds } = asset;
  const [widthPx, heightPx] = [asset.width, asset.height].map((pixels) => Math.max(2, pixels - (pixels % 2)));
  await deps.ffmpeg.run(input, {
    args: [
      encodingArgs({ crf: 20, preset: 'fast', maxKbps: CONVERTED_KBPS }),
      ['-vf', `scale=${widthPx}:${heightPx},format=yuv420p`, '-movflags', '+faststart', 'movie.mp4'],
    ].flat(),
    folder,
    durationSeconds,
    mostBytes: (CONVERTED_KBPS * 1.2 * durationSeconds * 1_000) / 8 + 20_000_000,
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

async function makeRung(
  deps: MediaDeps,
  { asset, input, folder, signal, onProgress }: Attempt,
  rung: Rung,
): Promise<MediaFile[]> {
  const { durationSeconds } = asset;
  await deps.ffmpeg.run(input, { args: rungArgs(rung, asset), folder, durationSeconds, signal, onProgress });
  const streamInfo = await describeRung(folder);
  const files: MediaFile[] = [];
  for (const name of await listRung(folder)) {
    const path = `${rungFolder(rung)}/${name}`;
    const file = await store(deps, asset, join(folder, name), { path, kind: 'hls', signal });
    files.push(path === playlistOf(rung) ? { ...file, streamInfo } : file);
  }
  return files;
}

function playlistOf(rung: Rung): string {
  return `${rungFolder(rung)}/index.m3u8`;
}

async function store(
  { storage }: MediaDeps,
  { folder }: AssetRow,
  localPath: string,
  { path, kind, signal }: Pick<MediaFile, 'path' | 'kind'> & { signal: AbortSignal },
): Promise<MediaFile> {
  const sizeBytes = await storage.put(`${folder}/${path}`, createReadStream(localPath, { signal }));
  return {
    path,
    kind,
    contentType: CONTENT_TYPES[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
    sizeBytes,
  };
}

const CONTENT_TYPES: Record<string, string> = {
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
  m3u8: 'application/vnd.apple.mpegurl',
  vtt: 'text/vtt; charset=utf-8',
  jpg: 'image/jpeg',
};

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
