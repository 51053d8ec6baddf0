import { sql } from 'kysely';
import { Upload, type UploadOptions } from 'tus-js-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addSeconds } from '../lib/clock.ts';
import { uploadCleanUpJob } from '../media/jobs.ts';
import { continueUpload } from '../media/resumable.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, type TestMovie } from '../testing/factories.ts';
import { waitUntilDone } from '../testing/jobs.ts';
import { startServerProcess } from '../testing/process.ts';
import { sendRaw } from '../testing/raw-request.ts';
import { padVideo, readClip } from '../testing/videos.ts';

const MEGABYTE = 1_048_576;
const NO_FFMPEG = { FFMPEG_PATH: '/nowhere/ffmpeg', FFPROBE_PATH: '/nowhere/ffprobe' };

let app: TestApp;
let moderator: Viewer;
let clip: Buffer<ArrayBuffer>;
beforeAll(async () => {
  [app, clip] = await Promise.all([startTestApp({ ...NO_FFMPEG, MEDIA_MAX_BYTES: '100000000' }), readClip()]);
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function authorization(viewer = moderator): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await viewer.client.$session.accessToken()}` };
}

/** Sends a film as web apps do, and gives where it went; rejects where the client gives up. */
async function sendByTus(bytes: Buffer, options: UploadOptions): Promise<string> {
  const headers = await authorization();
  return await new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      headers,
      // A machine at its limits may answer 503 now and then.
      retryDelays: [200, 500, 1_000],
      ...options,
      onError: reject,
      onSuccess: () => resolve(upload.url ?? ''),
    });
    upload.start();
  });
}

/** A request of the protocol itself. */
async function tus(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer<ArrayBuffer>) {
  const answer = await fetch(`${app.url}/media-uploads${path}`, {
    method,
    headers: { 'tus-resumable': '1.0.0', ...(await authorization()), ...headers },
    ...(body && { body: new Blob([body]) }),
  });
  const text = await answer.text();
  const reason = text === '' ? undefined : (JSON.parse(text) as { reason: string }).reason;
  return { status: answer.status, headers: answer.headers, reason };
}

function metadataOf(movie: TestMovie, kind = 'feature', filename = 'Aurora – final.mp4'): Record<string, string> {
  return { movieId: movie.id, kind, filename };
}

function encode(metadata: Record<string, string>): string {
  return Object.entries(metadata)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

/** Begins an upload and gives its path. */
async function begin(movie: TestMovie, length: number): Promise<string> {
  const created = await tus('POST', '', {
    'upload-length': String(length),
    'upload-metadata': encode(metadataOf(movie)),
  });
  expect(created.status).toBe(201);
  return (created.headers.get('location') ?? '').replace('/media-uploads', '');
}

const PATCH = { 'content-type': 'application/offset+octet-stream' };

async function send(path: string, offset: number, bytes: Buffer<ArrayBuffer>) {
  return await tus('PATCH', path, { ...PATCH, 'upload-offset': String(offset) }, bytes);
}

/** Moves the clock on, beyond the life of access tokens. */
async function letPass(seconds: number): Promise<void> {
  app.clock.advance(seconds);
  moderator = await app.signIn({ role: 'moderator' });
}

async function assetsOf(movie: TestMovie) {
  await waitUntilDone(app, 'media.prepare');
  return (await moderator.client.media.list.query({ movieId: movie.id })).items;
}

async function storedKeys(folder: string): Promise<string[]> {
  const keys = [];
  for await (const { key } of app.deps.storage.list(folder)) keys.push(key);
  return keys;
}

async function storedBytes(assetId: string): Promise<Buffer> {
  const { folder } = await app.db
    .selectFrom('mediaAssets')
    .where('id', '=', assetId)
    .select('folder')
    .executeTakeFirstOrThrow();
  const chunks = [];
  for await (const chunk of app.deps.storage.read(`${folder}/movie.mp4`)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test('a film that comes in pieces plays, and the pieces go', async () => {
  const film = await createMovie(app.db);
  const url = await sendByTus(clip, {
    endpoint: `${app.url}/media-uploads`,
    chunkSize: 100_000,
    metadata: metadataOf(film),
  });
  const assetId = url.split('/').at(-1) ?? '';
  expect(await assetsOf(film)).toMatchObject([
    {
      id: assetId,
      kind: 'feature',
      status: 'ready',
      originalName: 'Aurora – final.mp4',
      sizeBytes: clip.length,
      probe: { duration: 16 },
    },
  ]);
  expect((await storedBytes(assetId)).equals(clip)).toBe(true);
  await waitUntilDone(app, 'media.remove');
  expect(await storedKeys('uploads')).toEqual([]);
  // Who missed the last answer asks, and need not begin again.
  const complete = (await tus('HEAD', `/${assetId}`)).headers;
  expect([complete.get('upload-offset'), complete.get('upload-length')]).toEqual(Array(2).fill(String(clip.length)));
  const acts = await app.db.selectFrom('auditEntries').where('targetId', '=', assetId).select('action').execute();
  expect(acts).toEqual([{ action: 'media.upload' }]);
});

test('an upload goes on where it was when the server was killed', async () => {
  const film = await createMovie(app.db);
  const large = padVideo(clip, 40 * MEGABYTE);
  const env = {
    ...NO_FFMPEG,
    PUBLIC_URL: app.config.publicUrl,
    DATABASE_URL: app.config.databaseUrl,
    DATA_DIR: app.config.dataDir,
    PROCESS: 'api',
  };
  let address = '';
  {
    await using first = await startServerProcess(env);
    const attempt = sendByTus(large, {
      endpoint: `${first.url}/media-uploads`,
      chunkSize: 10 * MEGABYTE,
      metadata: metadataOf(film),
      onAfterResponse: (_request, response) => {
        address ||= response.getHeader('location') ?? '';
      },
      onProgress: (sent) => {
        if (sent > 15 * MEGABYTE) first.child.kill('SIGKILL');
      },
    });
    await expect(attempt).rejects.toThrow();
    expect(await first.exited).toBeNull();
  }
  const [asset] = (await moderator.client.media.list.query({ movieId: film.id })).items;
  expect(asset?.status).toBe('uploading');
  const before = await tus('HEAD', address.replace('/media-uploads', ''));
  expect(before.headers.get('upload-metadata')).toBe(encode(metadataOf(film)));
  const offset = Number(before.headers.get('upload-offset'));
  expect(offset).toBeGreaterThanOrEqual(10 * MEGABYTE);
  expect(offset).toBeLessThan(large.length);
  expect(asset?.progress).toBe(Math.floor((100 * offset) / large.length));

  await using second = await startServerProcess(env);
  const requests: string[] = [];
  await sendByTus(large, {
    uploadUrl: `${second.url}${address}`,
    onBeforeRequest: (request) => {
      requests.push(`${request.getMethod()} ${request.getHeader('Upload-Offset') ?? ''}`.trim());
    },
  });
  expect(requests).toEqual(['HEAD', `PATCH ${offset}`]);
  const assets = await assetsOf(film);
  expect(assets).toMatchObject([{ status: 'ready', sizeBytes: large.length }]);
  expect((await storedBytes(assets[0]?.id ?? '')).equals(large)).toBe(true);
}, 60_000);

test('what arrived before the sender went away is kept', async () => {
  const film = await createMovie(app.db);
  const path = await begin(film, clip.length);
  const sender = new AbortController();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(clip.subarray(0, 70_000));
      await new Promise((resolve) => setTimeout(resolve, 200));
      sender.abort();
    },
  });
  const broken = fetch(`${app.url}/media-uploads${path}`, {
    method: 'PATCH',
    headers: { 'tus-resumable': '1.0.0', ...(await authorization()), ...PATCH, 'upload-offset': '0' },
    body,
    duplex: 'half',
    signal: sender.signal,
  });
  await expect(broken).rejects.toThrow();
  await expect.poll(async () => (await tus('HEAD', path)).headers.get('upload-offset')).toBe('70000');
  expect((await send(path, 70_000, clip.subarray(70_000))).status).toBe(204);
  expect(await assetsOf(film)).toMatchObject([{ status: 'ready' }]);
});

test('of two who send on from one place, one is refused, and no byte of both is mixed', async () => {
  const film = await createMovie(app.db);
  const path = await begin(film, clip.length);
  const sent = await Promise.all([1, 2, 3, 4].map(() => send(path, 0, clip)));
  const statuses = sent.map(({ status }) => status);
  expect(statuses.filter((status) => status === 204)).toEqual([204]);
  expect(
    statuses.every((status) => [204, 404, 409].includes(status)),
    statuses.join(),
  ).toBe(true);
  const [asset] = await assetsOf(film);
  expect(asset?.status).toBe('ready');
  expect((await storedBytes(asset?.id ?? '')).equals(clip)).toBe(true);
  await waitUntilDone(app, 'media.remove');
  expect(await storedKeys('uploads')).toEqual([]);
});

test('who sends what is no video takes nothing from who sent the film meanwhile', async () => {
  const film = await createMovie(app.db);
  const path = await begin(film, clip.length);
  const actor = { userId: moderator.userId, role: 'moderator', ip: '127.0.0.1' } as const;
  async function* tooLate() {
    expect((await send(path, 0, clip)).status).toBe(204);
    yield Buffer.alloc(1_000);
  }
  const attempt = continueUpload(app.deps, actor, { assetId: path.slice(1), offset: 0, read: tooLate });
  await expect(attempt).rejects.toMatchObject({ reason: 'not_found' });
  expect(await assetsOf(film)).toMatchObject([{ status: 'ready' }]);
});

test('an upload that is given up leaves nothing, also by way of a proxy that knows only POST', async () => {
  const film = await createMovie(app.db);
  const path = await begin(film, clip.length);
  const asPatch = { ...PATCH, 'x-http-method-override': 'PATCH', 'upload-offset': '0' };
  expect((await tus('POST', path, asPatch, clip.subarray(0, 1_000))).status).toBe(204);
  expect((await tus('HEAD', path)).headers.get('upload-offset')).toBe('1000');
  expect((await tus('POST', path)).status).toBe(405);
  expect((await tus('POST', path, { 'x-http-method-override': 'DELETE' })).status).toBe(204);
  expect((await tus('HEAD', path)).status).toBe(404);
  expect((await send(path, 1_000, clip.subarray(1_000))).status).toBe(404);
  expect(await assetsOf(film)).toEqual([]);
  await waitUntilDone(app, 'media.remove');
  expect(await storedKeys('uploads')).toEqual([]);
});

describe('refused', () => {
  test('what is no video, as soon as its first bytes are there', async () => {
    const film = await createMovie(app.db);
    const path = await begin(film, 5_000_000);
    const { status, reason } = await send(path, 0, Buffer.alloc(1_000, 'film.mp4 '));
    expect([status, reason]).toEqual([415, 'unsupported_video']);
    expect((await tus('HEAD', path)).status).toBe(404);
    expect(await assetsOf(film)).toEqual([]);
  });

  test('a film larger than is taken, and bytes beyond its length', async () => {
    const film = await createMovie(app.db);
    const metadata = { 'upload-metadata': encode(metadataOf(film)) };
    const tooLong = await tus('POST', '', { 'upload-length': '100000001', ...metadata });
    expect([tooLong.status, tooLong.reason]).toEqual([413, 'payload_too_large']);
    const path = await begin(film, 1_000);
    expect((await send(path, 0, clip)).status).toBe(413);
    expect((await tus('HEAD', path)).headers.get('upload-offset')).toBe('0');
    expect((await send(path, 500, clip.subarray(0, 500))).status).toBe(409);
  });

  test.for([
    ['no length', {}],
    ['no bytes', { 'upload-length': '0' }],
    ['a length that is none', { 'upload-length': '1e3' }],
    ['no metadata', { 'upload-length': '10', 'upload-metadata': '' }],
    ['another kind', { 'upload-length': '10', 'upload-metadata': encode({ movieId: 'heat-1995', kind: 'film' }) }],
    ['a length to be told later', { 'upload-defer-length': '1' }],
    ['a value that is no Base64', { 'upload-length': '10', 'upload-metadata': 'movieId !,kind ZmVhdHVyZQ==' }],
    ['a key twice', { 'upload-length': '10', 'upload-metadata': 'kind ZmVhdHVyZQ==,kind ZmVhdHVyZQ==' }],
  ] as const)('a beginning with %s: 400', async ([, headers]) => {
    const film = await createMovie(app.db);
    const answer = await tus('POST', '', { 'upload-metadata': encode(metadataOf(film)), ...headers });
    expect([answer.status, answer.reason]).toEqual([400, 'invalid_input']);
  });

  test('an unknown film, another version of the protocol, another type of body, an id that is none', async () => {
    const film = await createMovie(app.db);
    const unknown = encode({ movieId: 'nothing-2001', kind: 'feature' });
    expect((await tus('POST', '', { 'upload-length': '10', 'upload-metadata': unknown })).status).toBe(404);
    const path = await begin(film, 10);
    const old = await tus('HEAD', path, { 'tus-resumable': '0.2.2' });
    expect([old.status, old.headers.get('tus-version')]).toEqual([412, '1.0.0']);
    const octets = { 'upload-offset': '0', 'content-type': 'application/octet-stream' };
    expect((await tus('PATCH', path, octets, clip.subarray(0, 10))).status).toBe(415);
    expect((await tus('HEAD', '/nothing')).status).toBe(404);
    expect((await tus('PUT', path)).status).toBe(405);
  });

  test('who is not signed in, and who is no moderator, at every step', async () => {
    const film = await createMovie(app.db);
    const path = await begin(film, clip.length);
    const viewer = await authorization(await app.signIn());
    const steps: [string, string, Record<string, string>][] = [
      ['POST', '', { 'upload-length': '10', 'upload-metadata': encode(metadataOf(film)) }],
      ['HEAD', path, {}],
      ['PATCH', path, { ...PATCH, 'upload-offset': '0' }],
      ['DELETE', path, {}],
    ];
    for (const [method, where, headers] of steps) {
      const body = method === 'PATCH' ? clip : undefined;
      expect((await tus(method, where, { ...headers, authorization: '' }, body)).status).toBe(401);
      expect((await tus(method, where, { ...headers, ...viewer }, body)).status).toBe(403);
    }
    expect((await tus('HEAD', path)).headers.get('upload-offset')).toBe('0');
  });
});

describe('bounded', () => {
  /** Begins an upload, whatever comes of it. */
  async function tryToBegin(film: TestMovie, viewer = moderator, length = clip.length) {
    const headers = { 'upload-length': String(length), 'upload-metadata': encode(metadataOf(film)) };
    return await tus('POST', '', { ...headers, ...(await authorization(viewer)) });
  }

  test('a moderator has ten unfinished uploads at most, however many are begun at once, and all have fifty', async () => {
    const [film, busy, other] = await Promise.all([
      createMovie(app.db),
      app.signIn({ role: 'moderator' }),
      app.signIn({ role: 'moderator' }),
    ]);
    const begun = await Promise.all(Array.from({ length: 16 }, () => tryToBegin(film, busy)));
    const statuses = begun.map(({ status }) => String(status)).sort();
    expect(statuses).toEqual([...Array<string>(10).fill('201'), ...Array<string>(6).fill('429')]);
    const refused = begun.find(({ status }) => status === 429);
    expect([refused?.reason, refused?.headers.get('retry-after')]).toEqual(['too_many_requests', '60']);
    const first = begun.find(({ status }) => status === 201)?.headers.get('location') ?? '';
    await tus('DELETE', first.replace('/media-uploads', ''), await authorization(busy));
    expect((await tryToBegin(film, busy)).status).toBe(201);

    // Of somebody whose account is gone by now.
    await sql`with assets as (
      insert into media_assets (movie_id, kind, folder, size_bytes, status)
      select ${film.id}, 'feature', 'media/' || gen_random_uuid(), 1000, 'uploading' from generate_series(1, 40) returning id
    ) insert into media_uploads (asset_id, expires_at) select id, ${addSeconds(app.clock.now(), 60)} from assets`.execute(
      app.db,
    );
    expect((await tryToBegin(film, other)).status).toBe(429);
    await letPass(61);
    expect((await tryToBegin(film, await app.signIn({ role: 'moderator' }))).status).toBe(201);
    await letPass(86_400);
  });

  test('an upload comes in so many pieces, and no more', async () => {
    const film = await createMovie(app.db);
    const path = await begin(film, 1_000_000);
    await sql`insert into media_upload_parts (asset_id, start_bytes, size_bytes, id)
      select ${path.slice(1)}::uuid, each, 1, gen_random_uuid() from generate_series(0, 19999) as each`.execute(app.db);
    expect((await send(path, 20_000, Buffer.alloc(1))).status).toBe(429);
    await tus('DELETE', path);
  });

  test('what the disk has no room for is refused before it comes, in whatever way', async () => {
    const film = await createMovie(app.db);
    const length = 900_000_000_000_000;
    const large = await app.startReplica({ PROCESS: 'api', MEDIA_MAX_BYTES: String(length) });
    const by = await authorization();
    const metadata = { 'upload-length': String(length), 'upload-metadata': encode(metadataOf(film)) };
    const inPieces = await fetch(`${large.url}/media-uploads`, {
      method: 'POST',
      headers: { 'tus-resumable': '1.0.0', ...by, ...metadata },
    });
    const whole = await sendRaw(
      large.url ?? '',
      [
        `POST /api/v1/movies/${film.id}/media?kind=feature HTTP/1.1`,
        'Host: cinema.test',
        `Authorization: ${by.authorization}`,
        'Content-Type: video/mp4',
        `Content-Length: ${length}`,
        '',
        '',
      ].join('\r\n'),
    );
    expect([inPieces.status, whole.status]).toEqual([413, 413]);
    expect(whole.text).toContain('no room');
  });
});

test('anybody may ask what of the protocol is spoken', async () => {
  const answer = await fetch(`${app.url}/media-uploads`, { method: 'OPTIONS' });
  expect(answer.status).toBe(204);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'tus-resumable': '1.0.0',
    'tus-version': '1.0.0',
    'tus-extension': 'creation,expiration,termination',
    'tus-max-size': '100000000',
  });
});

test('an upload nobody goes on with is refused after a day, and cleaned up', async () => {
  const film = await createMovie(app.db);
  const path = await begin(film, clip.length);
  await letPass(86_400 - 60);
  const { headers } = await send(path, 0, clip.subarray(0, 1_000));
  expect(Date.parse(headers.get('upload-expires') ?? '') - app.clock.now().getTime()).toBeGreaterThan(86_000_000);
  await letPass(86_400 + 60);
  expect((await tus('HEAD', path)).status).toBe(404);
  expect((await send(path, 1_000, clip.subarray(1_000))).status).toBe(404);
  expect(await storedKeys(`uploads${path}`)).toHaveLength(1);
  await uploadCleanUpJob.run(app.deps, {}, new AbortController().signal);
  await waitUntilDone(app, 'media.remove');
  expect(await storedKeys('uploads')).toEqual([]);
  expect(await assetsOf(film)).toEqual([]);
});
