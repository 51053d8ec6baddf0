import { createHash, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { fstatSync, readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { addVideo, localAddress, type TestVideo } from '../testing/media.ts';
import { sendRaw } from '../testing/raw-request.ts';

const SIZE = 300_007;

let app: TestApp;
let viewer: Viewer;
let film: TestMovie;
let video: TestVideo;
let src: string;
let captions: string;
beforeAll(async () => {
  app = await startTestApp({ MAX_STREAMS: '1000' });
  viewer = await app.signIn();
  ({ film, video } = await ownedVideo(viewer, SIZE));
  const playback = await viewer.client.playback.start.mutate({ movieId: film.id });
  src = localAddress(app, playback.src);
  captions = localAddress(app, playback.tracks[0]?.src ?? '');
});
afterAll(() => app[Symbol.asyncDispose]());

async function ownedVideo({ userId }: Viewer, byteCount: number): Promise<{ film: TestMovie; video: TestVideo }> {
  const movie = await createMovie(app.db);
  await giveMovie(app.db, userId, movie.id);
  return { film: movie, video: await addVideo(app, movie.id, { byteCount }) };
}

async function read(address: string, headers: Record<string, string> = {}, method = 'GET') {
  const answer = await fetch(address, { method, headers });
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe('a file as a whole', () => {
  test('is sent byte for byte, with its type, and for its owner’s cache only', async () => {
    const answer = await read(src);
    expect(answer.status).toBe(200);
    expect(answer.bytes.equals(video.bytes)).toBe(true);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'video/mp4',
      'content-length': String(SIZE),
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'cache-control': expect.stringContaining('private'),
      etag: expect.stringMatching(/^"[\w-]+"$/),
    });
  });

  test('HEAD tells the same without the bytes', async () => {
    const [get, head] = [await read(src), await read(src, {}, 'HEAD')];
    expect(head.status).toBe(200);
    expect(head.bytes).toHaveLength(0);
    for (const name of ['content-type', 'content-length', 'accept-ranges', 'etag', 'cache-control']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name));
    }
  });

  test('captions come through the same grant, as WebVTT in UTF-8', async () => {
    const answer = await read(captions);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/vtt; charset=utf-8');
    expect(answer.bytes.toString('utf8')).toBe(video.captions);
  });

  test('it is not sent again to who has it', async () => {
    const etag = (await read(src)).headers.get('etag') ?? '';
    // Not by fetch, which asks for a fresh answer when it sees this header.
    const ask = (known: string) =>
      sendRaw(
        app.url,
        `HEAD ${new URL(src).pathname} HTTP/1.1\r\nHost: cinema.test\r\nIf-None-Match: ${known}\r\n\r\n`,
      );
    expect((await ask(etag)).status).toBe(304);
    expect((await ask('"other"')).status).toBe(200);
  });

  test('conditions are weighed before ranges, in their order', async () => {
    const { headers } = await read(src);
    const [etag, date] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
    const ask = async (...lines: string[]) => {
      const head = ['Host: cinema.test', 'Connection: close', 'Range: bytes=0-9', ...lines].join('\r\n');
      const { text } = await sendRaw(app.url, `GET ${new URL(src).pathname} HTTP/1.1\r\n${head}\r\n\r\n`);
      return text;
    };
    const statusOf = async (...lines: string[]) => Number((await ask(...lines)).slice(9, 12));
    const known = await ask(`If-None-Match: "other", ${etag}`);
    expect(known).toMatch(/^HTTP\/1\.1 304 /);
    for (const line of [`etag: ${etag}`, 'cache-control: private, max-age=3600', 'date: ']) {
      expect(known.toLowerCase()).toContain(line.toLowerCase());
    }
    expect(known).not.toMatch(/^content-(length|type|range)/im);
    expect(known.endsWith('\r\n\r\n')).toBe(true);
    expect(await statusOf(`If-None-Match: W/${etag}`)).toBe(304);
    expect(await statusOf(`If-Modified-Since: ${date}`)).toBe(304);
    // The tag knows better than the date.
    expect(await statusOf('If-None-Match: "other"', `If-Modified-Since: ${date}`)).toBe(206);
    expect(await statusOf(`If-Match: ${etag}`)).toBe(206);
    expect(await statusOf('If-Match: "other", *')).toBe(206);
    expect(await statusOf(`If-Match: W/${etag}`)).toBe(412);
    expect(await statusOf('If-Match: "other"', `If-None-Match: ${etag}`)).toBe(412);
    expect(await statusOf(`If-Unmodified-Since: ${date}`)).toBe(206);
    expect(await statusOf('If-Unmodified-Since: Thursday, 01-Jan-70 00:00:00 GMT')).toBe(412);
    expect(await statusOf('If-Unmodified-Since: Thu Jan  1 00:00:00 1970')).toBe(412);
    expect(await statusOf('If-Unmodified-Since: 0', 'If-Modified-Since: tomorrow')).toBe(206);
  });

  test('of nothing is nothing', async () => {
    const { film: empty, video: gone } = await ownedVideo(viewer, 10);
    const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: empty.id })).src);
    await app.deps.storage.put(`${gone.prefix}/film.mp4`, Buffer.alloc(0));
    for (const range of [undefined, 'bytes=-5']) {
      const answer = await read(address, range === undefined ? {} : { range });
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '0']);
    }
    const answer = await read(address, { range: 'bytes=0-' });
    expect([answer.status, answer.headers.get('content-range')]).toEqual([416, 'bytes */0']);
  });

  test.for(['POST', 'PUT', 'DELETE', 'PATCH'])('%s is not for files', async (method) => {
    const { status } = await read(src, {}, method);
    expect([404, 405]).toContain(status);
  });
});

describe('a range', () => {
  test.for([
    ['the first bytes', 'bytes=0-99', 0, 99],
    ['the first byte', 'bytes=0-0', 0, 0],
    ['bytes in the middle', 'bytes=150000-250000', 150_000, 250_000],
    ['the last byte', `bytes=${SIZE - 1}-${SIZE - 1}`, SIZE - 1, SIZE - 1],
    ['all but the first', 'bytes=1-', 1, SIZE - 1],
    ['everything', 'bytes=0-', 0, SIZE - 1],
    ['the last hundred', 'bytes=-100', SIZE - 100, SIZE - 1],
    ['more than there is, from the middle', 'bytes=300000-99999999999', 300_000, SIZE - 1],
    ['more than there is, from the end', 'bytes=-99999999', 0, SIZE - 1],
  ] as const)('%s: 206 and exactly these', async ([, range, first, last]) => {
    const answer = await read(src, { range });
    expect(answer.status).toBe(206);
    expect(answer.headers.get('content-range')).toBe(`bytes ${first}-${last}/${SIZE}`);
    expect(answer.headers.get('content-length')).toBe(String(last - first + 1));
    expect(answer.bytes.equals(video.bytes.subarray(first, last + 1))).toBe(true);
  });

  test.for([
    'bytes=300007-',
    'bytes=300007-300008',
    'bytes=99999999999999999999-',
    'bytes=-0',
    'bytes=',
    'bytes=a-b',
    'bytes=1',
    'bytes=9-5',
    'bytes=--1',
  ])('%s is beyond the end, or no range: 416 that tells the size', async (range) => {
    const answer = await read(src, { range });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${SIZE}`);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(answer.bytes.toString('utf8'))).toMatchObject({
      status: 416,
      reason: 'range_not_satisfiable',
      requestId: answer.headers.get('x-request-id'),
    });
  });

  test.for(['bytes', 'seconds=0-10', 'bytes=0-1,5-6', 'bytes=400000-,0-1', 'x'.repeat(2_000)])(
    'of another unit, or of several, the whole is sent: %s',
    async (range) => {
      const answer = await read(src, { range });
      expect([answer.status, answer.headers.get('content-range')]).toEqual([200, null]);
      expect(answer.bytes.equals(video.bytes)).toBe(true);
    },
  );

  test('of captions works alike', async () => {
    const answer = await read(captions, { range: 'bytes=0-5' });
    expect(answer.status).toBe(206);
    expect(answer.bytes.toString('utf8')).toBe('WEBVTT');
  });

  test.for(['bytes=10-19', 'bytes=400000-'])('is for GET: HEAD with %s tells of the whole', async (range) => {
    const answer = await read(src, { range }, 'HEAD');
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(SIZE)]);
    expect(answer.headers.get('content-range')).toBeNull();
    expect(answer.bytes).toHaveLength(0);
  });

  test('If-Range: the part when the file is the same, else the whole', async () => {
    const { headers } = await read(src);
    const [etag, date] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
    expect((await read(src, { range: 'bytes=0-9', 'if-range': etag })).status).toBe(206);
    expect((await read(src, { range: 'bytes=0-9', 'if-range': date })).status).toBe(206);
    for (const ifRange of [
      '"another"',
      `W/${etag}`,
      'Thu, 01 Jan 1970 00:00:00 GMT',
      'Fri, 01 Jan 2100 00:00:00 GMT',
    ]) {
      const answer = await read(src, { range: 'bytes=0-9', 'if-range': ifRange });
      expect(answer.status).toBe(200);
      expect(answer.bytes.equals(video.bytes)).toBe(true);
    }
  });
});

describe('many readers', () => {
  test('fifty at once get exactly what they asked for', async () => {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const first = randomInt(SIZE - 1);
        const last = index % 5 === 0 ? SIZE - 1 : randomInt(first, SIZE);
        const answer = await read(src, { range: `bytes=${first}-${last}` });
        expect(answer.status).toBe(206);
        expect(answer.bytes.equals(video.bytes.subarray(first, last + 1))).toBe(true);
      }),
    );
  });

  test('a slow reader gets all of it, and holds up nobody', async () => {
    const { film: long, video: big } = await ownedVideo(viewer, 6_000_000);
    const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: long.id })).src);
    const { hostname, port, pathname } = new URL(address);
    const socket = connect(Number(port), hostname);
    socket.write(`GET ${pathname} HTTP/1.1\r\nHost: cinema.test\r\nConnection: close\r\n\r\n`);
    const hash = createHash('sha256');
    let head = '';
    await new Promise((resolve, reject) => {
      socket.on('data', (chunk: Buffer) => {
        const end = head.includes('\r\n\r\n') ? 0 : chunk.indexOf('\r\n\r\n') + 4;
        head += chunk.subarray(0, end).toString('latin1');
        hash.update(chunk.subarray(end));
        // Stops for breath after the first bytes.
        if (end > 0) {
          socket.pause();
          othersAreServed().then(() => socket.resume(), reject);
        }
      });
      socket.on('end', resolve).on('error', reject);
    });
    expect(hash.digest('hex')).toBe(createHash('sha256').update(big.bytes).digest('hex'));
  });

  async function othersAreServed(): Promise<void> {
    for (let count = 0; count < 10; count += 1) {
      expect((await read(src, { range: 'bytes=0-9' })).status).toBe(206);
      expect((await app.rest('GET', '/movies')).status).toBe(200);
    }
  }

  test('downloads that break off leave nothing broken', async () => {
    const { film: long, video: big } = await ownedVideo(viewer, 6_000_000);
    const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: long.id })).src);
    const { hostname, port, pathname } = new URL(address);
    await Promise.all(
      Array.from({ length: 60 }, async () => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => {});
        socket.write(`GET ${pathname} HTTP/1.1\r\nHost: cinema.test\r\n\r\n`);
        await once(socket, 'data');
        socket.resetAndDestroy();
      }),
    );
    const controller = new AbortController();
    const answer = await fetch(address, { signal: controller.signal });
    await answer.body?.getReader().read();
    controller.abort();
    // The server notices a moment later.
    await sleep(100);
    expect((await read(address)).bytes.equals(big.bytes)).toBe(true);
    expect((await fetch(`${app.url}/readyz`)).status).toBe(200);
  });

  test('and no file open, also of requests that never had their turn', async () => {
    const { film: long, video: big } = await ownedVideo(viewer, 12_000_000);
    const address = localAddress(app, (await viewer.client.playback.start.mutate({ movieId: long.id })).src);
    const { hostname, port, pathname } = new URL(address);
    const file = await stat(join(app.config.dataDir, 'storage', big.prefix, 'film.mp4'));
    const countOpen = () => readdirSync('/dev/fd').filter((fd) => isOpenAs(Number(fd), file.ino)).length;
    let most = 0;
    await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => {});
        socket.write(`GET ${pathname} HTTP/1.1\r\nHost: cinema.test\r\n\r\n`.repeat(index % 4 === 0 ? 3 : 1));
        await once(socket, 'data');
        most = Math.max(most, countOpen());
        socket.pause();
        if (index % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }),
    );
    expect(most).toBeGreaterThan(0);
    await vi.waitFor(() => expect(countOpen()).toBe(0), { timeout: 10_000 });
    expect((await read(address)).bytes.equals(big.bytes)).toBe(true);
  });

  function isOpenAs(fd: number, ino: number): boolean {
    try {
      return fstatSync(fd).ino === ino;
    } catch {
      // Closed since, as the one that listed them.
      return false;
    }
  }
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});
