import { createWriteStream } from 'node:fs';
import { mkdir, readdir, readlink, realpath, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Deps } from '../deps.ts';
import type { VideoInput } from '../lib/ffmpeg.ts';
import { MediaFault } from '../lib/media-fault.ts';
import { RECOGNIZABLE_BYTES, recognizeVideo } from '../lib/video-container.ts';
import { readBytes } from '../lib/bytes.ts';
import type { AssetRow, MediaFile } from './queries.ts';

/** The server has no room just now: another try may find some. */
export class NoRoom extends MediaFault {}

const TOUCH_INTERVAL_MS = 60_000;
const ABANDONED_AFTER_MS = 15 * TOUCH_INTERVAL_MS;

/**
 * Gives an attempt to work on an asset a folder of its own, which goes with the attempt. What an attempt left that was
 * killed goes first.
 */
export async function inWorkFolder<Result>(
  { config }: Pick<Deps, 'config'>,
  assetId: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const root = workRoot(config);
  await removeWhere(root, (name) => name.startsWith(`${assetId}.`));
  const folder = join(root, `${assetId}.${crypto.randomUUID()}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const touching = setInterval(() => {
    const now = new Date();
    utimes(folder, now, now).catch(() => undefined);
  }, TOUCH_INTERVAL_MS);
  try {
    return await work(folder);
  } finally {
    clearInterval(touching);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Removes the folders nobody works in: who does says so every minute. Gives how many there were. */
export async function sweepWorkFolders({ config }: Pick<Deps, 'config'>): Promise<number> {
  const root = workRoot(config);
  // The files' own time is the file system's, not that of `deps.clock`.
  const touchedBefore = Date.now() - ABANDONED_AFTER_MS;
  return await removeWhere(root, async (name) => {
    const found = await stat(join(root, name)).catch(() => null);
    return found !== null && found.mtimeMs < touchedBefore;
  });
}

/**
 * Gives a file of an asset as ffmpeg reads it: where it lies, or, out of a bucket, brought here first.
 *
 * @throws NoRoom, MediaFault when it is no video.
 */
export async function openLocally(
  { storage }: Pick<Deps, 'storage'>,
  asset: Pick<AssetRow, 'folder'>,
  file: MediaFile,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<VideoInput> {
  const key = `${asset.folder}/${file.path}`;
  const readAs = { method: 'GET', contentType: file.contentType, cacheControl: 'no-store', lifeSeconds: 60 } as const;
  const location = await storage.locate(key, readAs);
  if (!location) throw new Error(`${key} is nowhere`);
  const isHere = 'path' in location;
  await assertRoom(folder, file.sizeBytes * (isHere ? 1 : 2));
  const start = await readBytes(storage.read(key, { start: 0, end: RECOGNIZABLE_BYTES - 1 }));
  const container = recognizeVideo(start);
  if (!container) throw new MediaFault('This is no video.');
  if (isHere) return { file: join(location.root, location.path), container };
  const local = join(folder, 'input');
  await pipeline(Readable.from(storage.read(key)), createWriteStream(local, { mode: 0o600 }), { signal });
  return { file: local, container };
}

function workRoot({ dataDir }: Deps['config']): string {
  return resolve(dataDir, 'media-work');
}

async function assertRoom(folder: string, neededBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < neededBytes) throw new NoRoom('The server has no room to work on this film.');
}

async function removeWhere(root: string, isUnwanted: (name: string) => boolean | Promise<boolean>): Promise<number> {
  let removed = 0;
  for (const name of await readdir(root).catch(() => [])) {
    if (!(await isUnwanted(name))) continue;
    await endOrphans(join(root, name));
    await rm(join(root, name), { recursive: true, force: true });
    removed += 1;
  }
  return removed;
}

/**
 * Ends what still works in a folder: a worker that was killed could not take its ffmpeg with it. Only Linux tells who that
 * is; elsewhere it goes on for nobody until it is done, or misses its folder.
 */
async function endOrphans(folder: string): Promise<void> {
  // As Linux knows it: the data may lie behind a link.
  const where = await realpath(folder).catch(() => folder);
  for (const pid of await readdir('/proc').catch(() => [])) {
    const place = /^\d+$/.test(pid) ? await readlink(`/proc/${pid}/cwd`).catch(() => null) : null;
    if (place !== where) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
