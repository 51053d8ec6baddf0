/** The client's player and upload, against the real server. */
import { isCinemaError } from '@online-cinema/client';
import {
  attachPlayback,
  type AttachedPlayback,
  type HlsConstructor,
  type PlayerOptions,
  type PlayerVideo,
} from '@online-cinema/client/player';
import { uploadMedia } from '@online-cinema/client/upload';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
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
  playbackRate = 1;
  duration = 100;
  paused = true;
  crossOrigin: string | null = null;
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

/** What the player touches of hls.js: the real one plays in `scripts/check-browser`. */
function createTestHls() {
  const did: string[] = [];
  const levels: unknown[] = [];
  const made: { config?: ConstructorParameters<HlsConstructor>[0] } = {};
  let tellError = (_event: string, _data: { fatal: boolean; type: string }) => {};
  class Hls {
    readonly levels = levels;
    constructor(config: ConstructorParameters<HlsConstructor>[0]) {
      made.config = config;
    }
    static isSupported(): boolean {
      return true;
    }
    loadSource(address: string): void {
      did.push(address);
    }
    attachMedia(): void {}
    on(_event: string, listener: typeof tellError): void {
      tellError = listener;
    }
    startLoad(): void {
      did.push('load');
    }
    recoverMediaError(): void {
      did.push('recover');
    }
    destroy(): void {
      did.push('destroy');
    }
  }
  return {
    Hls,
    did,
    levels,
    made,
    fail: (type: string, fatal = true) => tellError('hlsError', { fatal, type }),
    /** Which address it asks for instead of another. */
    ask: (address: string) => {
      let asked = '';
      made.config?.xhrSetup({ open: (_method, url) => void (asked = url) }, address);
      return asked;
    },
  };
}

function masterOf({ playback }: AttachedPlayback): string {
  return playback.sources.find(({ src }) => src.endsWith('master.m3u8'))?.src ?? '';
}

async function play(
  video: TestVideo,
  owner: { viewer: Viewer; movieId: string },
  more: Pick<PlayerOptions, 'hls' | 'hlsConfig'> = {},
) {
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

    const neverBegun = await play(new TestVideo(), owner);
    await neverBegun.attached.stop();
    expect(await progressOf(owner)).toBe(50);
  });

  test('a film that was taken out before it was read does not move the next one in the element', async () => {
    const [begun, fresh] = [await ownerOf(), await ownerOf()];
    const { client } = begun.viewer;
    await client.playback.progress.mutate({ movieId: begun.movieId, position: 50, duration: 100 });
    const video = new TestVideo();
    await (await play(video, begun)).attached.stop();
    const { attached } = await play(video, fresh);
    video.happen('loadedmetadata');
    expect(video.currentTime).toBe(0);
    await attached.stop();
  });

  test('a page of another origin asks for the film in a way that lets it have the captions', async () => {
    const owner = await ownerOf();
    const video = new TestVideo();
    vi.stubGlobal('location', { href: 'https://shop.example/watch', origin: 'https://shop.example' });
    const { attached } = await play(video, owner);
    expect(video.crossOrigin).toBe('anonymous');
    vi.unstubAllGlobals();
    await attached.stop();
    expect(video.crossOrigin).toBeNull();
  });

  test('an address that has expired is renewed where the film is, and a film that was refunded is told', async () => {
    const owner = await ownerOf();
    const video = new TestVideo();
    const { attached, errors } = await play(video, owner);
    const { src } = video;
    Object.assign(video, { currentTime: 30, playbackRate: 1.5, paused: false });
    video.happen('play');

    app.clock.advance(DAY);
    // As Chromium does, which pauses what has broken off.
    Object.assign(video, { paused: true, error: new Error('The source is gone.') });
    video.happen('pause');
    video.happen('error');
    await expect.poll(() => video.src).not.toBe(src);
    const second = video.src;
    // Its source is gone, and with it its place.
    Object.assign(video, { currentTime: 0, duration: Number.NaN });
    app.clock.advance(DAY);
    video.happen('error');
    await expect.poll(() => video.src).not.toBe(second);
    Object.assign(video, { duration: 100, error: null });
    video.happen('loadedmetadata');

    expect([video.src, video.currentTime, errors]).toEqual([attached.playback.src, 30, []]);
    expect(video.paused).toBe(false);
    video.happen('playing');
    await app.db.deleteFrom('libraryMovies').where('userId', '=', owner.viewer.userId).execute();
    video.happen('error');
    await expect.poll(() => errors).toHaveLength(1);
    expect(isCinemaError(errors[0], 'not_owned')).toBe(true);
    await attached.stop().catch(() => undefined);
  });

  test('adaptive streams are played by hls.js, which asks with the newest grant, whichever it knew', async () => {
    const owner = await ownerOf({ isMade: true });
    const { Hls, did, levels, made, fail, ask } = createTestHls();
    const video = new TestVideo();
    const { attached } = await play(video, owner, { hls: async () => Hls, hlsConfig: { enableWorker: false } });
    const first = masterOf(attached);
    expect(did).toEqual([first]);
    expect(made.config).toMatchObject({ enableWorker: false, startPosition: 0 });
    expect(video.src).toBe('');

    const grants = [first];
    levels.push('high');
    for (const _renewal of ['second', 'third']) {
      app.clock.advance(DAY);
      fail('networkError', false);
      fail('networkError');
      await expect.poll(() => masterOf(attached)).not.toBe(grants.at(-1));
      grants.push(masterOf(attached));
    }
    expect(grants.map((address) => ask(address))).toEqual(grants.map(() => masterOf(attached)));
    await expect.poll(() => did).toEqual([first, 'load', 'load']);
    await attached.stop();
    expect(did.at(-1)).toBe('destroy');
  });

  test('a stream whose list could not be loaded is loaded again, and a decoder that broke is mended', async () => {
    const owner = await ownerOf({ isMade: true });
    const { Hls, did, fail } = createTestHls();
    const { attached } = await play(new TestVideo(), owner, { hls: Hls });
    const first = masterOf(attached);

    app.clock.advance(DAY);
    fail('networkError');
    await expect.poll(() => did).toHaveLength(2);
    fail('mediaError');

    expect(did).toEqual([first, masterOf(attached), 'recover']);
    await attached.stop();
  });

  test('hls.js is loaded for a film that needs it only, and a plain file plays where it can not be', async () => {
    let loads = 0;
    const hls = async () => {
      loads += 1;
      throw new Error('The network is gone.');
    };
    for (const [isMade, expected] of [[false, 0] as const, [true, 1] as const]) {
      const video = new TestVideo();
      const { attached } = await play(video, await ownerOf({ isMade }), { hls });
      expect([loads, video.src]).toEqual([expected, attached.playback.src]);
      await attached.stop();
    }
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

  test('is not taken up again at an address elsewhere, which would hear the token', async () => {
    const { client } = await app.signIn({ role: 'moderator' });
    const film = await createMovie(app.db);
    const resumeFrom = 'http://127.0.0.1:1/media-uploads/1';
    const upload = uploadMedia(client, { movieId: film.id, kind: 'feature', file: HEAD, resumeFrom });
    await expect(upload).rejects.toThrow(TypeError);
  });

  test('that is refused says why', async () => {
    const { client } = await app.signIn();
    const film = await createMovie(app.db);

    const refusal = uploadMedia(client, { movieId: film.id, kind: 'feature', file: Buffer.from('film') });

    await expect(refusal).rejects.toMatchObject({ data: { reason: 'not_allowed', httpStatus: 403 } });
  });
});
