import { request } from 'node:http';
import { isCinemaError } from '@online-cinema/client';
import { type S3, startS3 } from '@online-cinema/local-services/s3';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie, giveMovie } from '../testing/factories.ts';
import { addVideo, localAddress } from '../testing/media.ts';
import { lookAt, makePicture, makeTurnedPhoto } from '../testing/pictures.ts';
import { avatarSweepJob } from './avatar-jobs.ts';

let app: TestApp;
let viewer: Viewer;
let s3: S3;
let onS3: TestApp;
let s3Viewer: Viewer;
beforeAll(async () => {
  s3 = await startS3();
  [app, onS3] = await Promise.all([
    startTestApp(),
    startTestApp({
      STORAGE_URL: `s3://${s3.bucket}?endpoint=${s3.url}`,
      S3_ACCESS_KEY_ID: s3.accessKeyId,
      S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
    }),
  ]);
  [viewer, s3Viewer] = await Promise.all([app.signIn(), onS3.signIn()]);
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await onS3[Symbol.asyncDispose]();
  await s3.stop();
});

/** Sends a body as it is, over REST. */
async function send(body: Buffer | string, contentType: string | null = 'image/jpeg', by: Viewer | null = viewer) {
  const token = await by?.client.$session.accessToken();
  const answer = await fetch(`${app.url}/api/v1/profile/avatar`, {
    method: 'PUT',
    body: new Blob([new Uint8Array(Buffer.from(body))]),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(contentType !== null && { 'content-type': contentType }),
    },
  });
  const said = (await answer.json()) as { avatarUrl?: string; reason?: string };
  return { status: answer.status, ...said };
}

async function get(address: string, where = app) {
  const answer = await fetch(localAddress(where, address));
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function avatarKeys(where = app): Promise<string[]> {
  const keys = [];
  for await (const { key } of where.deps.storage.list('avatars')) keys.push(key);
  return keys;
}

describe('a picture becomes an avatar', () => {
  test.for(['jpeg', 'png', 'webp'] as const)('from %s: the middle, 512 by 512, as WebP', async (format) => {
    const { status, avatarUrl } = await send(await makePicture(format, { width: 900, height: 500 }), `image/${format}`);
    expect(status).toBe(200);
    const { bytes } = await get(avatarUrl!);
    const { metadata, isRed } = await lookAt(bytes, { x: 20, y: 256 });
    expect(metadata).toMatchObject({ format: 'webp', width: 512, height: 512 });
    expect(isRed).toBe(true);
    expect((await lookAt(bytes, { x: 490, y: 256 })).isBlue).toBe(true);
  });

  test('whatever it is called: its content counts', async () => {
    expect((await send(await makePicture('png'), 'image/jpeg')).status).toBe(200);
    expect((await send(await makePicture('png'), 'IMAGE/WEBP; q=1')).status).toBe(200);
  });

  test('upright, and without what the camera has written into it', async () => {
    const photo = await makeTurnedPhoto();
    expect((await sharp(photo).metadata()).orientation).toBe(6);
    expect(photo.includes('Secret camera')).toBe(true);
    const { bytes } = await get((await send(photo)).avatarUrl!);
    const { metadata, isRed } = await lookAt(bytes, { x: 256, y: 20 });
    expect(isRed).toBe(true);
    expect((await lookAt(bytes, { x: 256, y: 490 })).isBlue).toBe(true);
    expect(metadata.exif ?? metadata.icc ?? metadata.xmp ?? metadata.orientation).toBeUndefined();
    expect(bytes.includes('Secret camera')).toBe(false);
  });

  test('that everybody may see, for good, at an address that tells nothing', async () => {
    const { avatarUrl } = await send(await makePicture('jpeg'));
    expect(avatarUrl).toMatch(/^http:\/\/cinema\.test\/avatars\/[0-9a-f-]{36}\.webp$/);
    expect(avatarUrl).not.toContain(viewer.userId);
    const { status, headers } = await get(avatarUrl!);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    expect((await viewer.client.profile.get.query()).avatarUrl).toBe(avatarUrl);
    expect((await viewer.client.accounts.me.query()).profile.avatarUrl).toBe(avatarUrl);
    expect((await app.anonymous.users.card.query({ userId: viewer.userId })).avatarUrl).toBe(avatarUrl);
    await viewer.client.profile.update.mutate({ firstName: 'Ada' });
    expect((await viewer.client.profile.get.query()).avatarUrl).toBe(avatarUrl);
  });

  test('the old object goes; so does the last one when the avatar is taken away, twice if need be', async () => {
    const first = (await send(await makePicture('jpeg'))).avatarUrl!;
    const second = (await send(await makePicture('png'))).avatarUrl!;
    expect((await get(first)).status).toBe(404);
    expect(await avatarKeys()).toEqual([new URL(second).pathname.slice(1)]);
    for (let time = 0; time < 2; time += 1) {
      expect((await app.rest('DELETE', '/profile/avatar', { viewer })).status).toBe(204);
    }
    expect((await get(second)).status).toBe(404);
    expect(await avatarKeys()).toEqual([]);
    expect((await viewer.client.profile.get.query()).avatarUrl).toBeNull();
  });

  test('fifteen at once leave one object, and the one the profile names', async () => {
    const picture = await makePicture('jpeg', { width: 300, height: 300 });
    const answers = await Promise.all(Array.from({ length: 15 }, () => send(picture)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => 200));
    const { avatarUrl } = await viewer.client.profile.get.query();
    expect((await avatarKeys()).map((key) => `${app.config.publicUrl}/${key}`)).toEqual([avatarUrl]);
  });
});

describe('through the SDK', () => {
  test('a Blob is sent as it is', async () => {
    const image = new Blob([new Uint8Array(await makePicture('webp'))], { type: 'image/webp' });
    const { avatarUrl } = await viewer.client.profile.setAvatar.mutate({ image });
    expect((await get(avatarUrl)).status).toBe(200);
    await viewer.client.profile.removeAvatar.mutate();
    expect((await viewer.client.profile.get.query()).avatarUrl).toBeNull();
  });

  test('refusals have their reasons', async () => {
    const svg = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>']);
    const tooLarge = new Blob([new Uint8Array(5_000_001)]);
    for (const [by, image, reason] of [
      [viewer.client, svg, 'unsupported_image'],
      [viewer.client, tooLarge, 'payload_too_large'],
      [app.anonymous, svg, 'not_authenticated'],
    ] as const) {
      const error = await by.profile.setAvatar.mutate({ image }).catch((thrown: unknown) => thrown);
      expect(isCinemaError(error, reason), reason).toBe(true);
    }
  });

  test.for([
    ['JSON in place of bytes', 'profile.setAvatar', 'application/json', '{"json":{"image":"aGk="}}', 400],
    ['bytes for a procedure that takes none', 'cart.add', 'application/octet-stream', 'x', 415],
    ['bytes for no procedure', 'profile.nothing', 'application/octet-stream', 'x', 415],
    ['bytes for a batch', 'profile.setAvatar,profile.setAvatar', 'application/octet-stream', 'x', 415],
    ['a form', 'profile.setAvatar', 'multipart/form-data; boundary=x', '--x--', 415],
    ['a field beside the bytes', 'profile.setAvatar?input={"json":{"id":"x"}}', 'application/octet-stream', 'x', 400],
    ['the bytes twice', 'profile.setAvatar?input={"json":{"image":"x"}}', 'application/octet-stream', 'x', 400],
    ['what is no input', 'profile.setAvatar?input={', 'application/octet-stream', 'x', 400],
  ] as const)('%s are refused', async ([, path, contentType, body, status]) => {
    const authorization = `Bearer ${await viewer.client.$session.accessToken()}`;
    const headers = { authorization, 'content-type': contentType };
    const answer = await fetch(`${app.url}/trpc/${path}`, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error: { json: { data: { httpStatus: status } } } });
  });
});

describe('what is no picture for us is refused', () => {
  test('SVG and other formats, also under a false name', async () => {
    const bodies: [string, Buffer | string][] = [
      ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
      ['image/gif', await makePicture('gif')],
      ['image/tiff', await makePicture('tiff')],
      ['image/avif', await makePicture('avif')],
      ['text/html', '<html></html>'],
      ['application/json', '{}'],
      ['application/octet-stream', 'x'],
      ['multipart/form-data; boundary=x', '--x--'],
    ];
    for (const [type, body] of bodies) {
      for (const sentAs of [type, 'image/png']) {
        expect(await send(body, sentAs), sentAs).toMatchObject({ status: 415, reason: 'unsupported_image' });
      }
    }
    expect(await send(await makePicture('png'), null)).toMatchObject({ status: 415, reason: 'unsupported_image' });
    expect(await send('', 'image/png')).toMatchObject({ status: 415, reason: 'unsupported_image' });
  });

  test('more than 5 MB, said or not, and more than 25 megapixels', async () => {
    expect(await send(Buffer.alloc(5_000_001))).toMatchObject({ status: 413, reason: 'payload_too_large' });
    expect(await sendInChunks(50)).toBe(413);
    const many = await makePicture('png', { width: 5_001, height: 5_000 });
    expect(many.length).toBeLessThan(5_000_000);
    expect(await send(many, 'image/png')).toMatchObject({ status: 415, reason: 'unsupported_image' });
    const enough = await makePicture('png', { width: 5_000, height: 5_000 });
    expect((await send(enough, 'image/png')).status).toBe(200);
  });

  test('a stranger’s, before it is read', async () => {
    expect(await send(await makePicture('png'), 'image/png', null)).toMatchObject({ status: 401 });
  });

  test('broken pictures of every kind, and none of them is a fault of the server', async () => {
    const pictures = await Promise.all(
      (['jpeg', 'png', 'webp'] as const).map((format) => makePicture(format, { width: 40, height: 30 })),
    );
    const broken = fc
      .tuple(
        fc.constantFrom(...pictures),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.nat(),
      )
      .map(([picture, changes, cut]) => {
        const bytes = Buffer.from(picture);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes.subarray(0, cut % 3 === 0 ? cut % bytes.length : bytes.length);
      });
    await fc.assert(
      fc.asyncProperty(broken, async (bytes) => {
        expect([200, 415]).toContain((await send(bytes)).status);
      }),
      { numRuns: 60, seed: 20_261_120 },
    );
  });

  test('and what was there stays', async () => {
    const { avatarUrl } = await send(await makePicture('jpeg'));
    await send('nothing');
    expect((await viewer.client.profile.get.query()).avatarUrl).toBe(avatarUrl);
    expect(await avatarKeys()).toHaveLength(1);
  });
});

test.for([
  'x',
  '..%2f..%2fsecret.txt',
  '%2e%2e/x.webp',
  `${'0'.repeat(36)}.webp`,
  `${'0'.repeat(36)}.svg`,
  'a%00.webp',
])('there is no avatar %s', async (file) => {
  await app.deps.storage.put('secret.txt', Buffer.from('secret'));
  const answer = await get(`${app.url}/avatars/${file}`);
  expect([400, 404]).toContain(answer.status);
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

describe.each(['files', 'S3'])('the sweep of %s', (kind) => {
  test('removes what no profile names, a day later, and nothing else', async () => {
    const [where, who] = kind === 'S3' ? [onS3, s3Viewer] : [app, viewer];
    const image = new Blob([new Uint8Array(await makePicture('png'))]);
    const { avatarUrl } = await who.client.profile.setAvatar.mutate({ image });
    const named = new URL(avatarUrl).pathname.slice(1);
    const orphan = `avatars/${crypto.randomUUID()}.webp`;
    await where.deps.storage.put(orphan, Buffer.from('orphan'));
    await where.deps.storage.put('media/film.mp4', Buffer.from('film'));
    const sweep = () => avatarSweepJob.run(where.deps, {}, new AbortController().signal);

    await sweep();
    expect((await avatarKeys(where)).sort()).toEqual([named, orphan].sort());
    where.clock.advance(86_400 + 60);
    await sweep();
    await sweep();
    expect(await avatarKeys(where)).toEqual([named]);
    const films = [];
    for await (const { key } of where.deps.storage.list('media')) films.push(key);
    expect(films).toEqual(['media/film.mp4']);
  });
});

describe('on S3', () => {
  test('an avatar is read from the bucket, at a signed address', async () => {
    const someone = await onS3.signIn();
    const image = new Blob([new Uint8Array(await makePicture('png'))]);
    const { avatarUrl } = await someone.client.profile.setAvatar.mutate({ image });
    const sent = await fetch(localAddress(onS3, avatarUrl), { redirect: 'manual' });
    expect([sent.status, sent.headers.get('cache-control')]).toEqual([302, 'public, max-age=3600']);
    const { status, headers, bytes } = await get(avatarUrl, onS3);
    expect([status, headers.get('content-type')]).toEqual([200, 'image/webp']);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect((await sharp(bytes).metadata()).width).toBe(512);
    expect((await fetch(localAddress(onS3, avatarUrl), { method: 'HEAD' })).status).toBe(200);
    await someone.client.profile.removeAvatar.mutate();
    expect((await get(avatarUrl, onS3)).status).toBe(404);
  });

  test('a film too, in ranges, for as long as its grant is good and no longer', async () => {
    const owner = await onS3.signIn();
    const movie = await createMovie(onS3.db);
    await giveMovie(onS3.db, owner.userId, movie.id);
    const video = await addVideo(onS3, movie.id, { byteCount: 1_000 });
    const playback = await owner.client.playback.start.mutate({ movieId: movie.id });
    const src = localAddress(onS3, playback.src);

    const sent = await fetch(src, { redirect: 'manual' });
    expect([sent.status, sent.headers.get('cache-control')]).toEqual([302, 'no-store']);
    const life = Number(new URL(sent.headers.get('location') ?? '').searchParams.get('X-Amz-Expires'));
    const left = (playback.expiresAt.getTime() - onS3.clock.now().getTime()) / 1000;
    // Both ends are whole seconds.
    expect(life).toBeGreaterThanOrEqual(Math.floor(left) - 2);
    expect(life).toBeLessThan(left + 60);
    const part = await fetch(src, { headers: { range: 'bytes=10-19' } });
    expect([part.status, part.headers.get('content-type')]).toEqual([206, 'video/mp4']);
    expect(Buffer.from(await part.arrayBuffer()).equals(video.bytes.subarray(10, 20))).toBe(true);
    const captions = await fetch(localAddress(onS3, playback.tracks[0]!.src));
    expect(captions.headers.get('content-type')).toBe('text/vtt; charset=utf-8');
    expect(await captions.text()).toBe(video.captions);
    onS3.clock.advance(left + 1);
    expect((await fetch(src, { redirect: 'manual' })).status).toBe(403);
  });
});

/** Sends so many pieces of 100,000 bytes without saying how many there will be; the status of the answer. */
async function sendInChunks(count: number): Promise<number> {
  const authorization = `Bearer ${await viewer.client.$session.accessToken()}`;
  return await new Promise((resolve, reject) => {
    const sent = request(
      `${app.url}/api/v1/profile/avatar`,
      { method: 'PUT', headers: { authorization, 'content-type': 'image/png', 'transfer-encoding': 'chunked' } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    for (let piece = 0; piece <= count; piece += 1) sent.write(Buffer.alloc(100_000));
    sent.end();
  });
}
