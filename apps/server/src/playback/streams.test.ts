import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { streamsCleanUpJob } from './jobs.ts';
import { insertStream, lockStreams } from './streams-queries.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** A viewer who owns a film; it may be watched as often at once as the account may play films. */
async function setUp(): Promise<{ viewer: Viewer; film: TestMovie }> {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { isMade: true });
  return { viewer, film };
}

async function start({ client }: Viewer, { id: movieId }: TestMovie, deviceId?: string) {
  const playback = await client.playback.start.mutate({ movieId, ...(deviceId !== undefined && { deviceId }) });
  return { playbackId: playback.playbackId ?? '', address: localAddress(app, playback.src) };
}

async function startFull(viewer: Viewer, film: TestMovie) {
  return [await start(viewer, film, 'tv'), await start(viewer, film), await start(viewer, film, 'phone')] as const;
}

async function tryToStart(viewer: Viewer, film: TestMovie, body?: object) {
  return await app.rest('POST', `/library/${film.id}/play`, { viewer, ...(body && { body }) });
}

async function statusOf(address: string): Promise<number> {
  const answer = await fetch(address);
  await answer.arrayBuffer();
  return answer.status;
}

describe('an account plays three films at once', () => {
  test('and a fourth is refused, with those that play', async () => {
    const { viewer, film } = await setUp();
    const [tv, laptop, phone] = await startFull(viewer, film);
    const { status, body } = await tryToStart(viewer, film);
    expect([status, body.reason, body.maxStreams]).toEqual([409, 'too_many_streams', 3]);
    expect(body.streams).toEqual(
      [
        { ...tv, deviceId: 'tv' },
        { ...laptop, deviceId: null },
        { ...phone, deviceId: 'phone' },
      ].map(({ playbackId, deviceId }) => ({
        playbackId,
        deviceId,
        movie: { id: film.id, slug: film.slug, name: film.name },
        startedAt: expect.any(String),
        lastSeenAt: expect.any(String),
      })),
    );
    // Nobody else is held up, and trailers take none.
    const other = await app.signIn();
    await giveMovie(app.db, other.userId, film.id);
    expect((await tryToStart(other, film)).status).toBe(200);
    await addVideo(app, film.id, { kind: 'trailer' });
    expect((await app.rest('POST', `/movies/${film.id}/trailer/play`, { viewer })).body.playbackId).toBeUndefined();
  });

  test('whatever comes at once, over two processes', async () => {
    const { viewer, film } = await setUp();
    const replica = await app.startReplica({ PROCESS: 'api' });
    const token = await viewer.client.$session.accessToken();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        fetch(`${index % 2 ? app.url : replica.url}/api/v1/library/${film.id}/play`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
        }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array(3).fill(200),
      ...Array(47).fill(409),
    ]);
  });

  test('of which a device has one, however often it starts', async () => {
    const { viewer, film } = await setUp();
    const before = await start(viewer, film, 'tv');
    await start(viewer, film, 'laptop');
    await start(viewer, film, 'phone');
    const after = await start(viewer, film, 'tv');
    expect(await statusOf(before.address)).toBe(403);
    const body = { playbackId: before.playbackId };
    expect((await app.rest('POST', `/library/${film.id}/renew`, { viewer, body })).status).toBe(404);
    expect(await statusOf(after.address)).toBe(200);
    expect((await tryToStart(viewer, film, { deviceId: 'tablet' })).status).toBe(409);
  });
});

describe('a slot is free again', () => {
  test('when it is stopped, and its addresses are good no more', async () => {
    const { viewer, film } = await setUp();
    const [tv] = await startFull(viewer, film);
    const body = { playbackId: tv.playbackId };
    expect((await app.rest('POST', `/library/${film.slug}/stop`, { viewer, body })).status).toBe(204);
    expect((await app.rest('POST', `/library/${film.slug}/stop`, { viewer, body })).status).toBe(204);
    for (const path of ['film.mp4', 'film.en.vtt', 'hls/master.m3u8', 'hls/720p/0.m4s', 'storyboard/0.jpg']) {
      expect(await statusOf(tv.address.replace('film.mp4', path))).toBe(403);
    }
    expect((await tryToStart(viewer, film)).status).toBe(200);
  });

  test('when its player was silent for a minute; bytes and words are signs of life', async () => {
    const { viewer, film } = await setUp();
    const [reads, speaks, silent] = await startFull(viewer, film);
    for (let times = 0; times < 3; times += 1) {
      app.clock.advance(25);
      expect(await statusOf(reads.address)).toBe(200);
      const word = { movieId: film.id, position: times, duration: 100, playbackId: speaks.playbackId };
      await viewer.client.playback.progress.mutate(word);
    }
    const fourth = await start(viewer, film);
    // Whoever comes back finds the house full, and is let in when somebody leaves.
    expect(await statusOf(silent.address)).toBe(409);
    await viewer.client.playback.stop.mutate({ movieId: film.id, playbackId: fourth.playbackId });
    expect(await statusOf(silent.address)).toBe(200);
    expect((await tryToStart(viewer, film)).status).toBe(409);
  });

  test('for one of those who want it at the same moment', async () => {
    const { viewer, film } = await setUp();
    const tv = await start(viewer, film);
    app.clock.advance(59);
    let asked: Promise<number> | undefined;
    await app.db.transaction().execute(async (trx) => {
      await lockStreams(trx, viewer.userId);
      asked = statusOf(tv.address);
      const row = { userId: viewer.userId, movieId: film.id, deviceId: null, now: app.clock.now() };
      for (let times = 0; times < 3; times += 1) await insertStream(trx, row);
    });
    expect(await asked).toBe(409);
  });

  test('but a silent one of another neither speaks nor stops for it', async () => {
    const { viewer, film } = await setUp();
    const [tv] = await startFull(viewer, film);
    const other = await app.signIn();
    await giveMovie(app.db, other.userId, film.id);
    const theirs = { movieId: film.id, playbackId: tv.playbackId };
    await other.client.playback.stop.mutate(theirs);
    expect((await tryToStart(viewer, film)).status).toBe(409);
    app.clock.advance(59);
    await other.client.playback.progress.mutate({ ...theirs, position: 1, duration: 100 });
    app.clock.advance(2);
    await startFull(viewer, film);
  });
});

describe('new addresses', () => {
  test('are had for the asking, in the same slot, and the old ones stay good', async () => {
    const { viewer, film } = await setUp();
    const [tv] = await startFull(viewer, film);
    app.clock.advance(30);
    await viewer.client.playback.progress.mutate({ movieId: film.id, position: 41, duration: 100 });
    const body = { playbackId: tv.playbackId };
    const renewed = await app.rest('POST', `/library/${film.slug}/renew`, { viewer, body });
    expect(renewed.status).toBe(200);
    expect(renewed.headers.get('cache-control')).toBe('no-store');
    expect(renewed.body).toMatchObject({ playbackId: tv.playbackId, resumeAt: 41 });
    const address = localAddress(app, renewed.body.src);
    expect(address).not.toBe(tv.address);
    expect([await statusOf(address), await statusOf(tv.address)]).toEqual([200, 200]);
  });

  test('are not for what was stopped, for others, and not for a film that was given back', async () => {
    const { viewer, film } = await setUp();
    const tv = await start(viewer, film);
    const other = await app.signIn();
    await giveMovie(app.db, other.userId, film.id);
    const renew = (who: Viewer, playbackId: string) =>
      app.rest('POST', `/library/${film.id}/renew`, { viewer: who, body: { playbackId } });
    expect((await renew(other, tv.playbackId)).status).toBe(404);
    expect((await renew(viewer, crypto.randomUUID())).status).toBe(404);
    expect((await renew(viewer, 'x')).status).toBe(400);
    await app.db.deleteFrom('libraryMovies').where('userId', '=', viewer.userId).execute();
    expect((await renew(viewer, tv.playbackId)).body.reason).toBe('not_owned');
    await giveMovie(app.db, viewer.userId, film.id);
    await viewer.client.playback.stop.mutate({ movieId: film.id, playbackId: tv.playbackId });
    expect((await renew(viewer, tv.playbackId)).body.reason).toBe('not_found');
  });

  test('are refused to who was silent and finds the house full', async () => {
    const { viewer, film } = await setUp();
    const tv = await start(viewer, film);
    app.clock.advance(61);
    await startFull(viewer, film);
    const body = { playbackId: tv.playbackId };
    const answer = await app.rest('POST', `/library/${film.id}/renew`, { viewer, body });
    expect([answer.status, answer.body.reason, answer.body.streams.length]).toEqual([409, 'too_many_streams', 3]);
  });
});

// Later than the rest, for the clock does not go back.
test('streams that ended without a word are forgotten after a day', async () => {
  const { viewer, film } = await setUp();
  const [tv] = await startFull(viewer, film);
  await viewer.client.playback.progress.mutate({
    movieId: film.id,
    position: 1,
    duration: 100,
    deviceId: 'tv',
    sequence: 1,
  });
  app.clock.advance(86_000);
  await app.deps.queue.enqueue(app.db, streamsCleanUpJob, {});
  await waitUntilDone(app, streamsCleanUpJob.name);
  const rows = async () => ({
    streams: await app.db.selectFrom('playbackStreams').where('userId', '=', viewer.userId).select('id').execute(),
    devices: await app.db
      .selectFrom('playbackDevices')
      .where('userId', '=', viewer.userId)
      .select('deviceId')
      .execute(),
  });
  expect(await rows()).toMatchObject({ streams: [{}, {}, {}], devices: [{ deviceId: 'tv' }] });
  app.clock.advance(500);
  await app.deps.queue.enqueue(app.db, streamsCleanUpJob, {});
  await waitUntilDone(app, streamsCleanUpJob.name);
  expect(await rows()).toEqual({ streams: [], devices: [] });
  expect(await statusOf(tv.address)).toBe(403);
});
