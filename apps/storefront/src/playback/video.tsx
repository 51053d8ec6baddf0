import type { ComponentProps } from 'react';

/** A video element. `usePlayback` puts a film into it, with its captions. */
export function Video(props: ComponentProps<'video'>) {
  return (
    // oxlint-disable-next-line jsx-a11y/media-has-caption -- they come with the film
    <video controls playsInline preload="auto" {...props} className="aspect-video max-h-[80dvh] w-full bg-black" />
  );
}
