import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { HopelessError } from '../job.ts';
import { readBytes } from '../lib/bytes.ts';
import { createFfmpeg } from '../lib/ffmpeg.ts';
import { readMp4Layout } from '../lib/video-container.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listJobs } from '../testing/jobs.ts';
import { startServerProcess } from '../testing/process.ts';
import { claimLength, H264, isFfmpegHere, makeVideo } from '../testing/videos.ts';
import { prepareJob, renderJob } from './jobs.ts';
import { removeMediaJob } from './removal-jobs.ts';
import { inWorkFolder } from './work-folder.ts';

// Without a worker: what is done to a film, and when, is for the tests to say.
let app: TestApp;
let moderator: Viewer;
let work: string;
beforeAll(async () => {
  app = await startTestApp({ PROCESS: 'api' });
  moderator = await app.signIn({ role: 'moderator' });
  work = join(app.config.dataDir, 'media-work');
});
afterAll(() => app[Symbol.asyncDispose]());

const MPEG4 = ['-c:v', 'mpeg4', '-c:a', 'aac'];
const { signal } = new AbortController();

async function upload(bytes: Buffer<ArrayBuffer>) {
  const { id: movieId } = await createMovie(app.db);
  const { assetId } = await moderator.client.media.upload.mutate({ movieId, kind: 'feature', file: new Blob([bytes]) });
  const { folder } = await app.db
    .selectFrom('mediaAssets')
    .where('id', '=', assetId)
    .select('folder')
    .executeTakeFirstOrThrow();
  const read = async (path: string) => await readBytes(app.deps.storage.read(`${folder}/${path}`));
  const listStored = async () => {
    const stored = [];
    for await (const { key } of app.deps.storage.list(folder)) stored.push(key.slice(folder.length + 1));
    return stored.sort();
  };
  return {
    movieId,
    assetId,
    folder,
    listStored,
    async look() {
      const { items } = await moderator.client.media.list.query({ movieId });
      const named = await app.db.selectFrom('mediaFiles').where('assetId', '=', assetId).select('path').execute();
      const paths = named.map(({ path }) => path).sort();
      return { asset: items[0], paths, stored: await listStored(), read };
    },
  };
}

type Uploaded = Awaited<ReturnType<typeof upload>>;

/** Does all there is to do to a film. */
async function make(uploaded: Uploaded) {
  await prepareJob.run(app.deps, uploaded, signal);
  while ((await uploaded.look()).asset?.progress !== 100) await renderJob.run(app.deps, uploaded, signal);
  return await uploaded.look();
}

async function runRemovals(): Promise<void> {
  for (const { data } of await listJobs(app, removeMediaJob.name)) {
    await removeMediaJob.run(app.deps, data as { keys: string[] }, signal);
  }
}

/** Where in the folder of work somebody works; only Linux tells. */
async function workers(): Promise<string[]> {
  const pids = await readdir('/proc').catch(() => []);
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return places.filter((place) => place.startsWith(work));
}

describe.runIf(isFfmpegHere)('with ffmpeg', () => {
  test('a film as narrow as a ribbon gets streams and a storyboard that players can show', async () => {
    const { asset, read } = await make(await upload(await makeVideo('a.mp4', '8x1280', ...H264)));
    expect(asset).toMatchObject({ status: 'ready', error: null });
    const sizes = [...(await read('hls/master.m3u8')).toString().matchAll(/RESOLUTION=(\d+x\d+)/g)];
    expect(sizes.map(([, size]) => size)).toEqual(['4x640', '8x1280']);
    expect((await read('storyboard/storyboard.vtt')).toString()).toContain('#xywh=0,0,2,320\n');
  });

  test('sound an MP4 can not hold is made into one it can, and not a picture is changed', async () => {
    const sounds = ['-map', '0:v', '-map', '1:a', '-map', '1:a', '-c:a:0', 'pcm_s16le', '-c:a:1', 'libvorbis'];
    const video = await makeVideo('a.mkv', '320x180', ...H264.slice(0, -2), ...sounds);
    const { asset, paths, read } = await make(await upload(video));
    expect(asset).toMatchObject({
      status: 'ready',
      error: null,
      probe: { videoCodec: 'h264', audioCodec: 'pcm_s16le' },
    });
    expect(paths).not.toContain('source');
    const movie = await read('movie.mp4');
    expect(movie.toString('latin1').match(/mp4a/g)).toHaveLength(2);
    // As libx264 of the sender wrote of itself: nobody has encoded it anew.
    expect(movie.includes('preset=ultrafast') || movie.includes('subme=0')).toBe(true);
  });

  test('where ffmpeg alone is missing, what would have to be converted is told: pictures and sound', async () => {
    const uploaded = await upload(await makeVideo('a.mkv', '64x64', ...H264.slice(0, -1), 'pcm_s16le'));
    const ffmpeg = createFfmpeg({ ...app.config.ffmpeg, ffmpegPath: '/nowhere/ffmpeg', log: app.deps.log });
    const preparing = prepareJob.run({ ...app.deps, ffmpeg }, uploaded, signal);
    await expect(preparing).rejects.toThrow('It holds h264, pcm_s16le.');
    ffmpeg.close();
  });

  test('what is wrong with a film is not tried again, what is wrong with the disk is', async () => {
    const uploaded = await upload(await makeVideo('a.mp4', '64x64', ...MPEG4));
    await prepareJob.run(app.deps, uploaded, signal);
    for (const [words, isHopeless] of [
      ['Invalid data found when processing input', true],
      ['av_interleaved_write_frame(): No space left on device', false],
    ] as const) {
      const program = join(app.config.dataDir, 'failing-ffmpeg');
      await writeFile(program, `#!/bin/sh\n[ "$1" = -version ] && exit\necho '${words}' >&2\nexit 1\n`);
      await chmod(program, 0o755);
      const ffmpeg = createFfmpeg({ ...app.config.ffmpeg, ffmpegPath: program, log: app.deps.log });
      const error = await renderJob.run({ ...app.deps, ffmpeg }, uploaded, signal).catch((thrown: unknown) => thrown);
      expect([error instanceof Error, error instanceof HopelessError]).toEqual([true, isHopeless]);
      ffmpeg.close();
    }
  });

  test('of a film that is longer than it says, no more is read than that', async () => {
    const video = claimLength(await makeVideo('a.mkv', '64x64', ...H264, '-t', '20'), 100);
    const { read } = await make(await upload(video));
    const movie = await read('movie.mp4');
    const layout = await readMp4Layout(async (start, end) => movie.subarray(start, end + 1), movie.length);
    expect(layout?.durationSeconds).toBeLessThan(4);
  });

  test('of two who make rungs of a film at once, neither loses that of the other', async () => {
    const uploaded = await upload(await makeVideo('a.mp4', '1280x720', ...H264));
    await prepareJob.run(app.deps, uploaded, signal);
    await renderJob.run(app.deps, uploaded, signal);
    const [hasBegun, mayGoOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { storage } = app.deps;
    const slow: typeof storage = {
      ...storage,
      async put(key, content) {
        if (key.endsWith('master.m3u8')) {
          hasBegun.resolve();
          await mayGoOn.promise;
        }
        return await storage.put(key, content);
      },
    };
    const first = renderJob.run({ ...app.deps, storage: slow }, uploaded, signal);
    await hasBegun.promise;
    await renderJob.run(app.deps, uploaded, signal);
    mayGoOn.resolve();
    await first;
    const { read, paths, stored } = await uploaded.look();
    expect((await read('hls/master.m3u8')).toString().match(/^\d+p/gm)).toEqual(['360p', '720p']);
    expect(stored).toEqual(paths);
  });

  test('the work on a film that is deleted ends, and nothing of it stays', async () => {
    const uploaded = await upload(await makeVideo('a.mp4', '320x180', ...MPEG4));
    const program = join(app.config.dataDir, 'endless-ffmpeg');
    await writeFile(program, '#!/bin/sh\n[ "$1" = -version ] && exit\ntouch begun\nexec sleep 600\n');
    await chmod(program, 0o755);
    const endless = createFfmpeg({
      ...app.config.ffmpeg,
      ffmpegPath: program,
      log: app.deps.log,
    });
    const deps = { ...app.deps, ffmpeg: endless };
    await prepareJob.run(deps, uploaded, signal);
    const rendering = renderJob.run(deps, uploaded, signal);
    await vi.waitFor(
      async () => {
        expect((await readdir(work, { recursive: true })).some((file) => file.endsWith('begun'))).toBe(true);
      },
      { timeout: 20_000 },
    );

    const { movieId, assetId } = uploaded;
    await moderator.client.media.delete.mutate({ movieId, assetId });
    await runRemovals();
    // As if it was stored at that moment.
    await app.deps.storage.put(`${uploaded.folder}/movie.mp4`, Buffer.from('late'));
    await rendering;
    expect([await readdir(work), await workers()]).toEqual([[], []]);
    await runRemovals();
    expect(await uploaded.listStored()).toEqual([]);
    endless.close();
  });

  test('a worker that is killed while it converts leaves a film that is made by the next, and no rubbish', async () => {
    // What the tests before it did themselves.
    await sql`delete from boss.job where name like 'media.%'`.execute(app.db);
    const uploaded = await upload(await makeVideo('a.mp4', '1280x720', '-r', '24', ...MPEG4));
    {
      await using worker = await startServerProcess({
        PROCESS: 'all',
        PUBLIC_URL: app.config.publicUrl,
        DATABASE_URL: app.config.databaseUrl,
        DATA_DIR: app.config.dataDir,
      });
      await vi.waitFor(
        async () => {
          const files = await readdir(work, { recursive: true });
          expect(files.some((file) => /movie\.mp4$|segment-|sheet-/.test(file))).toBe(true);
        },
        { timeout: 20_000, interval: 5 },
      );
      worker.child.kill('SIGKILL');
      await worker.exited;
    }
    expect(await readdir(work)).toHaveLength(1);
    const { asset, paths, stored, read } = await make(uploaded);
    expect(asset).toMatchObject({ status: 'ready', error: null });
    expect(paths).toEqual(
      expect.arrayContaining(['hls/360p/index.m3u8', 'hls/720p/index.m3u8', 'movie.mp4', 'source']),
    );
    expect(stored).toEqual(paths);
    expect((await read('hls/master.m3u8')).toString().match(/^#EXT-X-STREAM-INF/gm)).toHaveLength(2);
    expect(await readdir(work)).toEqual([]);
    // The ffmpeg of the killed worker may have ended by itself, or not.
    expect(await workers()).toEqual([]);
  }, 90_000);
});

test.runIf(process.platform === 'linux')('what a killed worker left running is ended behind a link, too', async () => {
  const assetId = crypto.randomUUID();
  const dataDir = join(app.config.dataDir, 'link');
  await symlink(app.config.dataDir, dataDir);
  const left = join(work, `${assetId}.left`);
  await mkdir(left, { recursive: true });
  const orphan: ChildProcess = spawn('sleep', ['600'], { cwd: left });
  const ended = once(orphan, 'close');
  await once(orphan, 'spawn');
  await inWorkFolder({ config: { ...app.config, dataDir } }, assetId, async () => {
    expect(await readdir(work)).toHaveLength(1);
  });
  expect(await ended).toEqual([null, 'SIGKILL']);
});
