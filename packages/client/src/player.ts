import type { CinemaClient, RouterOutputs } from './assemble.ts';
import { isCinemaError } from './errors.ts';
import { newId } from './ids.ts';
import { createProgress } from './player-progress.ts';
import { attachTracks, type PlayerVideo } from './player-video.ts';

export type { PlayerVideo } from './player-video.ts';

/** What the cinema gave to play: sources, tracks, length, and where the viewer stopped. */
export type Playback = RouterOutputs['playback']['start'];

/** What is needed of an `XMLHttpRequest`. */
type RequestLike = { open(method: string, url: string, isAsync: boolean): void };

/** The class that `hls.js` exports. */
export type HlsConstructor = {
  new (config: { xhrSetup: (xhr: RequestLike, url: string) => void; startPosition: number }): {
    readonly levels: readonly unknown[];
    loadSource(address: string): void;
    attachMedia(video: never): void;
    on(event: string, listener: (event: string, data: { fatal: boolean; type: string }) => void): void;
    startLoad(): void;
    recoverMediaError(): void;
    destroy(): void;
  };
  isSupported(): boolean;
};

export type PlayerOptions = {
  /** The film, by id or by slug. */
  movieId: string;
  /** The film, which the caller must own, or its trailer, which anybody may see and of which no place is kept. */
  kind?: 'feature' | 'trailer';
  /**
   * Plays adaptive streams where the browser can not: what `hls.js` exports, or how to load it, which is done for a film
   * that has such a stream. When it can't be loaded, the plain file is played.
   */
  hls?: HlsConstructor | (() => Promise<HlsConstructor>);
  /** Settings of hls.js: `{ enableWorker: false }` where the policy of the page forbids workers. */
  hlsConfig?: object;
  /** What this player calls itself, always the same: starting anew ends what it played before. Default: a new name. */
  deviceId?: string;
  /** Told of what can't be repaired here: the film was refunded, or nobody answers. */
  onError?: (error: unknown) => void;
};

/** A film in its video element, or its trailer. */
export type AttachedPlayback = {
  readonly playback: Playback;
  /** Saves the place, frees the stream of the account, and takes the film out of the element. */
  stop(): Promise<void>;
};

const HLS_TYPE = 'application/vnd.apple.mpegurl';
/** Addresses are renewed this long before they expire; those that live shorter, after four fifths of their life. */
const RENEWAL_MARGIN_MS = 120_000;
/** Not sooner than that after the last time; after this when by the clock of this device they have expired already. */
const RENEWAL_LEAST_MS = 5_000;
const RENEWAL_ODD_MS = 30_000;
/** A timer holds no more. */
const TIMER_MOST_MS = 2 ** 31 - 1;

/**
 * Plays a film the caller owns: from where the viewer stopped, with captions, with addresses renewed before they expire,
 * and with the place saved every ten seconds, at every pause and when the page is left.
 *
 * @throws CinemaError `not_owned`, `no_video`, `too_many_streams`; `not_found` also for a film without a trailer.
 */
export async function attachPlayback(
  cinema: CinemaClient,
  video: PlayerVideo,
  { movieId, kind = 'feature', hls: given, hlsConfig, deviceId = newId(), onError }: PlayerOptions,
): Promise<AttachedPlayback> {
  let playback = await start();
  // Where a plain file goes on, and whether it does: an element that broke off is paused, and may have no place.
  let place = playback.resumeAt;
  let isPlaying = false;
  const isNative = video.canPlayType(HLS_TYPE) !== '';
  const Hls = hlsAddress() === undefined ? undefined : await loadHls(given);
  const hls = Hls && new Hls({ ...hlsConfig, xhrSetup, startPosition: place });
  const progress =
    kind === 'feature'
      ? createProgress(cinema, video, () => ({ movieId, deviceId, playbackId: playback.playbackId }))
      : undefined;
  const removeTracks = attachTracks(video, playback.tracks);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let repairs = 0;

  if (hls) {
    hls.on('hlsError', (_event, { fatal, type }) => fatal && repair(type === 'mediaError'));
    hls.loadSource(hlsAddress() ?? '');
    hls.attachMedia(video as never);
  } else {
    load();
    video.addEventListener('error', repairFile);
    video.addEventListener('play', notePlaying);
    video.addEventListener('pause', notePaused);
  }
  video.addEventListener('playing', forgetRepairs);
  renewInTime();

  return {
    get playback() {
      return playback;
    },
    async stop() {
      if (isStopped) return;
      isStopped = true;
      clearTimeout(timer);
      video.removeEventListener('error', repairFile);
      video.removeEventListener('play', notePlaying);
      video.removeEventListener('pause', notePaused);
      video.removeEventListener('playing', forgetRepairs);
      const saved = progress?.stop();
      hls?.destroy();
      video.removeAttribute('src');
      removeTracks();
      video.load();
      await saved;
      const { playbackId } = playback;
      if (playbackId !== undefined) await cinema.playback.stop.mutate({ movieId, playbackId });
    },
  };

  async function start(): Promise<Playback> {
    return kind === 'trailer'
      ? await cinema.playback.trailer.mutate({ movieId })
      : await cinema.playback.start.mutate({ movieId, deviceId });
  }

  function hlsAddress(): string | undefined {
    return playback.sources.find(({ type }) => type === HLS_TYPE)?.src;
  }

  // The grant stands in every address: hls.js asks with the newest, and plays on without a break. An address may have an
  // older one than the first: playlists name what is beside them, and some are loaded later.
  function xhrSetup(xhr: RequestLike, url: string): void {
    xhr.open('GET', url.replace(GRANT, `/media/${GRANT.exec(playback.src)?.[1]}/`), true);
  }

  function load(): void {
    const { playbackRate } = video;
    video.src = (isNative && hlsAddress()) || playback.src;
    video.addEventListener(
      'loadedmetadata',
      () => {
        // By then it may be another film's.
        if (isStopped) return;
        if (place > 0) video.currentTime = place;
        video.playbackRate = playbackRate;
        if (isPlaying) void video.play().catch(() => undefined);
      },
      { once: true },
    );
  }

  function renewInTime(): void {
    const leftMs = playback.expiresAt.getTime() - Date.now();
    const waitMs = leftMs > 0 ? leftMs - Math.min(RENEWAL_MARGIN_MS, leftMs / 5) : RENEWAL_ODD_MS;
    const renewNow = () => void renew().catch(() => undefined);
    timer = setTimeout(renewNow, Math.min(Math.max(waitMs, RENEWAL_LEAST_MS), TIMER_MOST_MS));
  }

  async function renew(): Promise<void> {
    clearTimeout(timer);
    try {
      const renewed = await askAnew();
      if (isStopped) return;
      playback = renewed;
      // A plain file goes on with the old address as long as that lasts; `repair` sees its end.
    } finally {
      if (!isStopped) renewInTime();
    }
  }

  async function askAnew(): Promise<Playback> {
    const { playbackId } = playback;
    if (playbackId !== undefined) {
      try {
        return await cinema.playback.renew.mutate({ movieId, playbackId });
      } catch (error) {
        // It was silent for too long, as after a sleep.
        if (!isCinemaError(error, 'not_found')) throw error;
      }
    }
    return await start();
  }

  async function repairNow(isMediaError: boolean): Promise<void> {
    if (video.duration > 0) place = video.currentTime;
    try {
      if (repairs++ >= 2) throw new Error('The film stopped playing.', { cause: video.error });
      if (hls && isMediaError) return hls.recoverMediaError();
      await renew();
      if (isStopped) return;
      if (!hls) load();
      else if (hls.levels.length > 0) hls.startLoad();
      else hls.loadSource(hlsAddress() ?? '');
    } catch (error) {
      if (!isStopped) onError?.(error);
    }
  }

  function repair(isMediaError: boolean): void {
    void repairNow(isMediaError);
  }

  function repairFile(): void {
    repair(false);
  }

  function notePlaying(): void {
    isPlaying = true;
  }

  function notePaused(): void {
    if (!video.error) isPlaying = false;
  }

  function forgetRepairs(): void {
    repairs = 0;
  }
}

async function loadHls(hls: PlayerOptions['hls']): Promise<HlsConstructor | undefined> {
  try {
    const Hls = hls && !('isSupported' in hls) ? await hls() : hls;
    return Hls?.isSupported() ? Hls : undefined;
  } catch {
    return undefined;
  }
}

const GRANT = /\/media\/([\w-]+)\//;
