import { truncate } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo, localAddress, type TestVideo } from '../testing/media.ts';
import { buy, libraryOf } from '../testing/refunds.ts';
import { placeOrder, sessionIdOf, untilQuiet } from '../testing/shop.ts';

/** More than any connection holds back. */
const LONG_BYTES = 200_000_000;
const reason = 'Not my taste.';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** A film that a viewer has bought, and addresses of it. Its thousand bytes are as long as it is told. */
async function buyVideo(durationSeconds: number) {
  const viewer = await app.signIn();
  const { orderId, films } = await buy(app, viewer, 900);
  const movieId = films[0]!.id;
  const { prefix, assetId } = await addVideo(app, movieId, { durationSeconds, isMade: true });
  const { src } = await viewer.client.playback.start.mutate({ movieId });
  return { viewer, orderId, films, movieId, prefix, assetId, src: localAddress(app, src) };
}

/** Makes the MP4 of a video longer than it is: what is added are zeros. */
async function makeLong({ prefix, assetId }: Pick<TestVideo, 'prefix' | 'assetId'>, sizeBytes = LONG_BYTES) {
  await truncate(join(app.config.dataDir, 'storage', prefix, 'film.mp4'), sizeBytes);
  await app.db
    .updateTable('mediaFiles')
    .set({ sizeBytes })
    .where('assetId', '=', assetId)
    .where('kind', '=', 'mp4')
    .execute();
}

async function read(address: string, range?: string, method = 'GET'): Promise<number> {
  const answer = await fetch(address, { method, ...(range !== undefined && { headers: { range } }) });
  await answer.arrayBuffer();
  return answer.status;
}

/** Begins to read, and takes no more than it is told to. */
function startReading(address: string, range = 'bytes=0-') {
  const { hostname, port, pathname } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: cinema.test\r\nRange: ${range}\r\n\r\n`);
  let bytes = 0;
  socket.on('error', () => {});
  return {
    /** Reads until there were so many bytes, or there are no more; gives how many there were. */
    take: (goal: number) =>
      new Promise<number>((resolve) => {
        const isEnough = () => bytes >= goal || socket.closed;
        socket.removeAllListeners('data').on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (isEnough()) resolve((socket.pause(), bytes));
        });
        socket.once('close', () => resolve(bytes));
        if (isEnough()) resolve(bytes);
        else socket.resume();
      }),
    isOpen: () => !socket.closed,
    hangUp: () => socket.destroy(),
  };
}

async function askBack({ client }: Viewer, orderId: string): Promise<string> {
  return (await client.refunds.request.mutate({ orderId, reason })).status;
}

async function servedOf({ userId }: Viewer, movieId: string): Promise<number> {
  const row = await app.db
    .selectFrom('playbackServed')
    .where('userId', '=', userId)
    .where('movieId', '=', movieId)
    .select('share')
    .executeTakeFirst();
  return row?.share ?? 0;
}

describe('a buyer whose player says nothing', () => {
  test('gets his money back for what was looked into: its head, its end, its captions, its trailer', async () => {
    const { viewer, orderId, movieId, src } = await buyVideo(6_000);
    expect(await read(src, undefined, 'HEAD')).toBe(200);
    expect([await read(src, 'bytes=0-49'), await read(src, 'bytes=-50')]).toEqual([206, 206]);
    for (const path of [
      'hls/master.m3u8',
      'hls/720p/index.m3u8',
      'hls/720p/init.mp4',
      'film.en.vtt',
      'storyboard/0.jpg',
    ])
      for (let times = 0; times < 5; times += 1) expect(await read(src.replace('film.mp4', path))).toBe(200);
    await addVideo(app, movieId, { kind: 'trailer', durationSeconds: 6_000 });
    const trailer = await viewer.client.playback.trailer.mutate({ movieId });
    expect(await read(localAddress(app, trailer.src))).toBe(200);
    expect(await servedOf(viewer, movieId)).toBeCloseTo(0.1);
    expect(await askBack(viewer, orderId)).toBe('succeeded');
    expect(await read(src)).toBe(403);
  });

  test('has to ask for what he read a fifth of, in whatever pieces', async () => {
    const { viewer, orderId, movieId, src } = await buyVideo(6_000);
    for (const range of ['bytes=0-99', 'bytes=500-549', 'bytes=900-']) expect(await read(src, range)).toBe(206);
    expect(await servedOf(viewer, movieId)).toBeCloseTo(0.25);
    expect(await askBack(viewer, orderId)).toBe('requested');
    // It is enough: no more is counted.
    expect(await read(src)).toBe(200);
    expect(await servedOf(viewer, movieId)).toBeCloseTo(0.25);
  });

  test('has to ask after a fifth of the segments', async () => {
    const few = await buyVideo(900);
    const many = await buyVideo(900);
    for (const [{ src }, count] of [
      [few, 29],
      [many, 31],
    ] as const)
      for (let times = 0; times < count; times += 1)
        expect(await read(src.replace('film.mp4', 'hls/720p/0.m4s'))).toBe(200);
    expect(await askBack(few.viewer, few.orderId)).toBe('succeeded');
    expect(await askBack(many.viewer, many.orderId)).toBe('requested');
  });

  test('does not begin anew when he buys again', async () => {
    const { viewer, orderId, films, movieId, src } = await buyVideo(6_000);
    expect(await read(src, 'bytes=0-149')).toBe(206);
    expect(await askBack(viewer, orderId)).toBe('succeeded');
    const { id } = await placeOrder(viewer, films);
    const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: id });
    app.stripe.pay(sessionIdOf(checkoutUrl));
    await untilQuiet(app);
    const again = localAddress(app, (await viewer.client.playback.start.mutate({ movieId })).src);
    expect(await read(again, 'bytes=150-249')).toBe(206);
    expect(await askBack(viewer, id)).toBe('requested');
  });

  test('leaves no answer unfinished to be paid back meanwhile', async () => {
    const bought = await buyVideo(6_000);
    await makeLong(bought);
    const readers = Array.from({ length: 4 }, () => startReading(bought.src));
    await Promise.all(readers.map(({ take }) => take(15_000_000)));
    await expect.poll(() => servedOf(bought.viewer, bought.movieId)).toBeGreaterThan(0.2);
    expect(readers.every(({ isOpen }) => isOpen())).toBe(true);
    expect(await askBack(bought.viewer, bought.orderId)).toBe('requested');
    for (const { hangUp } of readers) hangUp();
  });

  test('does not begin a film in pieces to have the rest of them when it is paid back', async () => {
    const bought = await buyVideo(6_000);
    const [sizeBytes, count] = [5 * LONG_BYTES, 10];
    await makeLong(bought, sizeBytes);
    const pieceBytes = sizeBytes / count;
    const readers = Array.from({ length: count }, (_, index) =>
      startReading(bought.src, `bytes=${index * pieceBytes}-${(index + 1) * pieceBytes - 1}`),
    );
    await Promise.all(readers.map(({ take }) => take(1)));
    expect(await askBack(bought.viewer, bought.orderId)).toBe('succeeded');
    const taken = await Promise.all(readers.map(({ take }) => take(sizeBytes)));
    expect(taken.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThan(0.2 * sizeBytes);
  });

  test('watches nothing while his money is on its way, and goes on when it does not arrive', async () => {
    const { viewer, orderId, movieId, src } = await buyVideo(6_000);
    app.stripe.beginRefunds('pending');
    expect(await askBack(viewer, orderId)).toBe('pending');
    app.stripe.beginRefunds(null);
    expect(await read(src)).toBe(403);
    await expect(viewer.client.playback.start.mutate({ movieId })).rejects.toMatchObject({
      data: { reason: 'not_owned' },
    });
    const { data } = await app.deps.stripe.refunds.list({ limit: 1 });
    app.stripe.finishRefund(data[0]!.id, 'failed');
    await untilQuiet(app);
    expect(await read(src)).toBe(200);
  });
});

describe('an answer that takes long', () => {
  test('ends when the film is paid back', async () => {
    const bought = await buyVideo(6_000);
    await makeLong(bought);
    const { take } = startReading(bought.src);
    await take(1_000_000);
    expect(await askBack(bought.viewer, bought.orderId)).toBe('succeeded');
    expect(await libraryOf(bought.viewer)).toEqual([]);
    expect(await take(LONG_BYTES)).toBeLessThan(LONG_BYTES / 2);
  });

  test('holds its slot for as long, and ends when it is stopped', async () => {
    const viewer = await app.signIn();
    const { id: movieId } = await createMovie(app.db);
    await giveMovie(app.db, viewer.userId, movieId);
    await makeLong(await addVideo(app, movieId, { durationSeconds: 6_000 }));
    const start = () => app.rest('POST', `/library/${movieId}/play`, { viewer });
    const { body } = await start();
    const { take, isOpen } = startReading(localAddress(app, body.src));
    for (const goal of [30, 60, 90]) {
      app.clock.advance(25);
      await take(goal * 1_000_000);
    }
    expect([(await start()).status, (await start()).status, (await start()).status]).toEqual([200, 200, 409]);
    expect(isOpen()).toBe(true);
    await viewer.client.playback.stop.mutate({ movieId, playbackId: body.playbackId });
    app.clock.advance(16);
    expect(await take(LONG_BYTES)).toBeLessThan(LONG_BYTES);
  });
});
