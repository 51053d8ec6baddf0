import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { addVideo } from '../testing/media.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ MAX_STREAMS: '1000' });
});
afterAll(() => app[Symbol.asyncDispose]());

/** A viewer with a film of 100 seconds. */
async function setUp(): Promise<{ viewer: Viewer; film: TestMovie }> {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { durationSeconds: 100 });
  return { viewer, film };
}

async function progressOf({ client }: Viewer) {
  return (await client.library.list.query({})).items[0]?.progress;
}

async function resumeAt({ client }: Viewer, movieId: string): Promise<number> {
  return (await client.playback.start.mutate({ movieId })).resumeAt;
}

test('how far a viewer has come is kept, shown, and where the film goes on', async () => {
  const { viewer, film } = await setUp();
  expect(await progressOf(viewer)).toBeNull();
  expect(await resumeAt(viewer, film.id)).toBe(0);

  const body = { position: 41.125, duration: 100 };
  expect((await app.rest('PUT', `/library/${film.slug}/progress`, { viewer, body })).status).toBe(204);

  expect(await progressOf(viewer)).toEqual({ ...body, watchedAt: null, updatedAt: expect.any(Date) });
  expect(await resumeAt(viewer, film.id)).toBe(41.125);
});

test('the last word counts, forwards and backwards', async () => {
  const { viewer, film } = await setUp();
  for (const position of [10, 60, 20]) {
    app.clock.advance(10);
    await viewer.client.playback.progress.mutate({ movieId: film.id, position, duration: 100 });
    expect(await progressOf(viewer)).toMatchObject({ position });
  }
  const { updatedAt } = (await progressOf(viewer)) ?? {};
  expect(Math.abs(app.clock.now().getTime() - (updatedAt?.getTime() ?? 0))).toBeLessThan(30_000);
});

describe('a film counts as watched', () => {
  test.for([
    ['its last 8 %', 100, 92],
    ['its last ten minutes, where these are less', 10_000, 9_400],
  ] as const)('from %s on, and then starts at its beginning', async ([, duration, credits]) => {
    const { viewer, film } = await setUp();
    const before = credits - 0.1;
    await viewer.client.playback.progress.mutate({ movieId: film.id, position: before, duration });
    expect(await progressOf(viewer)).toMatchObject({ watchedAt: null });
    expect(await resumeAt(viewer, film.id)).toBe(before);

    await viewer.client.playback.progress.mutate({ movieId: film.id, position: credits, duration });
    expect(await progressOf(viewer)).toMatchObject({ position: credits, watchedAt: expect.any(Date) });
    expect(await resumeAt(viewer, film.id)).toBe(0);
  });

  test('once and for ever: seen again from the start, it keeps the moment of the first time', async () => {
    const { viewer, film } = await setUp();
    await viewer.client.playback.progress.mutate({ movieId: film.id, position: 100, duration: 100 });
    const { watchedAt } = (await progressOf(viewer)) ?? {};
    for (const position of [0, 30, 99]) {
      app.clock.advance(600);
      await viewer.client.playback.progress.mutate({ movieId: film.id, position, duration: 100 });
      expect(await progressOf(viewer)).toMatchObject({ position, watchedAt });
    }
    await viewer.client.playback.progress.mutate({ movieId: film.id, position: 30, duration: 100 });
    expect(await resumeAt(viewer, film.id)).toBe(30);
  });

  test('when its viewer says so, and not any more when he says that', async () => {
    const { viewer, film } = await setUp();
    const { playback } = viewer.client;
    expect((await app.rest('PUT', `/library/${film.slug}/watched`, { viewer, body: { watched: true } })).status).toBe(
      204,
    );
    const { watchedAt } = (await progressOf(viewer)) ?? {};
    expect(watchedAt).toBeInstanceOf(Date);
    expect(await resumeAt(viewer, film.id)).toBe(0);

    await playback.progress.mutate({ movieId: film.id, position: 40, duration: 100 });
    await playback.setWatched.mutate({ movieId: film.id, watched: true });
    expect(await progressOf(viewer)).toMatchObject({ position: 100, duration: 100, watchedAt });
    expect(await resumeAt(viewer, film.id)).toBe(0);

    await playback.setWatched.mutate({ movieId: film.id, watched: false });
    expect(await progressOf(viewer)).toMatchObject({ position: 0, watchedAt: null });
    expect(await resumeAt(viewer, film.id)).toBe(0);
  });

  test('also without a video: its length is that of the catalogue', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    await giveMovie(app.db, viewer.userId, film.id);
    const { time } = await viewer.client.movies.get.query({ movieId: film.id });
    await viewer.client.playback.setWatched.mutate({ movieId: film.id, watched: false });
    expect(await progressOf(viewer)).toBeNull();
    await viewer.client.playback.setWatched.mutate({ movieId: film.id, watched: true });
    expect(await progressOf(viewer)).toMatchObject({ position: time * 60, duration: time * 60 });
  });

  test.for([
    ['nothing', {}],
    ['text', { watched: 'true' }],
    ['one field too many', { watched: true, position: 1 }],
  ] as const)('but not for %s: 400', async ([, body]) => {
    const { viewer, film } = await setUp();
    expect((await app.rest('PUT', `/library/${film.id}/watched`, { viewer, body })).status).toBe(400);
  });

  test('nor for whom it is not: 403, 401, and 404 for a film that is none', async () => {
    const { viewer, film } = await setUp();
    const stranger = await app.signIn();
    const body = { watched: true };
    expect((await app.rest('PUT', `/library/${film.id}/watched`, { viewer: stranger, body })).body.reason).toBe(
      'not_owned',
    );
    expect((await app.rest('PUT', `/library/${film.id}/watched`, { body })).status).toBe(401);
    expect((await app.rest('PUT', '/library/nothing-2001/watched', { viewer, body })).status).toBe(404);
  });
});

describe('words that overtake each other', () => {
  test('of one device: the one spoken last counts, whenever the others come', async () => {
    const { viewer, film } = await setUp();
    const say = (deviceId: string, sequence: number, position: number) =>
      viewer.client.playback.progress.mutate({ movieId: film.id, position, duration: 100, deviceId, sequence });
    await say('sofa', 10, 50);
    await say('sofa', 9, 40);
    await say('sofa', 10, 45);
    expect(await progressOf(viewer)).toMatchObject({ position: 50 });
    // It went back in the film: later, and before.
    await say('sofa', 11, 20);
    expect(await progressOf(viewer)).toMatchObject({ position: 20 });
  });

  test('of several: the last one to come counts, and a late one of another none', async () => {
    const { viewer, film } = await setUp();
    const say = (deviceId: string, sequence: number, position: number) =>
      viewer.client.playback.progress.mutate({ movieId: film.id, position, duration: 100, deviceId, sequence });
    await say('sofa', 1_000, 50);
    await say('bed', 1, 60);
    expect(await progressOf(viewer)).toMatchObject({ position: 60 });
    await say('sofa', 999, 49);
    expect(await progressOf(viewer)).toMatchObject({ position: 60 });
  });

  test('fifty at once of one device leave the last', async () => {
    const { viewer, film } = await setUp();
    const words = Array.from({ length: 50 }, (_, sequence) => ({
      movieId: film.id,
      position: sequence,
      duration: 100,
      deviceId: 'sofa',
      sequence,
    }));
    await Promise.all(words.map((word) => viewer.client.playback.progress.mutate(word)));
    expect(await progressOf(viewer)).toMatchObject({ position: 49 });
  });
});

test('each viewer has a progress of his own', async () => {
  const { viewer, film } = await setUp();
  const other = await app.signIn();
  await giveMovie(app.db, other.userId, film.id);
  await viewer.client.playback.progress.mutate({ movieId: film.id, position: 50, duration: 100 });
  expect(await progressOf(other)).toBeNull();
  expect(await resumeAt(other, film.id)).toBe(0);
});

test('fifty at once for one film leave one of them', async () => {
  const { viewer, film } = await setUp();
  const positions = Array.from({ length: 50 }, (_, index) => index);
  await Promise.all(
    positions.map((position) => viewer.client.playback.progress.mutate({ movieId: film.id, position, duration: 100 })),
  );
  expect(positions).toContain((await progressOf(viewer))?.position);
});

describe('refused', () => {
  test.for([
    ['a position after the end', { position: 101, duration: 100 }],
    ['a position before the start', { position: -1, duration: 100 }],
    ['a film without length', { position: 0, duration: 0 }],
    ['a negative length', { position: 0, duration: -5 }],
    ['a length nobody would sit through', { position: 0, duration: 1e300 }],
    ['text', { position: '10', duration: 100 }],
    ['nothing', {}],
    ['no length', { position: 1 }],
    ['one field too many', { position: 1, duration: 100, watchedAt: '2026-01-01T00:00:00Z' }],
    ['a sequence of nobody', { position: 1, duration: 100, sequence: 1 }],
    ['a device without a name', { position: 1, duration: 100, deviceId: '' }],
    ['a device of too long a name', { position: 1, duration: 100, deviceId: 'a'.repeat(65) }],
    ['a sequence that is no whole number', { position: 1, duration: 100, deviceId: 'sofa', sequence: 1.5 }],
  ] as const)('%s: 400', async ([, body]) => {
    const { viewer, film } = await setUp();
    const answer = await app.rest('PUT', `/library/${film.id}/progress`, { viewer, body });
    expect(answer.status).toBe(400);
    expect(answer.body.issues.length).toBeGreaterThan(0);
    expect(await progressOf(viewer)).toBeNull();
  });

  test('the place of the mistake is named', async () => {
    const { viewer, film } = await setUp();
    const body = { position: 101, duration: 100 };
    const answer = await app.rest('PUT', `/library/${film.id}/progress`, { viewer, body });
    expect(answer.body.issues).toEqual([{ path: ['position'], message: 'The position is after the end.' }]);
  });

  test.for([
    ['the end of a very long film', { position: 999_999, duration: 999_999 }],
    ['the shortest film', { position: 0.000_01, duration: 0.000_01 }],
    ['more digits than are kept', { position: 99.999_96, duration: 99.999_97 }],
  ] as const)('but not the edges of what is allowed: %s', async ([, body]) => {
    const { viewer, film } = await setUp();
    expect((await app.rest('PUT', `/library/${film.id}/progress`, { viewer, body })).status).toBe(204);
  });

  test('somebody who does not own the film: 403, and nothing is kept', async () => {
    const { film } = await setUp();
    const stranger = await app.signIn();
    const body = { position: 1, duration: 100 };
    const answer = await app.rest('PUT', `/library/${film.id}/progress`, { viewer: stranger, body });
    expect(answer.status).toBe(403);
    expect(answer.body.reason).toBe('not_owned');
    await giveMovie(app.db, stranger.userId, film.id);
    expect(await progressOf(stranger)).toBeNull();
  });

  test('somebody who is not signed in: 401', async () => {
    const { film } = await setUp();
    const answer = await app.rest('PUT', `/library/${film.id}/progress`, { body: { position: 1, duration: 100 } });
    expect(answer.status).toBe(401);
  });

  test('an unknown film: 404', async () => {
    const viewer = await app.signIn();
    const answer = await app.rest('PUT', '/library/nothing-2001/progress', {
      viewer,
      body: { position: 1, duration: 100 },
    });
    expect(answer.status).toBe(404);
  });
});
