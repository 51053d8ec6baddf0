import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { cinema, type Playback, trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { formatSeconds } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { Video } from './video.tsx';

const SAVE_EVERY_MS = 10_000;

/** Plays a film from where the viewer stopped, and remembers how far it got. */
export function Player(props: { movieId: string; playback: Playback; onExpired: () => void }) {
  const { movieId, playback, onExpired } = props;
  const video = useRef<HTMLVideoElement>(null);
  useSavedProgress(movieId, video);
  // The keys of a player are those of the element in focus.
  useEffect(() => video.current?.focus(), []);
  const [hasFailed, setHasFailed] = useState(false);
  const [isResumed, setIsResumed] = useState(playback.resumeAt > 0);

  function startOver() {
    if (!video.current) return;
    video.current.currentTime = 0;
    setIsResumed(false);
    void video.current.play();
  }

  return (
    <div className="grid gap-4">
      <div className="overflow-hidden rounded-2xl shadow-2xl ring-1 shadow-black ring-seam">
        <Video
          ref={video}
          playback={playback}
          onLoadedMetadata={({ currentTarget }) => {
            if (playback.resumeAt > 0) currentTarget.currentTime = playback.resumeAt;
          }}
          onError={() => setHasFailed(true)}
        />
      </div>
      {isResumed && (
        <div className="flex flex-wrap items-center gap-3 text-dust">
          <p>You stopped at {formatSeconds(playback.resumeAt)}.</p>
          <Button look="quiet" onClick={startOver}>
            Start from the beginning
          </Button>
        </div>
      )}
      {hasFailed && (
        <Notice tone="bad">
          <p>The film stopped playing. Its address may have run out, or the connection is gone.</p>
          <Button look="plain" onClick={onExpired}>
            Play on
          </Button>
        </Notice>
      )}
    </div>
  );
}

/** Saves the place every ten seconds while the film plays, at every pause, and when the page is left. */
function useSavedProgress(movieId: string, video: { current: HTMLVideoElement | null }): void {
  const client = useQueryClient();
  useEffect(() => {
    const film = video.current;
    if (!film) return;
    let saved = film.currentTime;

    const save = async () => {
      const { currentTime, duration } = film;
      if (!(duration > 0) || !Number.isFinite(duration) || currentTime === saved) return;
      saved = currentTime;
      try {
        await cinema.playback.progress.mutate({ movieId, position: Math.min(currentTime, duration), duration });
        await client.invalidateQueries(trpc.library.pathFilter());
      } catch {
        // The film goes on; the next save makes up for this one.
      }
    };

    const saveNow = () => void save();
    const timer = setInterval(() => !film.paused && saveNow(), SAVE_EVERY_MS);
    film.addEventListener('pause', saveNow);
    window.addEventListener('pagehide', saveNow);
    return () => {
      clearInterval(timer);
      film.removeEventListener('pause', saveNow);
      window.removeEventListener('pagehide', saveNow);
      saveNow();
    };
  }, [movieId, video, client]);
}
