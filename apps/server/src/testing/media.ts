import { randomBytes } from 'node:crypto';
import { insertReadyAsset } from '../media/queries.ts';
import type { TestApp } from './app.ts';

/** A video in the storage, and what a player should get of it. */
export type TestVideo = {
  assetId: string;
  /** The folder in the storage. */
  prefix: string;
  /** What the video's file holds. */
  bytes: Buffer;
  captions: string;
};

const CAPTIONS = 'WEBVTT\n\n00:00.000 --> 00:02.000\nGrüße!\n';
const VTT = 'text/vtt; charset=utf-8';

/** What is made of an uploaded film: adaptive renditions and preview pictures. Nobody looks at those either. */
const MADE = [
  ['hls/master.m3u8', 'hls', 'application/vnd.apple.mpegurl', '#EXTM3U\n720p/index.m3u8\n'],
  ['hls/720p/index.m3u8', 'hls', 'application/vnd.apple.mpegurl', '#EXTM3U\n0.m4s\n'],
  ['hls/720p/init.mp4', 'hls', 'video/mp4', 'the head of each segment'],
  ['hls/720p/0.m4s', 'hls', 'video/iso.segment', 'a segment'],
  ['storyboard/storyboard.vtt', 'storyboard', VTT, 'WEBVTT\n\n00:00.000 --> 00:02.000\n0.jpg#xywh=0,0,160,90\n'],
  ['storyboard/0.jpg', 'storyboard', 'image/jpeg', 'pictures'],
  ['source.mov', 'source', 'video/quicktime', 'what was uploaded'],
] as const;

/** Puts a video with English and German captions in the storage: random bytes, for nobody looks at the picture. */
export async function addVideo(
  app: Pick<TestApp, 'deps' | 'db'>,
  movieId: string,
  video: {
    kind?: 'feature' | 'trailer';
    byteCount?: number;
    durationSeconds?: number;
    /** Whether there is all that is made of an uploaded film, beside its MP4. */
    isMade?: boolean;
  } = {},
): Promise<TestVideo> {
  const { kind = 'feature', byteCount = 1_000, durationSeconds = 100, isMade = false } = video;
  const prefix = `media/${crypto.randomUUID()}`;
  const bytes = randomBytes(byteCount);
  const contents = [
    ['film.mp4', 'mp4', 'video/mp4', bytes],
    ['film.en.vtt', 'track', VTT, CAPTIONS],
    ['film.de.vtt', 'track', VTT, CAPTIONS],
    ...(isMade ? MADE : []),
  ] as const;
  const files = [];
  for (const [path, fileKind, contentType, content] of contents) {
    const sizeBytes = await app.deps.storage.put(`${prefix}/${path}`, Buffer.from(content));
    files.push({ path, kind: fileKind, contentType, sizeBytes });
  }
  const assetId = await insertReadyAsset(app.db, {
    movieId,
    kind,
    folder: prefix,
    sizeBytes: byteCount,
    durationSeconds,
    width: 640,
    height: 360,
    files,
    tracks: [
      { language: 'en', label: 'English', path: 'film.en.vtt' },
      { language: 'de', label: 'Deutsch', path: 'film.de.vtt' },
    ],
  });
  return { assetId, prefix, bytes, captions: CAPTIONS };
}

/** The address of a file as a test reaches it: addresses the cinema gives begin with its public one. */
export function localAddress(app: Pick<TestApp, 'url' | 'config'>, address: string): string {
  return address.replace(app.config.publicUrl, app.url);
}
