import type Hls from 'hls.js';
import type { Playback } from '../cinema.ts';

/** What a video element shows, and how it gets new addresses. */
export type Screen = {
  /** Goes on with new addresses, from where it is. */
  renew(playback: Playback): void;
  /** Ends all that is under way. */
  clear(): void;
};

const HLS_TYPE = 'application/vnd.apple.mpegurl';

// Whoever stops early has not loaded an hour of film. In seconds.
const LONGEST_BUFFER = 60;

/**
 * Puts a film on a video element: HLS where there is some, which Safari plays by itself and others through hls.js, else
 * the plain file.
 *
 * @param onBroken told when it can't go on; a plain file says so by an `error` of the element.
 */
export async function showOn(video: HTMLVideoElement, playback: Playback, onBroken: () => void): Promise<Screen> {
  const hls = hlsOf(playback) && (await loadHls());
  return hls ? showHls(hls, video, playback, onBroken) : showFile(video, playback);
}

function hlsOf({ sources }: Playback): string | undefined {
  return sources.find(({ type }) => type === HLS_TYPE)?.src;
}

/** Loads the player of HLS, only when there is something for it to play. */
async function loadHls(): Promise<typeof Hls | null> {
  try {
    const { default: Player } = await import('hls.js');
    return Player.isSupported() ? Player : null;
  } catch {
    return null;
  }
}

function showHls(Player: typeof Hls, video: HTMLVideoElement, playback: Playback, onBroken: () => void): Screen {
  let grant = grantOf(playback.src);
  const hls = new Player({
    // A worker would be made of a text, which the page's policy forbids.
    enableWorker: false,
    maxMaxBufferLength: LONGEST_BUFFER,
    startPosition: playback.resumeAt,
    // Playlists name their segments as they were when they were loaded; the grant is that of now.
    xhrSetup: (request, address) => request.open('GET', withGrant(address, grant), true),
  });
  let recoverMedia = false;
  hls.on(Player.Events.ERROR, (_event, { fatal, type }) => {
    if (!fatal) return;
    recoverMedia = type === Player.ErrorTypes.MEDIA_ERROR;
    onBroken();
  });
  hls.loadSource(hlsOf(playback) ?? '');
  hls.attachMedia(video);
  return {
    renew(next) {
      grant = grantOf(next.src);
      if (recoverMedia) hls.recoverMediaError();
      else hls.startLoad();
      recoverMedia = false;
    },
    clear: () => hls.destroy(),
  };
}

function showFile(video: HTMLVideoElement, playback: Playback): Screen {
  const addressOf = (of: Playback) => (video.canPlayType(HLS_TYPE) && hlsOf(of)) || of.src;
  video.src = addressOf(playback);
  return {
    renew(next) {
      const { currentTime, paused, playbackRate } = video;
      const goOn = () => {
        video.currentTime = currentTime;
        video.playbackRate = playbackRate;
        if (!paused) void video.play();
      };
      video.addEventListener('loadedmetadata', goOn, { once: true });
      video.src = addressOf(next);
    },
    clear() {
      video.removeAttribute('src');
      video.load();
    },
  };
}

const GRANT = /\/media\/([\w-]+)\//;

function grantOf(address: string): string {
  return GRANT.exec(address)?.[1] ?? '';
}

function withGrant(address: string, grant: string): string {
  return address.replace(GRANT, `/media/${grant}/`);
}
