import { type S3, startS3 } from '@online-cinema/local-services/s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo, localAddress } from '../testing/media.ts';

let s3: S3;
let app: TestApp;
let viewer: Viewer;
let src: string;
beforeAll(async () => {
  s3 = await startS3();
  app = await startTestApp({
    STORAGE_URL: `s3://${s3.bucket}?endpoint=${s3.url}`,
    S3_ACCESS_KEY_ID: s3.accessKeyId,
    S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    CORS_ORIGINS: 'https://player.example',
  });
  viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { isMade: true });
  src = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: film.id })).src);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await s3.stop();
});

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return await fetch(src.replace('film.mp4', path), { redirect: 'manual', headers });
}

test.for(['film.mp4', 'hls/720p/init.mp4', 'hls/720p/0.m4s', 'storyboard/0.jpg'])(
  '%s is read from the bucket',
  async (path) => {
    const answer = await ask(path);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store']);
    expect(answer.headers.get('location')).toContain(new URL(s3.url).host);
  },
);

// Elsewhere, the files it names would be asked of the bucket, without a grant.
test.for([
  ['hls/master.m3u8', 'application/vnd.apple.mpegurl', '#EXTM3U'],
  ['hls/720p/index.m3u8', 'application/vnd.apple.mpegurl', '#EXTM3U'],
  ['storyboard/storyboard.vtt', 'text/vtt; charset=utf-8', 'WEBVTT'],
  ['film.en.vtt', 'text/vtt; charset=utf-8', 'WEBVTT'],
] as const)('%s comes from here, as it names others beside it', async ([path, contentType, beginning]) => {
  const answer = await ask(path, { origin: 'https://player.example' });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, contentType]);
  expect(answer.headers.get('cache-control')).toBe('private, max-age=3600');
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://player.example');
  expect(answer.headers.get('access-control-expose-headers')).toContain('content-range');
  expect(await answer.text()).toMatch(new RegExp(`^${beginning}`));
  const etag = answer.headers.get('etag') ?? '';
  expect((await ask(path, { 'if-none-match': etag })).status).toBe(304);
});

// Whatever range it was asked for: the address opens all of the file, for as long as the grant is good.
test('what an address in the bucket opens counts as sent', async () => {
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { isMade: true, durationSeconds: 6_000 });
  const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: film.id })).src);
  const shareAfter = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(address.replace('film.mp4', path), { ...init, redirect: 'manual' });
    expect(answer.status).toBe(302);
    const rows = app.db.selectFrom('playbackServed').where('movieId', '=', film.id).select('share');
    return (await rows.executeTakeFirst())?.share ?? 0;
  };
  expect(await shareAfter('film.mp4', { method: 'HEAD' })).toBe(0);
  expect(await shareAfter('hls/720p/init.mp4')).toBe(0);
  expect(await shareAfter('storyboard/0.jpg')).toBe(0);
  expect(await shareAfter('hls/720p/0.m4s')).toBeCloseTo(0.001);
  expect(await shareAfter('film.mp4', { headers: { range: 'bytes=0-1' } })).toBeCloseTo(1.001);
});
