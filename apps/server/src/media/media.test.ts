import { access, mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isCinemaError } from '@online-cinema/client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie, type TestMovie } from '../testing/factories.ts';
import { localAddress } from '../testing/media.ts';
import { type JobRow, listJobs, waitUntilDone } from '../testing/jobs.ts';
import { padVideo, readClip, readClipWithIndexLast } from '../testing/videos.ts';
import { mediaSweepJob, uploadCleanUpJob } from './jobs.ts';

// Without ffmpeg, on whatever machine.
const NO_FFMPEG = { PATH: '/nowhere' };
const MATROSKA = Buffer.from('1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b61', 'hex');

let app: TestApp;
let moderator: Viewer;
let clip: Buffer<ArrayBuffer>;
beforeAll(async () => {
  [app, clip] = await Promise.all([startTestApp({ ...NO_FFMPEG, MEDIA_MAX_BYTES: '1000000' }), readClip()]);
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function upload(movie: TestMovie, bytes: Buffer<ArrayBuffer>, kind: 'feature' | 'trailer' = 'feature') {
  const file = new Blob([bytes]);
  return (await moderator.client.media.upload.mutate({ movieId: movie.id, kind, file })).assetId;
}

async function listed(movie: TestMovie) {
  await waitUntilDone(app, 'media.prepare');
  return (await moderator.client.media.list.query({ movieId: movie.id })).items;
}

async function sendRest(path: string, body: Buffer<ArrayBuffer>, contentType: string, method = 'POST') {
  const token = await moderator.client.$session.accessToken();
  const headers = { authorization: `Bearer ${token}`, 'content-type': contentType };
  const answer = await fetch(`${app.url}/api/v1${path}`, { method, headers, body: new Blob([body]) });
  return { status: answer.status, body: (await answer.json()) as { reason?: string; issues?: { message: string }[] } };
}

async function keys(folder = 'media'): Promise<string[]> {
  const found = [];
  for await (const { key } of app.deps.storage.list(folder)) found.push(key);
  return found;
}

/** The folder the storage keeps its files in. */
async function storageRoot(): Promise<string> {
  const place = await app.deps.storage.locate('media', {
    method: 'GET',
    contentType: '',
    cacheControl: '',
    lifeSeconds: 1,
  });
  return place && 'root' in place ? place.root : '';
}

/** The acts on record, with what they tell. */
async function acts(assetId: string) {
  const rows = await app.db
    .selectFrom('auditEntries')
    .where('targetId', '=', assetId)
    .select(['action', 'actorId', 'details'])
    .orderBy('id')
    .execute();
  return rows.map(({ action, actorId, details }) => ({ action, actorId, details }));
}

describe.each([
  ['an MP4', readClip],
  ['an MP4 with its index last', readClipWithIndexLast],
] as const)('%s', (_, read) => {
  test('plays as it was uploaded where there is no ffmpeg', async () => {
    const bytes = await read();
    const film = await createMovie(app.db);
    const viewer = await app.signIn();
    await giveMovie(app.db, viewer.userId, film.id);
    const assetId = await upload(film, bytes);

    expect(await listed(film)).toEqual([
      {
        id: assetId,
        kind: 'feature',
        status: 'ready',
        progress: 100,
        error: null,
        originalName: null,
        sizeBytes: bytes.length,
        probe: { duration: 16, width: null, height: null, videoCodec: null, audioCodec: null, bitrate: null },
        files: [{ kind: 'mp4', count: 1, sizeBytes: bytes.length }],
        tracks: [],
        createdAt: expect.any(Date),
      },
    ]);
    expect((await app.anonymous.movies.get.query({ movieId: film.id })).hasVideo).toBe(true);
    const playback = await viewer.client.playback.start.mutate({ movieId: film.id });
    expect(playback.duration).toBe(16);
    const played = await fetch(localAddress(app, playback.src));
    expect(Buffer.from(await played.arrayBuffer()).equals(bytes)).toBe(true);
  });
});

test('over REST a video is the body, and a film has one while a feature of it is there', async () => {
  const film = await createMovie(app.db);
  const hasVideo = async () => (await app.anonymous.movies.get.query({ movieId: film.id })).hasVideo;
  const trailer = await sendRest(`/movies/${film.slug}/media?kind=trailer`, clip, 'video/mp4');
  expect(trailer).toEqual({ status: 201, body: { assetId: expect.any(String) } });
  await waitUntilDone(app, 'media.prepare');
  expect(await hasVideo()).toBe(false);
  const feature = await upload(film, clip);
  const [newest, oldest] = await listed(film);
  expect([newest?.kind, oldest?.kind]).toEqual(['feature', 'trailer']);
  expect(await hasVideo()).toBe(true);

  await moderator.client.media.delete.mutate({ movieId: film.id, assetId: feature });
  expect(await hasVideo()).toBe(false);
  expect((await listed(film)).map(({ kind }) => kind)).toEqual(['trailer']);
  await waitUntilDone(app, 'media.remove');
  const rows = await app.db.selectFrom('mediaAssets').where('movieId', '=', film.id).select('folder').execute();
  const all = await keys();
  expect(all.filter((key) => rows.some(({ folder }) => key.startsWith(folder)))).toHaveLength(1);
  expect(await acts(feature)).toEqual([
    {
      action: 'media.upload',
      actorId: moderator.userId,
      details: { movieId: film.id, kind: 'feature', bytes: clip.length },
    },
    { action: 'media.delete', actorId: moderator.userId, details: { movieId: film.id, kind: 'feature' } },
  ]);
});

describe('refused, and nothing kept of it', () => {
  test.for([
    [
      'what only says it is a video',
      Buffer.from('<html>film.mp4</html>'.repeat(10)),
      'video/mp4',
      415,
      'unsupported_video',
    ],
    [
      'a picture in the boxes of an MP4',
      Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic'),
      'video/mp4',
      415,
      'unsupported_video',
    ],
    ['nothing', Buffer.alloc(0), 'video/mp4', 415, 'unsupported_video'],
    [
      'a playlist of other files',
      Buffer.from('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n'),
      'video/mp4',
      415,
      'unsupported_video',
    ],
    [
      'a list of files to be joined',
      Buffer.from("ffconcat version 1.0\nfile '/etc/passwd'\n"),
      'video/mp4',
      415,
      'unsupported_video',
    ],
    ['a type that is no video', MATROSKA, 'image/png', 415, 'unsupported_video'],
    ['more than is taken', Buffer.alloc(1_000_001), 'video/mp4', 413, 'payload_too_large'],
  ] as const)('%s', async ([, bytes, contentType, status, reason]) => {
    const film = await createMovie(app.db);
    const before = await keys();
    const answer = await sendRest(`/movies/${film.id}/media?kind=feature`, bytes, contentType);
    expect([answer.status, answer.body.reason]).toEqual([status, reason]);
    expect(await listed(film)).toEqual([]);
    expect(await keys()).toEqual(before);
  });

  test('more than is taken, which nobody announced, and not even a folder stays', async () => {
    const film = await createMovie(app.db);
    const folders = async () => await readdir(join(await storageRoot(), 'media'));
    const before = await folders();
    const headers = { authorization: `Bearer ${await moderator.client.$session.accessToken()}` };
    const answer = await fetch(`${app.url}/api/v1/movies/${film.id}/media?kind=feature`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'video/mp4' },
      body: new Blob([padVideo(clip, 1_000_000)]).stream(),
      duplex: 'half',
    });
    expect(answer.status).toBe(413);
    expect(await folders()).toEqual(before);
  });

  test('a film that is not there, a kind that is none, and who is no moderator', async () => {
    const film = await createMovie(app.db);
    const post = (path: string) => sendRest(path, clip, 'video/mp4');
    expect((await post('/movies/nothing-2001/media?kind=feature')).status).toBe(404);
    expect((await post(`/movies/${film.id}/media?kind=film`)).status).toBe(400);
    expect((await post(`/movies/${film.id}/media`)).status).toBe(400);
    const viewer = await app.signIn();
    const attempt = viewer.client.media.upload.mutate({ movieId: film.id, kind: 'feature', file: new Blob([clip]) });
    await expect(attempt).rejects.toSatisfy((error) => isCinemaError(error, 'not_allowed'));
  });
});

test('what no browser plays fails without ffmpeg, says so, and plays nowhere', async () => {
  const film = await createMovie(app.db);
  await upload(film, MATROSKA);
  const [asset] = await vi.waitFor(
    async () => {
      const items = (await moderator.client.media.list.query({ movieId: film.id })).items;
      expect(items[0]?.status).toBe('failed');
      return items;
    },
    { timeout: 20_000 },
  );
  expect(asset?.error).toContain('no ffmpeg');
  expect((await app.anonymous.movies.get.query({ movieId: film.id })).hasVideo).toBe(false);
});

test('sounds without a picture are no film, also where there is no ffmpeg, and are not tried again', async () => {
  const film = await createMovie(app.db);
  const sounds = Buffer.from(clip);
  sounds.write('text', sounds.indexOf('vide', sounds.indexOf('hdlr')));
  const assetId = await upload(film, sounds);
  expect(await listed(film)).toMatchObject([{ status: 'failed', error: 'There is no picture in this file.' }]);
  const isOfFilm = ({ data }: JobRow) => (data as { assetId: string }).assetId === assetId;
  const tries = (await listJobs(app, 'media.prepare')).filter(isOfFilm);
  expect(tries).toMatchObject([{ state: 'failed', retryCount: 0 }]);
  expect((await listJobs(app, 'media.prepare.dead')).filter(isOfFilm)).toHaveLength(1);
});

describe('captions', () => {
  const VTT = 'WEBVTT\n\n1\n00:00.000 --> 00:02.000 line:0\nGrüße!\n';

  test('are added, named in their language, replaced and taken away', async () => {
    const film = await createMovie(app.db);
    const viewer = await app.signIn();
    await giveMovie(app.db, viewer.userId, film.id);
    const assetId = await upload(film, clip);
    const track = { movieId: film.id, assetId, language: 'de' };
    await waitUntilDone(app, 'media.prepare');
    const put = (text: string, query = '') =>
      sendRest(`/movies/${film.id}/media/${assetId}/tracks/de${query}`, Buffer.from(text), 'text/vtt', 'PUT');
    const seen = async () => {
      const { tracks } = await viewer.client.playback.start.mutate({ movieId: film.id });
      return await Promise.all(
        tracks.map(async ({ src, label }) => [label, await (await fetch(localAddress(app, src))).text()]),
      );
    };

    expect(await put(VTT)).toEqual({ status: 200, body: { language: 'de', label: 'Deutsch' } });
    expect(await seen()).toEqual([['Deutsch', VTT]]);
    const other = VTT.replace('Grüße', 'Tag');
    expect((await put(other, '?label=Untertitel')).body).toEqual({ language: 'de', label: 'Untertitel' });
    expect(await seen()).toEqual([['Untertitel', other]]);
    expect((await listed(film))[0]).toMatchObject({ tracks: [{ language: 'de', label: 'Untertitel' }] });

    await moderator.client.media.deleteTrack.mutate(track);
    expect(await seen()).toEqual([]);
    await expect(moderator.client.media.deleteTrack.mutate(track)).rejects.toSatisfy((error) =>
      isCinemaError(error, 'not_found'),
    );
    await waitUntilDone(app, 'media.remove');
    expect((await keys()).filter((key) => key.includes('/tracks/'))).toEqual([]);
    const done = (await acts(assetId)).map(({ action }) => action);
    expect(done).toEqual(['media.upload', 'media.addTrack', 'media.addTrack', 'media.deleteTrack']);
  });

  test('of a language are those in each of its spellings', async () => {
    const film = await createMovie(app.db);
    const assetId = await upload(film, clip);
    for (const spelling of ['EN-us', 'en-US', 'zh-hant-tw']) {
      const path = `/movies/${film.id}/media/${assetId}/tracks/${spelling}`;
      expect((await sendRest(path, Buffer.from(VTT), 'text/vtt', 'PUT')).status).toBe(200);
    }
    const languages = async () => (await listed(film))[0]?.tracks.map(({ language }) => language);
    expect(await languages()).toEqual(['en-US', 'zh-Hant-TW']);
    await moderator.client.media.deleteTrack.mutate({ movieId: film.id, assetId, language: 'en-us' });
    expect(await languages()).toEqual(['zh-Hant-TW']);
  });

  test.for([
    ['no header', '00:00.000 --> 00:02.000\nHello\n', 'Line 1'],
    ['no captions', 'WEBVTT\n', 'no captions'],
    ['times of SubRip', 'WEBVTT\n\n00:00:00,000 --> 00:00:02,000\nHello\n', 'Line 3'],
    ['an end before its start', 'WEBVTT\n\n00:02.000 --> 00:01.000\nHello\n', 'Line 3'],
    ['times that follow too closely', 'WEBVTT\n\n00:00.000 --> 00:01.000\nA\n00:01.000 --> 00:02.000\nB\n', 'Line 5'],
    ['text without times', 'WEBVTT\n\nHello\n', 'Line 3'],
  ] as const)('with %s are refused: 400', async ([, text, words]) => {
    const film = await createMovie(app.db);
    const assetId = await upload(film, clip);
    const path = `/movies/${film.id}/media/${assetId}/tracks/en`;
    const answer = await sendRest(path, Buffer.from(text), 'text/vtt', 'PUT');
    expect([answer.status, answer.body.issues?.[0]?.message]).toEqual([400, expect.stringContaining(words)]);
    const latin1 = Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nGr\xfc\xdfe\n', 'latin1');
    expect((await sendRest(path, latin1, 'text/vtt', 'PUT')).status).toBe(400);
  });

  test('of a language that is none, of another type, too long, or of no such video are refused', async () => {
    const film = await createMovie(app.db);
    const assetId = await upload(film, clip);
    const other = await createMovie(app.db);
    const path = (movie: TestMovie, language: string) => `/movies/${movie.id}/media/${assetId}/tracks/${language}`;
    const put = async (where: string, body = Buffer.from(VTT), type = 'text/vtt') =>
      (await sendRest(where, body, type, 'PUT')).status;
    expect(await put(path(film, 'english'))).toBe(400);
    const short = await sendRest(path(film, 'e'), Buffer.from(VTT), 'text/vtt', 'PUT');
    expect([short.status, short.body.issues?.length]).toEqual([400, 1]);
    expect(await put(path(film, 'en-1'))).toBe(400);
    expect(await put(path(film, 'en-us-us'))).toBe(400);
    expect(await put(path(film, 'en'), Buffer.from(VTT), 'text/plain')).toBe(415);
    expect(await put(path(film, 'en'), Buffer.alloc(1_000_001, 32))).toBe(413);
    expect(await put(path(other, 'en'))).toBe(404);
    expect(await put(path(film, 'pt-BR'))).toBe(200);
  });
});

test('files no video names are swept, a day later, and nothing else', async () => {
  const film = await createMovie(app.db);
  await upload(film, clip);
  await waitUntilDone(app, 'media.prepare', 'media.remove');
  const { rows } = await app.db
    .selectFrom('mediaFiles')
    .innerJoin('mediaAssets', 'mediaAssets.id', 'mediaFiles.assetId')
    .select(['folder', 'path'])
    .execute()
    .then((named) => ({ rows: named.map(({ folder, path }) => `${folder}/${path}`).sort() }));
  const folder = rows[0]?.split('/').slice(0, 2).join('/') ?? '';
  const orphans = [`media/${crypto.randomUUID()}/movie.mp4`, `${folder}/hls/360p/segment-00000.m4s`];
  for (const orphan of orphans) await app.deps.storage.put(orphan, Buffer.from('orphan'));
  const sweep = () => mediaSweepJob.run(app.deps, {}, new AbortController().signal);
  await sweep();
  expect(await keys()).toEqual(expect.arrayContaining(orphans));
  app.clock.advance(86_400 + 60);
  await sweep();
  expect((await keys()).sort()).toEqual(rows);
});

test('what a killed server left of an upload goes within the hour, what is written to and what has a row stays', async () => {
  const film = await createMovie(app.db);
  await upload(film, clip);
  await waitUntilDone(app, 'media.prepare', 'media.remove');
  const { folder } = await app.db
    .selectFrom('mediaAssets')
    .where('movieId', '=', film.id)
    .select('folder')
    .executeTakeFirstOrThrow();
  const root = await storageRoot();
  const make = async (key: string, isOld: boolean) => {
    await mkdir(join(root, key, '..'), { recursive: true });
    await writeFile(join(root, key), 'half a film');
    if (isOld) await utimes(join(root, key), 0, 0);
    return key;
  };
  const makeFolder = async (key: string, isOld: boolean) => {
    await mkdir(join(root, key), { recursive: true });
    if (isOld) await utimes(join(root, key), 0, 0);
    return key;
  };
  const part = () => `media/${crypto.randomUUID()}/movie.mp4.${crypto.randomUUID()}.part`;
  const killed = [await make(part(), true), await make(`${folder}/movie.mp4.${crypto.randomUUID()}.part`, true)];
  const emptied = [
    await makeFolder(`media/${crypto.randomUUID()}`, true),
    await makeFolder(killed[0]?.split('/').slice(0, 2).join('/') ?? '', true),
    await makeFolder(`uploads/${crypto.randomUUID()}`, true),
  ];
  const alive = [
    await make(part(), false),
    await makeFolder(`media/${crypto.randomUUID()}`, false),
    `${folder}/movie.mp4`,
  ];

  await uploadCleanUpJob.run(app.deps, {}, new AbortController().signal);
  const isThere = async (key: string) =>
    await access(join(root, key)).then(
      () => true,
      () => false,
    );
  const all = [...killed, ...emptied, ...alive];
  const left = await Promise.all(all.map(async (key) => ((await isThere(key)) ? [key] : [])));
  expect(left.flat()).toEqual(alive);
});
