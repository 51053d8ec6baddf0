import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readBytes } from '../lib/bytes.ts';
import type { VideoInput } from '../lib/ffmpeg.ts';
import {
  addToMaster,
  describeRung,
  encodingArgs,
  listRung,
  MASTER_PATH,
  rungArgs,
  rungFolder,
  rungsFor,
} from './ladder.ts';
import { followProgress, noteFailure } from './progress.ts';
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
import { planStoryboard, STORYBOARD_PATH, storyboardArgs, storyboardVtt } from './storyboard.ts';
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
  const { step, done, total } = nextStep({ ...asset, height }, new Set(files.map(({ path }) => path)));
  if (!step) return await updateAsset(deps.db, assetId, { progress: 100 });

  const isReady = asset.status === 'ready';
  if (!isReady) await updateAsset(deps.db, assetId, { status: 'processing', progress: 0, error: null });
  const progress = followProgress(deps, assetId, (seconds) => {
    const part = seconds / durationSeconds;
    return 100 * (isReady ? (done + part) / total : part);
  });
  try {
    await inWorkFolder(deps, assetId, async (folder) => {
      const input = await openLocally(deps, asset, source, folder);
      const made = await step(deps, {
        asset: { ...asset, durationSeconds, width, height },
        input,
        folder,
        signal: run.signal,
        onProgress: progress.note,
      });
      await progress.settle();
      const percent = isReady ? Math.floor((100 * (done + 1)) / total) : 0;
      await keep(deps, asset, { made, progress: percent, handOn: percent < 100 ? run.handOn : null });
    });
  } catch (error) {
    await progress.settle();
    await noteFailure(deps, assetId, error);
    throw error;
  }
}

function nextStep(
  asset: { status: AssetRow['status']; height: number },
  paths: Set<string>,
): { step: Step | undefined; done: number; total: number } {
  if (asset.status !== 'ready') return { step: convert, done: 0, total: 1 };
  const rungs = rungsFor(asset.height);
  const steps: { step: Step; isDone: boolean }[] = [
    { step: drawStoryboard, isDone: paths.has(STORYBOARD_PATH) },
    ...rungs.map((rung) => ({
      step: (deps: MediaDeps, attempt: Attempt) => makeRung(deps, attempt, rung),
      isDone: paths.has(`${rungFolder(rung)}/index.m3u8`),
    })),
  ];
  const left = steps.filter(({ isDone }) => !isDone);
  return { step: left[0]?.step, done: steps.length - left.length, total: steps.length };
}

/** Makes an MP4 that plays of one that does not. What was uploaded is kept as `source`: the ladder is made of it. */
async function convert(deps: MediaDeps, { asset, input, folder, signal, onProgress }: Attempt): Promise<MediaFile[]> {
  const { storage } = deps;
  await deps.ffmpeg.run(input, {
    args: [
      ...encodingArgs({ crf: 20, preset: 'fast' }),
      '-vf',
      'scale=trunc(iw/2)*2:trunc(ih/2)*2,format=yuv420p',
      '-movflags',
      '+faststart',
      'movie.mp4',
    ],
    folder,
    signal,
    onProgress,
  });
  const kept = await selectFiles(deps.db, asset.id, 'source', 'mp4');
  const original = kept.find(({ kind }) => kind === 'mp4');
  if (original && !kept.some(({ kind }) => kind === 'source')) {
    const sizeBytes = await storage.put(
      `${asset.folder}/source`,
      Readable.from(storage.read(`${asset.folder}/${original.path}`)),
    );
    const source = { path: 'source', kind: 'source' as const, contentType: original.contentType, sizeBytes };
    // Before the original is written over: a run that is killed then finds it here.
    await deps.db.transaction().execute(async (trx) => {
      await upsertFiles(trx, asset.id, [source]);
      await deleteFile(trx, asset.id, original.path);
    });
  }
  return [await store(deps, asset, join(folder, 'movie.mp4'), { path: 'movie.mp4', kind: 'mp4' })];
}

async function drawStoryboard(deps: MediaDeps, attempt: Attempt): Promise<MediaFile[]> {
  const { asset, input, folder, signal, onProgress } = attempt;
  const plan = planStoryboard(asset);
  await deps.ffmpeg.run(input, { args: storyboardArgs(plan), folder, signal, onProgress });
  await writeFile(join(folder, 'storyboard.vtt'), storyboardVtt(plan, asset.durationSeconds));
  const names = (await readdir(folder)).filter((name) => name.startsWith('sheet-')).sort();
  const files: MediaFile[] = [];
  // The one that names the others comes last.
  for (const name of [...names, 'storyboard.vtt']) {
    files.push(await store(deps, asset, join(folder, name), { path: `storyboard/${name}`, kind: 'storyboard' }));
  }
  return files;
}

async function makeRung(
  deps: MediaDeps,
  { asset, input, folder, signal, onProgress }: Attempt,
  rung: ReturnType<typeof rungsFor>[number],
): Promise<MediaFile[]> {
  await deps.ffmpeg.run(input, { args: rungArgs(rung), folder, signal, onProgress });
  const files: MediaFile[] = [];
  for (const name of await listRung(folder)) {
    signal.throwIfAborted();
    files.push(await store(deps, asset, join(folder, name), { path: `${rungFolder(rung)}/${name}`, kind: 'hls' }));
  }
  const known = (await selectFiles(deps.db, asset.id, 'hls')).some(({ path }) => path === MASTER_PATH);
  const before = known ? (await readBytes(deps.storage.read(`${asset.folder}/${MASTER_PATH}`))).toString() : null;
  const master = join(folder, 'whole.m3u8');
  await writeFile(master, addToMaster(before, rung, await describeRung(folder, rung)));
  return [...files, await store(deps, asset, master, { path: MASTER_PATH, kind: 'hls' })];
}

async function store(
  { storage }: MediaDeps,
  { folder }: AssetRow,
  localPath: string,
  { path, kind }: Pick<MediaFile, 'path' | 'kind'>,
): Promise<MediaFile> {
  const sizeBytes = await storage.put(`${folder}/${path}`, createReadStream(localPath));
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

async function keep(
  { db, queue }: MediaDeps,
  { id, folder }: AssetRow,
  { made, progress, handOn }: { made: MediaFile[]; progress: number; handOn: Run['handOn'] | null },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await lockAsset(trx, id))) {
      // Deleted meanwhile: what was made since goes too.
      await queue.enqueue(trx, removeMediaJob, { keys: [folder] });
      return;
    }
    await upsertFiles(trx, id, made);
    await updateAsset(trx, id, { status: 'ready', progress, error: null });
    await handOn?.(trx);
  });
}
