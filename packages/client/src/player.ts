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
    loadSource(address: string): void;
    attachMedia(video: never): void;
    on(event: string, listener: (event: string, data: { fatal: boolean }) => void): void;
    startLoad(position: number): void;
    destroy(): void;
  };
  isSupported(): boolean;
};

export type PlayerOptions = {
  /** The film, by id or by slug. */
  movieId: string;
  /** Plays adaptive streams where the browser can not: what `hls.js` exports. */
  hls?: HlsConstructor;
  /** What this player calls itself, always the same: starting anew ends what it played before. Default: a new name. */
  deviceId?: string;
  /** Told of what can't be repaired here: the film was refunded, or nobody answers. */
  onError?: (error: unknown) => void;
};

/** A film in its video element. */
export type AttachedPlayback = {
  readonly playback: Playback;
  /** Saves the place, frees the stream of the account, and takes the film out of the element. */
  stop(): Promise<void>;
};

const HLS_TYPE = 'application/vnd.apple.mpegurl';
/** Addresses are renewed this long before they expire; by a clock that is wrong, at least so much later. */
const RENEWAL_MARGIN_MS = 120_000;
const RENEWAL_LEAST_MS = 30_000;
/** A timer holds no more. */
const TIMER_MOST_MS = 2 ** 31 - 1;

/**
 * Plays a film the caller owns: from where the viewer stopped, with captions, with addresses renewed before they expire,
 * and with the place saved every ten seconds, at every pause and when the page is left.
 *
 * @throws CinemaError `not_owned`, `no_video`, `too_many_streams`.
 */
export async function attachPlayback(
  cinema: CinemaClient,
  video: PlayerVideo,
  { movieId, hls: Hls, deviceId = newId(), onError }: PlayerOptions,
): Promise<AttachedPlayback> {
  let playback: Playback = await cinema.playback.start.mutate({ movieId, deviceId });
  const firstGrant = grantOf(playback.src);
  const hlsSource = playback.sources.find(({ type }) => type === HLS_TYPE);
  const isNative = hlsSource !== undefined && video.canPlayType(HLS_TYPE) !== '';
  const hls = hlsSource && Hls?.isSupported() ? new Hls({ xhrSetup, startPosition: playback.resumeAt }) : undefined;
  const progress = createProgress(cinema, video, () => ({ movieId, deviceId, playbackId: playback.playbackId }));
  const removeTracks = attachTracks(video, playback.tracks);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;
  let repairs = 0;

  if (hls && hlsSource) {
    hls.loadSource(hlsSource.src);
    hls.attachMedia(video as never);
    hls.on('hlsError', (_event, { fatal }) => fatal && repair());
  } else {
    load(playback.resumeAt, false);
    video.addEventListener('error', repair);
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
      video.removeEventListener('error', repair);
      video.removeEventListener('playing', forgetRepairs);
      const saved = progress.stop();
      hls?.destroy();
      removeTracks();
      video.removeAttribute('src');
      video.load();
      await saved;
      const { playbackId } = playback;
      if (playbackId !== undefined) await cinema.playback.stop.mutate({ movieId, playbackId });
    },
  };

  // The grant stands in every address: hls.js asks with the newest, and plays on without a break.
  function xhrSetup(xhr: RequestLike, url: string): void {
    xhr.open('GET', url.replace(`/media/${firstGrant}/`, `/media/${grantOf(playback.src)}/`), true);
  }

  function load(position: number, isPlaying: boolean): void {
    const source = isNative ? playback.sources.find(({ type }) => type === HLS_TYPE) : undefined;
    video.src = source?.src ?? playback.src;
    video.addEventListener(
      'loadedmetadata',
      () => {
        if (position > 0) video.currentTime = position;
        if (isPlaying) void video.play().catch(() => undefined);
      },
      { once: true },
    );
  }

  function renewInTime(): void {
    const waitMs = Math.max(playback.expiresAt.getTime() - Date.now() - RENEWAL_MARGIN_MS, RENEWAL_LEAST_MS);
    timer = setTimeout(() => void renew().catch(() => undefined), Math.min(waitMs, TIMER_MOST_MS));
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
    return await cinema.playback.start.mutate({ movieId, deviceId });
  }

  async function repairNow(): Promise<void> {
    const { currentTime, paused } = video;
    try {
      if (repairs++ >= 2) throw new Error('The film stopped playing.', { cause: video.error });
      await renew();
      if (isStopped) return;
      if (hls) hls.startLoad(currentTime);
      else load(currentTime, !paused);
    } catch (error) {
      if (!isStopped) onError?.(error);
    }
  }

  function repair(): void {
    void repairNow();
  }

  function forgetRepairs(): void {
    repairs = 0;
  }
}

function grantOf(address: string): string {
  return /\/media\/([^/]+)\//.exec(address)?.[1] ?? '';
}
