import type { RouterOutputs } from './assemble.ts';

/** What is needed of an `HTMLVideoElement`. */
export type PlayerVideo = {
  src: string;
  currentTime: number;
  playbackRate: number;
  crossOrigin: string | null;
  readonly duration: number;
  readonly paused: boolean;
  readonly error: unknown;
  readonly ownerDocument: { createElement(name: 'track'): { remove(): void } };
  append(track: string | object): void;
  canPlayType(type: string): string;
  load(): void;
  play(): Promise<void>;
  removeAttribute(name: string): void;
  addEventListener(type: string, listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: string, listener: () => void): void;
};

type Listen = (type: string, listener: (event: { readonly type: string }) => void) => void;

/** What is needed of a page, so that the source compiles where there is no DOM too. */
export const page: {
  readonly navigator?: { readonly language?: string };
  readonly location?: { readonly href: string; readonly origin: string };
  readonly document?: {
    readonly visibilityState: string;
    readonly addEventListener: Listen;
    readonly removeEventListener: Listen;
  };
  readonly addEventListener?: Listen;
  readonly removeEventListener?: Listen;
} = globalThis;

/**
 * Puts captions into a video; those in the reader's language are shown at once. A video reads captions of another origin
 * only when it asks for all it loads in a way that the origin has to allow: so it is made to.
 *
 * @returns how to take them out.
 */
export function attachTracks(video: PlayerVideo, tracks: RouterOutputs['playback']['start']['tracks']): () => void {
  const { crossOrigin } = video;
  if (tracks.some(({ src }) => isElsewhere(src))) video.crossOrigin ??= 'anonymous';
  const spoken = page.navigator?.language?.split('-')[0];
  const elements = tracks.map(({ kind, src, language, label }) => {
    const track = video.ownerDocument.createElement('track');
    Object.assign(track, { kind, src, srclang: language, label, default: language === spoken });
    video.append(track);
    return track;
  });
  return () => {
    video.crossOrigin = crossOrigin;
    for (const track of elements) track.remove();
  };
}

function isElsewhere(address: string): boolean {
  const { location } = page;
  return location !== undefined && new URL(address, location.href).origin !== location.origin;
}
