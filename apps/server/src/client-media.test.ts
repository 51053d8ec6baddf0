/** The client's player and upload, against the real server. */
import { isCinemaError } from '@online-cinema/client';
import { attachPlayback, type HlsConstructor, type PlayerVideo } from '@online-cinema/client/player';
import { uploadMedia } from '@online-cinema/client/upload';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp, type Viewer } from './testing/app.ts';
import { createMovie, giveMovie } from './testing/factories.ts';
import { addVideo } from './testing/media.ts';

/** Longer than addresses are good. */
const DAY = 86_400;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** What an MP4 begins with: the rest is looked at later. */
const HEAD = Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42');

/** What the player touches of a video element: there is no browser here. */
class TestVideo extends EventTarget implements PlayerVideo {
  src = '';
  currentTime = 0;
  duration = 100;
  paused = true;
  error: unknown = null;
  tracks: { kind?: string; src?: string; srclang?: string }[] = [];
  readonly ownerDocument = {
    createElement: () => {
      const track = { remove: () => void (this.tracks = this.tracks.filter((each) => each !== track)) };
      return track;
    },
  };
  append(track: TestVideo['tracks'][number]): void {
    this.tracks.push(track);
  }
  canPlayType(): string {
    return '';
  }
  load(): void {}
  async play(): Promise<void> {
    this.paused = false;
  }
  removeAttribute(): void {
    this.src = '';
  }
  happen(event: string): void {
    this.dispatchEvent(new Event(event));
  }
}

async function ownerOf(made: { isMade?: boolean } = {}): Promise<{ viewer: Viewer; movieId: string }> {
  const viewer = await app.signIn();
  const film = await createMovie(app.db);
  await giveMovie(app.db, viewer.userId, film.id);
  await addVideo(app, film.id, made);
  return { viewer, movieId: film.id };
}

async function play(video: TestVideo, owner: { viewer: Viewer; movieId: string }, more: { hls?: HlsConstructor } = {}) {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const attached = await attachPlayback(owner.viewer.client, video, { movieId: owner.movieId, onError, ...more });
  return { attached, errors };
}

async function progressOf({ viewer, movieId }: { viewer: Viewer; movieId: string }): Promise<number | undefined> {
  const { items } = await viewer.client.playback.history.query({});
  return items.find(({ movie }) => movie.id === movieId)?.progress.position;
}

describe('the player', () => {
  test('plays with captions, keeps the place at a pause, goes on from it, and leaves nothing in the element', async () => {
    const owner = await ownerOf();
    const video = new TestVideo();
    const { attached } = await play(video, owner);
    expect(video.src).toBe(attached.playback.src);
    expect(video.tracks.map(({ kind, srclang }) => [kind, srclang])).toEqual([
      ['captions', 'de'],
      ['captions', 'en'],
    ]);
    video.currentTime = 42;
    video.happen('pause');
    await expect.poll(() => progressOf(owner)).toBe(42);
    video.currentTime = 50;
    await attached.stop();
    expect([video.src, video.tracks]).toEqual(['', []]);

    const again = new TestVideo();
    const next = await play(again, owner);
    again.happen('loadedmetadata');
    expect(again.currentTime).toBe(50);
    await next.attached.stop();
  });

  test('an address that has expired is renewed where the film is, and a film that was refunded is told', async () => {
    const owner = await ownerOf();
    const video = new TestVideo();
    const { attached, errors } = await play(video, owner);
    const { src } = video;
    Object.assign(video, { currentTime: 30, paused: false });

    app.clock.advance(DAY);
    video.happen('error');
    await expect.poll(() => video.src).not.toBe(src);
    video.currentTime = 0;
    video.happen('loadedmetadata');

    expect([video.src, video.currentTime, errors]).toEqual([attached.playback.src, 30, []]);
    await app.db.deleteFrom('libraryMovies').where('userId', '=', owner.viewer.userId).execute();
    video.happen('error');
    await expect.poll(() => errors).toHaveLength(1);
    expect(isCinemaError(errors[0], 'not_owned')).toBe(true);
    await attached.stop().catch(() => undefined);
  });

  test('adaptive streams are played by hls.js, which asks with the newest grant', async () => {
    const owner = await ownerOf({ isMade: true });
    const loaded: string[] = [];
    let ask: ConstructorParameters<HlsConstructor>[0]['xhrSetup'] = () => {};
    let tellError = (_event: string, _data: { fatal: boolean }) => {};
    const started: number[] = [];
    class Hls {
      constructor({ xhrSetup }: ConstructorParameters<HlsConstructor>[0]) {
        ask = xhrSetup;
      }
      static isSupported(): boolean {
        return true;
      }
      loadSource(address: string): void {
        loaded.push(address);
      }
      attachMedia(): void {}
      on(_event: string, listener: typeof tellError): void {
        tellError = listener;
      }
      startLoad(position: number): void {
        started.push(position);
      }
      destroy(): void {
        loaded.push('destroyed');
      }
    }
    const video = new TestVideo();
    const { attached } = await play(video, owner, { hls: Hls });
    const [master = ''] = loaded;
    expect(master).toMatch(/hls\/master\.m3u8$/);
    expect(video.src).toBe('');

    video.currentTime = 20;
    app.clock.advance(DAY);
    tellError('hlsError', { fatal: false });
    tellError('hlsError', { fatal: true });
    await expect.poll(() => started).toEqual([20]);
    const opened: string[] = [];
    ask({ open: (_method, url) => void opened.push(url) }, master);

    const renewed = attached.playback.sources.find(({ src }) => src.endsWith('master.m3u8'))?.src;
    expect(opened).toEqual([renewed]);
    expect(renewed).not.toBe(master);
    await attached.stop();
    expect(loaded.at(-1)).toBe('destroyed');
  });
});

describe('an upload', () => {
  test('arrives whole, and tells how far it is and where', async () => {
    const { client } = await app.signIn({ role: 'moderator' });
    const film = await createMovie(app.db);
    const sent: number[] = [];
    const addresses: string[] = [];

    const { assetId } = await uploadMedia(client, {
      movieId: film.slug,
      kind: 'feature',
      file: Buffer.concat([HEAD, Buffer.alloc(300_000)]),
      filename: 'film.mp4',
      onProgress: (bytes) => sent.push(bytes),
      onAddress: (address) => addresses.push(address),
    });

    const asset = await app.db
      .selectFrom('mediaAssets')
      .selectAll()
      .where('id', '=', assetId)
      .executeTakeFirstOrThrow();
    expect(asset).toMatchObject({ movieId: film.id, kind: 'feature', sizeBytes: 300_000 + HEAD.length });
    expect(sent.at(-1)).toBe(300_000 + HEAD.length);
    expect(addresses).toEqual([`${app.url}/media-uploads/${assetId}`]);
  });

  test('goes on after the access token has expired by the clock of the cinema only', async () => {
    const { client } = await app.signIn({ role: 'moderator' });
    const film = await createMovie(app.db);
    app.clock.advance(16 * 60);

    const file = HEAD;
    await expect(uploadMedia(client, { movieId: film.id, kind: 'trailer', file })).resolves.toHaveProperty('assetId');
  });

  test('that is refused says why', async () => {
    const { client } = await app.signIn();
    const film = await createMovie(app.db);

    const refusal = uploadMedia(client, { movieId: film.id, kind: 'feature', file: Buffer.from('film') });

    await expect(refusal).rejects.toMatchObject({ data: { reason: 'not_allowed', httpStatus: 403 } });
  });
});
