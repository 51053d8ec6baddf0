import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo, localAddress } from '../testing/media.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

test('the owner of a film gets all a player needs', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  const { assetId } = await addVideo(app, film.id, { durationSeconds: 5_400.5 });

  const { status, body, headers } = await app.rest('POST', `/library/${film.slug}/play`, { viewer });

  expect(status).toBe(200);
  const grant = /^http:\/\/cinema\.test\/media\/([\w-]+)\//.exec(body.src)?.[1];
  const base = `http://cinema.test/media/${grant}/${assetId}`;
  expect(body).toEqual({
    playbackId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    src: `${base}/film.mp4`,
    sources: [{ src: `${base}/film.mp4`, type: 'video/mp4', width: 640, height: 360 }],
    tracks: [
      { kind: 'captions', language: 'de', label: 'Deutsch', src: `${base}/film.de.vtt` },
      { kind: 'captions', language: 'en', label: 'English', src: `${base}/film.en.vtt` },
    ],
    poster: expect.stringContaining(`http://cinema.test/posters/${film.id}.svg`),
    expiresAt: expect.any(String),
    resumeAt: 0,
    duration: 5_400.5,
  });
  expect(headers.get('cache-control')).toBe('no-store');
});

test('what was made of a film comes first: renditions for any line, and pictures to seek by', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { isMade: true });
  const { src, sources, storyboard } = await viewer.client.playback.start.mutate({ movieId: film.id });
  const base = src.slice(0, src.lastIndexOf('/'));
  expect(sources.map((source) => [source.src, source.type])).toEqual([
    [`${base}/hls/master.m3u8`, 'application/vnd.apple.mpegurl'],
    [`${base}/film.mp4`, 'video/mp4'],
  ]);
  expect(storyboard).toBe(`${base}/storyboard/storyboard.vtt`);
});

test('a video that is still worked on does not play, and none that failed', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  const { assetId } = await addVideo(app, film.id);
  for (const status of ['uploading', 'processing', 'failed'] as const) {
    await app.db.updateTable('mediaAssets').set({ status }).where('id', '=', assetId).execute();
    expect((await app.rest('POST', `/library/${film.id}/play`, { viewer })).body.reason).toBe('no_video');
  }
});

test.for([
  ['a short film, four hours', 60, 4 * 3_600],
  ['a long one, three times its length', 10_000, 30_000],
] as const)('the addresses outlast %s', async ([, durationSeconds, seconds]) => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, { durationSeconds });
  const before = app.clock.now().getTime();
  const { expiresAt } = await viewer.client.playback.start.mutate({ movieId: film.id });
  expect(expiresAt.getTime()).toBeGreaterThanOrEqual(before + seconds * 1_000);
  expect(expiresAt.getTime()).toBeLessThanOrEqual(app.clock.now().getTime() + seconds * 1_000);
});

test('the newest video of a film is the one that plays', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id);
  const { assetId } = await addVideo(app, film.id, { durationSeconds: 77 });
  const playback = await viewer.client.playback.start.mutate({ movieId: film.id });
  expect(playback.src).toContain(assetId);
  expect(playback.duration).toBe(77);
});

test('a film that was withdrawn still plays for who owns it', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db, { withdrawnAt: new Date() });
  await giveMovie(app.db, viewer.userId, film.id);
  const { bytes } = await addVideo(app, film.id);
  const { src } = await viewer.client.playback.start.mutate({ movieId: film.id });
  const answer = await fetch(localAddress(app, src));
  expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
});

describe('refused', () => {
  test('a film one does not own: 403', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    await addVideo(app, film.id);
    const answer = await app.rest('POST', `/library/${film.id}/play`, { viewer });
    expect(answer.status).toBe(403);
    expect(answer.body.reason).toBe('not_owned');
  });

  test('a film without a video: 409, and with a trailer only: 409', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    await giveMovie(app.db, viewer.userId, film.id);
    expect((await app.rest('POST', `/library/${film.id}/play`, { viewer })).body.reason).toBe('no_video');
    await addVideo(app, film.id, { kind: 'trailer' });
    const answer = await app.rest('POST', `/library/${film.id}/play`, { viewer });
    expect(answer.status).toBe(409);
    expect(answer.body.reason).toBe('no_video');
  });

  test('an unknown film: 404', async () => {
    const viewer = await app.signIn();
    expect((await app.rest('POST', '/library/nothing-2001/play', { viewer })).status).toBe(404);
  });

  test('who is not signed in: 401', async () => {
    const film = await createMovie(app.db);
    expect((await app.rest('POST', `/library/${film.id}/play`)).status).toBe(401);
  });

  test('a body with anything in it: 400', async () => {
    const viewer = await app.signIn();
    const film = await createMovie(app.db);
    for (const body of [{ userId: viewer.userId }, { movieId: film.id }]) {
      expect((await app.rest('POST', `/library/${film.id}/play`, { viewer, body })).status).toBe(400);
    }
  });
});

describe('a trailer', () => {
  test('plays for anybody', async () => {
    const film = await createMovie(app.db);
    await addVideo(app, film.id);
    const { assetId, bytes } = await addVideo(app, film.id, { kind: 'trailer', durationSeconds: 90 });

    const { status, body, headers } = await app.rest('POST', `/movies/${film.slug}/trailer/play`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ src: expect.stringContaining(assetId), resumeAt: 0, duration: 90 });
    expect(headers.get('cache-control')).toBe('no-store');
    const answer = await fetch(localAddress(app, body.src));
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await fetch(localAddress(app, body.tracks[0].src))).status).toBe(200);
  });

  test('of a film that was withdrawn is not there', async () => {
    const film = await createMovie(app.db, { withdrawnAt: app.clock.now() });
    await addVideo(app, film.id, { kind: 'trailer' });
    const answer = await app.rest('POST', `/movies/${film.id}/trailer/play`);
    expect(answer).toMatchObject({ status: 404, body: { reason: 'not_found' } });
  });

  test('opens the trailer and not the film', async () => {
    const film = await createMovie(app.db);
    const feature = await addVideo(app, film.id);
    const trailer = await addVideo(app, film.id, { kind: 'trailer' });
    const { src } = await app.anonymous.playback.trailer.mutate({ movieId: film.id });
    const answer = await fetch(localAddress(app, src).replace(trailer.assetId, feature.assetId));
    expect(answer.status).toBe(403);
  });

  test('that is not there is 404', async () => {
    const film = await createMovie(app.db);
    await addVideo(app, film.id);
    for (const ref of [film.id, 'nothing-2001']) {
      const answer = await app.rest('POST', `/movies/${ref}/trailer/play`);
      expect(answer.status).toBe(404);
      expect(answer.body.reason).toBe('not_found');
    }
  });
});
