import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { addVideo, localAddress, type TestVideo } from '../testing/media.ts';
import { sendRaw } from '../testing/raw-request.ts';

let app: TestApp;
let viewer: Viewer;
let film: TestMovie;
let video: TestVideo;
let src: string;
beforeAll(async () => {
  app = await startTestApp({ MAX_STREAMS: '1000' });
  viewer = await app.signIn();
  ({ film, video } = await ownedVideo(viewer, 1_000));
  src = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: film.id })).src);
});
afterAll(() => app[Symbol.asyncDispose]());

async function ownedVideo({ userId }: Viewer, byteCount: number): Promise<{ film: TestMovie; video: TestVideo }> {
  const movie = await createMovie(app.db);
  await giveMovie(app.db, userId, movie.id);
  return { film: movie, video: await addVideo(app, movie.id, { byteCount, isMade: true }) };
}

async function read(address: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(address, { method, headers });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** Asks for every kind of file at an address, and gives how each was refused. */
async function refusals(address: string) {
  const requests = [
    ['film.mp4', {}],
    ['film.mp4', { range: 'bytes=0-9' }],
    ['film.en.vtt', {}],
    ['hls/master.m3u8', {}],
    ['hls/720p/index.m3u8', {}],
    ['hls/720p/init.mp4', {}],
    ['hls/720p/0.m4s', { range: 'bytes=0-3' }],
    ['storyboard/storyboard.vtt', {}],
    ['storyboard/0.jpg', {}],
  ] as const;
  return await Promise.all(
    requests.map(async ([file, headers]) => {
      const answer = await read(address.replace(/[^/]+$/, file), headers);
      const { reason } = JSON.parse(answer.bytes.toString('utf8')) as { reason: string };
      return { status: answer.status, reason, cache: answer.headers.get('cache-control') };
    }),
  );
}

const REFUSED = Array.from({ length: 9 }, () => ({ status: 403, reason: 'invalid_grant', cache: 'no-store' }));

describe('without a good grant every kind of file is 403', () => {
  const grantOf = (address: string) => new URL(address).pathname.split('/')[2] ?? '';

  test.for<[string, (grant: string) => string]>([
    ['the first byte changed', (grant) => changeByte(grant, 0)],
    ['the user changed', (grant) => changeByte(grant, 20)],
    ['the expiry changed', (grant) => changeByte(grant, 33)],
    ['the stream changed', (grant) => changeByte(grant, 40)],
    ['the signature changed', (grant) => changeByte(grant, 55)],
    ['the last byte changed', (grant) => changeByte(grant, -1)],
    ['cut off', (grant) => grant.slice(0, -4)],
    ['more at its end', (grant) => `${grant}AAAA`],
    ['unused bits set', (grant) => grant.slice(0, -1) + String.fromCharCode(grant.charCodeAt(grant.length - 1) + 1)],
    ['padding', (grant) => `${grant}=`],
    ['zeros', (grant) => 'A'.repeat(grant.length)],
    ['text', () => 'grant'],
    ['a long text', () => 'A'.repeat(4_000)],
    ['signs', () => '%F0%9F%8E%AC'],
  ])('forged: %s', async ([, forge]) => {
    const grant = grantOf(src);
    expect(await refusals(src.replace(grant, forge(grant)))).toEqual(REFUSED);
  });

  test('of another film of the same viewer', async () => {
    const other = await ownedVideo(viewer, 100);
    expect(await refusals(src.replace(video.assetId, other.video.assetId))).toEqual(REFUSED);
  });

  test('of a viewer who owns another film, for this one', async () => {
    const other = await app.signIn();
    const theirs = await ownedVideo(other, 100);
    const playback = await other.client.playback.start.mutate({ movieId: theirs.film.id });
    expect(await refusals(src.replace(grantOf(src), grantOf(playback.src)))).toEqual(REFUSED);
  });

  test('for a film taken out of the library, at once', async () => {
    const refunded = await ownedVideo(viewer, 100);
    const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: refunded.film.id })).src);
    expect((await read(address)).status).toBe(200);
    await app.db.deleteFrom('libraryMovies').where('movieId', '=', refunded.film.id).execute();
    expect(await refusals(address)).toEqual(REFUSED);
  });

  test('of an account that was closed', async () => {
    const closed = await app.signIn();
    const theirs = await ownedVideo(closed, 100);
    const address = localAddress(app, (await closed.client.playback.start.mutate({ movieId: theirs.film.id })).src);
    await app.db.updateTable('users').set({ isActive: false }).where('id', '=', closed.userId).execute();
    expect(await refusals(address)).toEqual(REFUSED);
  });

  test('of an account that is gone', async () => {
    const leaving = await app.signIn();
    const theirs = await ownedVideo(leaving, 100);
    const address = localAddress(app, (await leaving.client.playback.start.mutate({ movieId: theirs.film.id })).src);
    expect((await read(address)).status).toBe(200);
    await app.db.deleteFrom('users').where('id', '=', leaving.userId).execute();
    expect(await refusals(address)).toEqual(REFUSED);
  });
});

describe('a good grant', () => {
  test.for([
    ['film.mp4', 'video/mp4'],
    ['film.en.vtt', 'text/vtt; charset=utf-8'],
    ['hls/master.m3u8', 'application/vnd.apple.mpegurl'],
    ['hls/720p/index.m3u8', 'application/vnd.apple.mpegurl'],
    ['hls/720p/init.mp4', 'video/mp4'],
    ['hls/720p/0.m4s', 'video/iso.segment'],
    ['storyboard/storyboard.vtt', 'text/vtt; charset=utf-8'],
    ['storyboard/0.jpg', 'image/jpeg'],
  ] as const)('opens %s', async ([path, contentType]) => {
    const answer = await read(src.replace('film.mp4', path));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, contentType]);
    expect(answer.headers.get('cache-control')).toBe('private, max-age=3600');
    const head = await read(src.replace('film.mp4', path), {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(answer.bytes.length)]);
    const part = await read(src.replace('film.mp4', path), { range: 'bytes=1-3' });
    expect([part.status, part.bytes.toString('latin1')]).toEqual([206, answer.bytes.subarray(1, 4).toString('latin1')]);
  });

  test('does not change anything: 405', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await read(src, {}, method);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    }
  });
});

describe('there is no other file: 404, or 400 from the door', () => {
  test.for([
    'film.fr.vtt',
    'source.mov',
    'hls',
    'hls/',
    'hls/../film.mp4',
    'hls//master.m3u8',
    'hls%2fmaster.m3u8',
    'hls/master%2em3u8',
    'hls/720p/../master.m3u8',
    'hls/%2e%2e/film.mp4',
    'hls/720p/0.m4s%00',
    'f%69lm.mp4',
    'FILM.MP4',
    'film.mp4.part',
    '',
    '.',
    'film.mp4/',
    'film.mp4/film.mp4',
    '%2e%2e',
    '..%2f..%2f..%2fsigning-key.pem',
    '%2e%2e%2f%2e%2e%2fsecret.txt',
    '..%5c..%5csecret.txt',
    '%252e%252e%252fsecret.txt',
    '....//secret.txt',
    '../secret.txt',
    '../../../../../../etc/passwd',
    '..%2fother%2ffilm.mp4',
    'film.mp4%00',
    'film.mp4%00.vtt',
    'film.mp4%0d%0ax:%20y',
    'film.mp4%20',
    'film.mp4;x',
    'film%2emp4%2f..%2f..%2fsecret.txt',
    '%ff%fe',
    '%c0%ae%c0%ae%2fsecret.txt',
    `${'a'.repeat(4_900)}`,
  ])('%s', async (file) => {
    await app.deps.storage.put('secret.txt', Buffer.from('a secret of the cinema'));
    const path = new URL(src).pathname.replace(/[^/]+$/, file);
    const { status, text } = await sendRaw(app.url, `GET ${path} HTTP/1.1\r\nHost: cinema.test\r\n\r\n`);
    expect(file.includes('%00') ? [404] : [400, 404]).toContain(status);
    expect(text).not.toContain('a secret');
  });

  test.for(['', 'x', '019a5a4e-7c00-7000-8000-00000000000g', '%2e%2e', '..%2f..'])(
    'nor an asset like %j',
    async (assetId) => {
      const path = new URL(src).pathname.replace(video.assetId, assetId);
      const { status } = await sendRaw(app.url, `GET ${path} HTTP/1.1\r\nHost: cinema.test\r\n\r\n`);
      expect([400, 404]).toContain(status);
    },
  );

  test('a file that is gone from the storage is 404', async () => {
    const lost = await ownedVideo(viewer, 100);
    const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: lost.film.id })).src);
    await app.deps.storage.remove(lost.video.prefix);
    const answer = await read(address);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

test('no log line holds a grant, however its address is spelled', async () => {
  const grant = new URL(src).pathname.split('/')[2] ?? '-';
  for (const path of [
    `/media/${grant}`,
    `/%6dedia/${grant}/x`,
    `/m%65d%69a/${grant}`,
    `//media/${grant}`,
    `/MEDIA/${grant}`,
  ]) {
    await sendRaw(app.url, `GET ${path} HTTP/1.1\r\nHost: cinema.test\r\n\r\n`);
  }
  await read(`${app.url}/%6dedia${new URL(src).pathname.slice('/media'.length)}`);
  expect(app.logs.filter((line) => line.includes('/media/')).length).toBeGreaterThan(10);
  expect(app.logs.filter((line) => line.includes(grant))).toEqual([]);
});

// Later than the rest, for the clock does not go back.
test('a grant ends when it said it would', async () => {
  const { src: fresh, expiresAt } = await viewer.client.playback.start.mutate({ movieId: film.id });
  const address = localAddress(app, fresh);
  app.clock.advance((expiresAt.getTime() - app.clock.now().getTime()) / 1_000 - 60);
  expect((await read(address)).status).toBe(200);
  app.clock.advance(61);
  expect(await refusals(address)).toEqual(REFUSED);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

function changeByte(grant: string, index: number): string {
  const bytes = Buffer.from(grant, 'base64url');
  const at = index < 0 ? bytes.length + index : index;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
