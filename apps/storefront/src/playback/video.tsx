import { type ComponentProps, type RefObject, useEffect, useEffectEvent, useRef } from 'react';
import type { Playback } from '../cinema.ts';
import { type Screen, showOn } from './screen.ts';

type VideoProps = Omit<ComponentProps<'video'>, 'ref' | 'src' | 'onError'> & {
  video: RefObject<HTMLVideoElement | null>;
  /** Another one of the same film gives it new addresses. */
  playback: Playback;
  /** Told when the film can't go on. */
  onBroken?: () => void;
};

/** A video element with the best of its sources, and captions. Captions in the reader's language are shown at once. */
export function Video({ video, playback, onBroken, ...rest }: VideoProps) {
  useScreen(video, playback, onBroken);
  const spoken = navigator.language.split('-')[0];
  return (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- the rule does not see tracks that stand in a loop
    <video
      ref={video}
      controls
      playsInline
      preload="auto"
      poster={playback.poster ?? undefined}
      {...rest}
      onError={onBroken}
      className="aspect-video max-h-[80dvh] w-full bg-black"
    >
      {playback.tracks.map((track) => (
        <track
          key={track.language}
          kind={track.kind}
          src={track.src}
          srcLang={track.language}
          label={track.label}
          default={track.language === spoken}
        />
      ))}
    </video>
  );
}

/** Shows a film on an element for as long as it is there. */
function useScreen(video: VideoProps['video'], playback: Playback, onBroken: VideoProps['onBroken']): void {
  const shown = useRef<Playback>(playback);
  const screen = useRef<Promise<Screen | null>>(Promise.resolve(null));
  const show = useEffectEvent(async (element: HTMLVideoElement) => {
    shown.current = playback;
    return await showOn(element, playback, () => onBroken?.());
  });

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    // One after the other: what is cleared must not take away what is shown next.
    screen.current = screen.current.then(() => show(element));
    return () => {
      screen.current = screen.current.then((each) => {
        each?.clear();
        return null;
      });
    };
  }, [video]);

  useEffect(() => {
    if (shown.current === playback) return;
    shown.current = playback;
    void screen.current.then((each) => each?.renew(playback));
  }, [playback]);
}
