import { randomBytes } from 'node:crypto';
import { insertAsset } from '../playback/queries.ts';
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

/** Puts a video with English and German captions in the storage: random bytes, for nobody looks at the picture. */
export async function addVideo(
  app: Pick<TestApp, 'deps' | 'db'>,
  movieId: string,
  video: { kind?: 'feature' | 'trailer'; byteCount?: number; durationSeconds?: number } = {},
): Promise<TestVideo> {
  const { kind = 'feature', byteCount = 1_000, durationSeconds = 100 } = video;
  const prefix = `media/${crypto.randomUUID()}`;
  const bytes = randomBytes(byteCount);
  const { storage } = app.deps;
  await storage.put(`${prefix}/film.mp4`, bytes);
  for (const language of ['en', 'de']) await storage.put(`${prefix}/film.${language}.vtt`, Buffer.from(CAPTIONS));
  const assetId = await insertAsset(app.db, {
    movieId,
    kind,
    storagePrefix: prefix,
    fileName: 'film.mp4',
    contentType: 'video/mp4',
    byteCount,
    durationSeconds,
    width: 640,
    height: 360,
    tracks: [
      { language: 'en', label: 'English', fileName: 'film.en.vtt' },
      { language: 'de', label: 'Deutsch', fileName: 'film.de.vtt' },
    ],
  });
  return { assetId, prefix, bytes, captions: CAPTIONS };
}

/** The address of a file as a test reaches it: addresses the cinema gives begin with its public one. */
export function localAddress(app: Pick<TestApp, 'url' | 'config'>, address: string): string {
  return address.replace(app.config.publicUrl, app.url);
}
