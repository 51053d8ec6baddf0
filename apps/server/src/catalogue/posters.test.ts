import { type S3, startS3 } from '@online-cinema/local-services/s3';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs, waitUntilDone } from '../testing/jobs.ts';
import { localAddress } from '../testing/media.ts';
import { lookAt, makePicture, makeTurnedPhoto } from '../testing/pictures.ts';
import { posterSweepJob, removeObjectsJob } from './jobs.ts';

let app: TestApp;
let moderator: Viewer;
beforeAll(async () => {
  app = await startTestApp();
  moderator = await app.signIn({ role: 'moderator' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function send(ref: string, body: Buffer, { viewer = moderator, contentType = 'image/jpeg' } = {}) {
  const answer = await fetch(`${app.url}/api/v1/movies/${ref}/poster`, {
    method: 'PUT',
    body: new Blob([new Uint8Array(body)]),
    headers: { authorization: `Bearer ${await viewer.client.$session.accessToken()}`, 'content-type': contentType },
  });
  const said = (await answer.json()) as { posterUrl?: string; reason?: string };
  return { status: answer.status, ...said };
}

async function get(address: string, where = app) {
  const answer = await fetch(localAddress(where, address));
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function posterKeys(where = app): Promise<string[]> {
  const keys = [];
  for await (const { key } of where.deps.storage.list('posters')) keys.push(key);
  return keys;
}

const posterOf = async (movieId: string) => (await app.anonymous.movies.get.query({ movieId })).posterUrl;

test('a picture becomes the poster: whole, small, upright, and without what was written into it', async () => {
  const film = await createMovie(app.db);
  for (const [picture, width, height] of [
    [await makePicture('png', { width: 2_000, height: 1_000 }), 600, 300],
    [await makePicture('webp', { width: 1_000, height: 3_000 }), 300, 900],
    [await makePicture('jpeg', { width: 100, height: 50 }), 100, 50],
  ] as const) {
    const { status, posterUrl } = await send(film.slug, picture);
    expect(status).toBe(200);
    expect((await lookAt((await get(posterUrl!)).bytes, { x: 2, y: 2 })).metadata).toMatchObject({
      format: 'webp',
      width,
      height,
    });
  }
  const { bytes } = await get((await send(film.id, await makeTurnedPhoto())).posterUrl!);
  const { metadata, isRed } = await lookAt(bytes, { x: 300, y: 20 });
  expect(isRed).toBe(true);
  expect(metadata.exif ?? metadata.icc ?? metadata.xmp ?? metadata.orientation).toBeUndefined();
  expect(bytes.includes('Secret camera')).toBe(false);
});

test('it is shown wherever the film is, to everybody, and caches may keep it for ever', async () => {
  const viewer = await app.signIn();
  const film = await createMovie(app.db, { name: 'Shown everywhere' });
  await viewer.client.cart.add.mutate({ movieId: film.id });
  const { posterUrl } = await send(film.id, await makePicture('png'));
  expect(posterUrl).toMatch(/^http:\/\/cinema\.test\/posters\/[0-9a-f-]{36}\.webp$/);
  expect(posterUrl).not.toContain(film.id);
  const list = await app.anonymous.movies.list.query({ query: 'shown everywhere' });
  const cart = await viewer.client.cart.get.query();
  const { order } = await viewer.client.orders.create.mutate({});
  expect([
    await posterOf(film.slug),
    list.items[0]?.posterUrl,
    cart.items[0]?.movie.posterUrl,
    order.items[0]?.posterUrl,
  ]).toEqual(Array.from({ length: 4 }, () => posterUrl));
  const { status, headers } = await get(posterUrl!);
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toMatchObject({
    'content-type': 'image/webp',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'cross-origin',
  });
});

test('the old object goes; without a poster one is drawn again', async () => {
  const film = await createMovie(app.db);
  const drawn = await posterOf(film.id);
  const first = (await send(film.id, await makePicture('jpeg'))).posterUrl!;
  const second = (await send(film.id, await makePicture('png'))).posterUrl!;
  await waitUntilDone(app, removeObjectsJob.name);
  expect([(await get(first)).status, (await get(second)).status]).toEqual([404, 200]);
  for (let time = 0; time < 2; time += 1) {
    const answer = await app.rest('DELETE', `/movies/${film.slug}/poster`, { viewer: moderator });
    expect(answer.status).toBe(204);
  }
  await waitUntilDone(app, removeObjectsJob.name);
  expect((await get(second)).status).toBe(404);
  expect(await posterOf(film.id)).toBe(drawn);
  const acts = app.db.selectFrom('auditEntries').where('targetId', '=', film.id).orderBy('id').select('action');
  expect((await acts.execute()).map(({ action }) => action)).toEqual([
    'movies.setPoster',
    'movies.setPoster',
    'movies.removePoster',
  ]);
});

test('ten at once leave one object: the one the film names', async () => {
  const film = await createMovie(app.db);
  const picture = await makePicture('jpeg', { width: 60, height: 90 });
  const before = await posterKeys();
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(film.id, picture)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
  await waitUntilDone(app, removeObjectsJob.name);
  const left = (await posterKeys()).filter((key) => !before.includes(key));
  expect(left.map((key) => `${app.config.publicUrl}/${key}`)).toEqual([await posterOf(film.id)]);
});

test('what is no picture for us is refused, and what was there stays', async () => {
  const film = await createMovie(app.db);
  const { posterUrl } = await send(film.id, await makePicture('jpeg'));
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>');
  expect(await send(film.id, svg)).toMatchObject({ status: 415, reason: 'unsupported_image' });
  expect(await send(film.id, svg, { contentType: 'image/svg+xml' })).toMatchObject({ status: 415 });
  expect(await send(film.id, await makePicture('gif'))).toMatchObject({ status: 415, reason: 'unsupported_image' });
  expect(await send(film.id, Buffer.alloc(5_000_001))).toMatchObject({ status: 413, reason: 'payload_too_large' });
  expect(await posterOf(film.id)).toBe(posterUrl);
});

test('it is for the staff, and for films of the catalogue', async () => {
  const film = await createMovie(app.db);
  const withdrawn = await createMovie(app.db, { withdrawnAt: new Date() });
  const picture = await makePicture('png');
  const before = await posterKeys();
  expect(await send(film.id, picture, { viewer: await app.signIn() })).toMatchObject({ status: 403 });
  for (const ref of [withdrawn.id, 'no-such-film']) {
    expect(await send(ref, picture)).toMatchObject({ status: 404, reason: 'not_found' });
    expect((await app.rest('DELETE', `/movies/${ref}/poster`, { viewer: moderator })).status).toBe(404);
  }
  expect(await posterKeys()).toEqual(before);
});

test('a sweep removes what no film names, once it is a day old', async () => {
  const film = await createMovie(app.db);
  const { posterUrl } = await send(film.id, await makePicture('png'));
  const orphan = `posters/${crypto.randomUUID()}.webp`;
  await app.deps.storage.put(
    orphan,
    await sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } })
      .webp()
      .toBuffer(),
  );
  const sweep = (days: number) => {
    const clock = { now: () => new Date(Date.now() + days * 86_400_000 + 60_000) };
    return posterSweepJob.run({ ...app.deps, clock }, {}, new AbortController().signal);
  };
  await sweep(0);
  expect(await posterKeys()).toContain(orphan);
  await sweep(1);
  expect(await posterKeys()).not.toContain(orphan);
  expect((await get(posterUrl!)).status).toBe(200);
});

test('with the storage in a bucket the address leads there', async () => {
  const s3: S3 = await startS3();
  try {
    await using cinema = await startTestApp({
      STORAGE_URL: `s3://${s3.bucket}?endpoint=${s3.url}`,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    });
    const staff = await cinema.signIn({ role: 'admin' });
    const film = await createMovie(cinema.db);
    const image = new Blob([new Uint8Array(await makePicture('webp'))]);
    const { posterUrl } = await staff.client.movies.setPoster.mutate({ movieId: film.slug, image });
    const { status, headers, bytes } = await get(posterUrl, cinema);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect((await sharp(bytes).metadata()).width).toBe(600);
    await staff.client.movies.removePoster.mutate({ movieId: film.id });
    await waitUntilDone(cinema, removeObjectsJob.name);
    expect(await posterKeys(cinema)).toEqual([]);
  } finally {
    await s3.stop();
  }
});

test('nothing of all this was a fault of the server', async () => {
  expect(app.logs.filter((line) => /procedure failed|the database refused/.test(line))).toEqual([]);
  expect((await listJobs(app, removeObjectsJob.name)).every(({ retryCount }) => retryCount === 0)).toBe(true);
});
