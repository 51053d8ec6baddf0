import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type S3, startS3 } from '@online-cinema/local-services/s3';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readBytes } from './bytes.ts';
import { createS3Storage, readS3Url } from './storage-s3.ts';
import { createFileStorage, type Storage } from './storage.ts';

let s3: S3;
let folder: string;
const storages: Record<string, Storage> = {};
beforeAll(async () => {
  s3 = await startS3();
  folder = await mkdtemp(join(tmpdir(), 'cinema-storage-'));
  storages['files'] = createFileStorage(folder);
  storages['S3'] = createS3Storage({ ...readS3Url(`s3://${s3.bucket}?endpoint=${s3.url}`), ...keysOf(s3) });
});
afterAll(async () => {
  await s3.stop();
  await rm(folder, { recursive: true, force: true });
});

const READ_AS = { method: 'GET', contentType: 'image/webp', cacheControl: 'public', lifeSeconds: 60 } as const;
const NO_KEYS = ['', '/', '../up', 'a/../b', 'a//b', '.hidden', 'a/./b', 'a b', 'a\0', 'a%2fb', 'é', 'a'.repeat(501)];

test('files are for the user whose process wrote them, and nobody else of the machine', async () => {
  const root = join(folder, 'made', 'on-demand');
  await createFileStorage(root).put('exports/deep/archive.json', Buffer.from('{}'));
  const modeOf = async (path: string) => (await stat(join(folder, path))).mode & 0o777;
  for (const each of ['made', 'made/on-demand', 'made/on-demand/exports', 'made/on-demand/exports/deep']) {
    expect([each, await modeOf(each)]).toEqual([each, 0o700]);
  }
  expect(await modeOf('made/on-demand/exports/deep/archive.json')).toBe(0o600);
});

test('a file is on the disk before it has its name, and its name before that is told', async () => {
  const done: string[] = [];
  const handle = await open(folder);
  // Node's own, of which there is no other sign: nothing but a loss of power shows what they did.
  const fileSync = vi.spyOn(fs, 'fsync');
  const folderSync = vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'sync');
  try {
    fileSync.mockImplementation((fd, callback) => {
      done.push('file');
      fs.fdatasync(fd, callback);
    });
    folderSync.mockImplementation(async () => {
      const names = await readdir(join(folder, 'synced', 'deep')).catch(() => []);
      done.push(`folder with ${names.join()}`);
    });
    await createFileStorage(folder).put('synced/deep/film.mp4', Buffer.from('film'));
  } finally {
    vi.restoreAllMocks();
    await handle.close();
  }
  expect(done).toEqual(['file', ...Array<string>(3).fill('folder with film.mp4')]);
});

describe.each(['files', 'S3'])('a storage of %s', (kind) => {
  const storage = (): Storage => storages[kind]!;

  test('gives back what was put, whole, and again after it was replaced', async () => {
    expect(await storage().put('one/film.mp4', Buffer.from('first'))).toBe(5);
    expect((await read(storage(), 'one/film.mp4'))?.toString()).toBe('first');
    expect(await storage().put('one/film.mp4', Readable.from([Buffer.from('sec'), Buffer.from('ond')]))).toBe(6);
    expect((await read(storage(), 'one/film.mp4'))?.toString()).toBe('second');
  });

  test.each([0, 8_388_607, 8_388_608, 20_000_003])('takes a stream of %i bytes', async (length) => {
    const bytes = randomBytes(length);
    expect(await storage().put('large/film.mp4', Readable.from(chunksOf(bytes, 1_234_567)))).toBe(length);
    expect((await read(storage(), 'large/film.mp4'))?.equals(bytes)).toBe(true);
  });

  test.each([1, 8_388_608, 20_000_003])('reads %i bytes as a stream', async (length) => {
    const bytes = randomBytes(length);
    await storage().put('large/film.mp4', Readable.from(chunksOf(bytes, 1_234_567)));
    expect((await readBytes(storage().read('large/film.mp4'))).equals(bytes)).toBe(true);
  });

  test('reads a range, and of one that goes too far what there is', async () => {
    const bytes = randomBytes(20_000_003);
    await storage().put('large/film.mp4', bytes);
    for (const [start, end] of [
      [0, 1],
      [7, 1_000],
      [8_388_600, 8_388_620],
      [1, 20_000_001],
      [20_000_000, 30_000_000],
    ] as const) {
      const part = await readBytes(storage().read('large/film.mp4', { start, end }));
      expect(part.equals(bytes.subarray(start, end + 1)), `${start} to ${end}`).toBe(true);
    }
  });

  test('has nothing to read where nothing was put', async () => {
    await expect(readBytes(storage().read('nothing/here'))).rejects.toThrow();
  });

  test('keeps nothing of a stream that breaks, however far it came', async () => {
    for (const length of [10, 9_000_000]) {
      const broken = Readable.from(
        (function* () {
          yield Buffer.alloc(length);
          throw new Error('the sender went away');
        })(),
      );
      await expect(storage().put('broken/film.mp4', broken)).rejects.toThrow('went away');
    }
    expect(await keysBelow(storage(), 'broken')).toEqual([]);
    expect(await read(storage(), 'broken/film.mp4')).toBeNull();
  });

  test('removes one object or all below a prefix, and nothing else', async () => {
    for (const key of ['gone/a', 'gone/b/c', 'gone-not/d']) await storage().put(key, Buffer.from(key));
    await storage().remove('gone/a');
    expect(await keysBelow(storage(), 'gone')).toEqual(['gone/b/c']);
    await storage().remove('gone');
    await storage().remove('gone');
    expect(await keysBelow(storage(), 'gone')).toEqual([]);
    expect(await keysBelow(storage(), 'gone-not')).toEqual(['gone-not/d']);
  });

  test('lists objects with the time of their last change', async () => {
    const before = Date.now() - 2_000;
    await storage().put('listed/a', Buffer.from('a'));
    for await (const { key, modifiedAt } of storage().list('listed')) {
      expect(key).toBe('listed/a');
      expect(modifiedAt.getTime()).toBeGreaterThan(before);
      expect(modifiedAt.getTime()).toBeLessThan(Date.now() + 2_000);
    }
  });

  test('knows what can be no key', async () => {
    for (const key of NO_KEYS) {
      expect(await storage().locate(key, READ_AS), key).toBeNull();
      await expect(storage().put(key, Buffer.from('x')), key).rejects.toThrow('no storage key');
      await expect(storage().remove(key), key).rejects.toThrow('no storage key');
    }
  });
});

describe('S3', () => {
  test('is listed page by page', async () => {
    const keys = Array.from({ length: 1_050 }, (_, number) => `many/${String(number).padStart(4, '0')}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => storages['S3']!.put(key, Buffer.from('x'))));
    }
    expect(await keysBelow(storages['S3']!, 'many')).toEqual(keys);
  });

  test('an address says what the bytes are, takes ranges, and is good for one object', async () => {
    await storages['S3']!.put('signed/a.webp', Buffer.from('picture'));
    await storages['S3']!.put('signed/b.webp', Buffer.from('another'));
    const url = await addressOf(storages['S3']!, 'signed/a.webp');
    const answer = await fetch(url, { headers: { range: 'bytes=1-3' } });
    expect(answer.status).toBe(206);
    expect(await answer.text()).toBe('ict');
    expect(answer.headers.get('content-type')).toBe('image/webp');
    expect(answer.headers.get('cache-control')).toBe('public');
    expect((await fetch(url.replace('a.webp', 'b.webp'))).status).toBe(403);
    expect((await fetch(url.replace('X-Amz-Expires=60', 'X-Amz-Expires=6000'))).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'mine' })).status).toBe(403);
  });

  test('an address lives no longer than S3 allows, and never less than a second', async () => {
    for (const [lifeSeconds, signed] of [
      [1e9, '604800'],
      [0.3, '1'],
    ] as const) {
      const url = await addressOf(storages['S3']!, 'signed/a.webp', lifeSeconds);
      expect(new URL(url).searchParams.get('X-Amz-Expires')).toBe(signed);
    }
  });

  test('what it refuses is an error that names the reason, and no secret', async () => {
    const wrong = createS3Storage({
      ...readS3Url(`s3://${s3.bucket}?endpoint=${s3.url}`),
      accessKeyId: 'S3RVER',
      secretAccessKey: 'wrong-key',
    });
    await expect(wrong.put('a', Buffer.from('a'))).rejects.toThrow(/403, SignatureDoesNotMatch, to PUT of cinema\/a$/);
    const nowhere = createS3Storage({ ...readS3Url(`s3://nowhere?endpoint=${s3.url}`), ...keysOf(s3) });
    await expect(nowhere.put('a', Buffer.from('a'))).rejects.toThrow(/404, NoSuchBucket/);
  });

  test('readers are sent to AWS, to an endpoint, or to where the public reaches it', async () => {
    const origins = [
      's3://films?region=eu-west-1',
      's3://films?endpoint=http://s3:9000/',
      's3://films?endpoint=http://s3:9000&publicEndpoint=https://cdn.example',
    ];
    const made = origins.map((url) => createS3Storage({ ...readS3Url(url), ...keysOf(s3) }));
    expect(made.map((storage) => storage.origin)).toEqual([
      'https://films.s3.eu-west-1.amazonaws.com',
      'http://s3:9000',
      'https://cdn.example',
    ]);
    expect(await addressOf(made[0]!, 'a')).toMatch(/^https:\/\/films\.s3\.eu-west-1\.amazonaws\.com\/a\?/);
    expect(await addressOf(made[2]!, 'a')).toMatch(/^https:\/\/cdn\.example\/films\/a\?/);
  });
});

test('a file that is being written is not there yet, and one that broke leaves nothing', async () => {
  const names = await readdir(folder, { recursive: true });
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
});

function keysOf({ accessKeyId, secretAccessKey }: S3): { accessKeyId: string; secretAccessKey: string } {
  return { accessKeyId, secretAccessKey };
}

function* chunksOf(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function addressOf(storage: Storage, key: string, lifeSeconds = 60): Promise<string> {
  const location = await storage.locate(key, { ...READ_AS, lifeSeconds });
  if (!location || !('url' in location)) throw new Error(`${key} has no address`);
  return location.url;
}

async function read(storage: Storage, key: string): Promise<Buffer | null> {
  const location = await storage.locate(key, READ_AS);
  if (!location) return null;
  if (!('url' in location)) return await readFile(join(location.root, location.path)).catch(() => null);
  const answer = await fetch(location.url);
  return answer.ok ? Buffer.from(await answer.arrayBuffer()) : null;
}

async function keysBelow(storage: Storage, prefix: string): Promise<string[]> {
  const keys = [];
  for await (const { key } of storage.list(prefix)) keys.push(key);
  return keys.sort();
}
