import { type RefObject, useEffect, useState } from 'react';
import type { Playback } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { formatSeconds } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Scenes } from './scenes.tsx';
import { Video } from './video.tsx';

type PlayerProps = {
  video: RefObject<HTMLVideoElement | null>;
  /** What the element plays; undefined until it does: it is not shown before. */
  playback: Playback | undefined;
  hasStopped: boolean;
  onRestart: () => void;
  onSeek: (seconds: number) => void;
};

/** A film with ways to its beginning and to its scenes. */
export function Player({ video, playback, hasStopped, onRestart, onSeek }: PlayerProps) {
  const [hasChosen, setHasChosen] = useState(false);
  // The keys of a player are those of the element in focus.
  useEffect(() => {
    if (playback) video.current?.focus();
  }, [video, playback]);

  function seek(seconds: number) {
    setHasChosen(true);
    onSeek(seconds);
  }

  return (
    <div className="grid gap-4" hidden={!playback}>
      <div className="overflow-hidden rounded-2xl shadow-2xl ring-1 shadow-black ring-seam">
        <Video ref={video} poster={playback?.poster ?? undefined} />
      </div>
      {playback && playback.resumeAt > 0 && !hasChosen && (
        <div className="flex flex-wrap items-center gap-3 text-dust">
          <p>You stopped at {formatSeconds(playback.resumeAt)}.</p>
          <Button look="quiet" onClick={() => seek(0)}>
            Start from the beginning
          </Button>
        </div>
      )}
      {hasStopped && (
        <Notice tone="bad">
          <p>The film stopped playing. Too many films may play on your account, or the connection is gone.</p>
          <Button look="plain" onClick={onRestart}>
            Play on
          </Button>
        </Notice>
      )}
      {playback?.storyboard !== undefined && <Scenes storyboard={playback.storyboard} onChoose={seek} />}
    </div>
  );
}
