import type { ComponentProps } from 'react';
import type { Playback } from '../cinema.ts';

/** A video element with its sources and captions. Captions in the reader's language are shown at once. */
export function Video({ playback, ...rest }: ComponentProps<'video'> & { playback: Playback }) {
  const spoken = navigator.language.split('-')[0];
  return (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- the rule does not see tracks that stand in a loop
    <video
      controls
      playsInline
      preload="auto"
      src={playback.src}
      poster={playback.poster ?? undefined}
      {...rest}
      className="aspect-video max-h-[80dvh] w-full bg-black"
    >
      {playback.tracks.map((track) => (
        <track
          key={track.src}
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
