import { createReadStream } from 'node:fs';
import type { AssetRow, MediaFile } from './queries.ts';
import type { MediaDeps } from './run.ts';

/** Stores a file that was made for an asset at `path` below its folder, and gives how it is to be named. */
export async function store(
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
