import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { cinema, type Playback, trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { formatSeconds } from '../ui/format.ts';
import { Notice } from '../ui/notice.tsx';
import { deviceId } from './device.ts';
import { useRenewal } from './renewal.ts';
import { Scenes } from './scenes.tsx';
import { Video } from './video.tsx';

const SAVE_EVERY_MS = 10_000;

/** Plays a film from where the viewer stopped, and remembers how far it got. */
export function Player(props: { movieId: string; started: Playback; onRestart: () => void }) {
  const { movieId, started, onRestart } = props;
  const video = useRef<HTMLVideoElement>(null);
  const { playback, mend, hasFailed } = useRenewal(movieId, started);
  useSavedProgress(movieId, playback, video);
  useStop(movieId, playback);
  // The keys of a player are those of the element in focus.
  useEffect(() => video.current?.focus(), []);
  const isBegun = useRef(false);
  const [isResumed, setIsResumed] = useState(started.resumeAt > 0);

  function seek(seconds: number) {
    if (!video.current) return;
    video.current.currentTime = seconds;
    setIsResumed(false);
    void video.current.play();
  }

  return (
    <div className="grid gap-4">
      <div className="overflow-hidden rounded-2xl shadow-2xl ring-1 shadow-black ring-seam">
        <Video
          video={video}
          playback={playback}
          onLoadedMetadata={({ currentTarget }) => {
            if (!isBegun.current && started.resumeAt > 0) currentTarget.currentTime = started.resumeAt;
            isBegun.current = true;
          }}
          onBroken={mend}
        />
      </div>
      {isResumed && (
        <div className="flex flex-wrap items-center gap-3 text-dust">
          <p>You stopped at {formatSeconds(started.resumeAt)}.</p>
          <Button look="quiet" onClick={() => seek(0)}>
            Start from the beginning
          </Button>
        </div>
      )}
      {hasFailed && (
        <Notice tone="bad">
          <p>The film stopped playing. Too many films may play on your account, or the connection is gone.</p>
          <Button look="plain" onClick={onRestart}>
            Play on
          </Button>
        </Notice>
      )}
      {started.storyboard !== undefined && <Scenes storyboard={started.storyboard} onChoose={seek} />}
    </div>
  );
}

/** Gives the slot back when the player goes. One that is loaded again takes it over. */
function useStop(movieId: string, { playbackId }: Playback): void {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = useEffectEvent(() => {
    if (playbackId !== undefined) cinema.playback.stop.mutate({ movieId, playbackId }).catch(() => {});
  });
  useEffect(() => {
    clearTimeout(timer.current);
    return () => {
      // React may put back at once what it took away.
      timer.current = setTimeout(() => stop(), 0);
    };
  }, []);
}

/** Saves the place every ten seconds while the film plays, at every pause, and when the page is left. */
function useSavedProgress(
  movieId: string,
  { playbackId }: Playback,
  video: { current: HTMLVideoElement | null },
): void {
  const client = useQueryClient();
  const send = useEffectEvent((position: number, duration: number) =>
    cinema.playback.progress.mutate({
      movieId,
      position,
      duration,
      ...(playbackId !== undefined && { playbackId }),
      // Words overtake each other; the last one spoken counts.
      deviceId: deviceId(),
      sequence: Date.now(),
    }),
  );
  useEffect(() => {
    const film = video.current;
    if (!film) return;
    let saved = film.currentTime;

    const save = async () => {
      const { currentTime, duration } = film;
      if (!(duration > 0) || !Number.isFinite(duration) || currentTime === saved) return;
      saved = currentTime;
      try {
        await send(Math.min(currentTime, duration), duration);
        await client.invalidateQueries(trpc.library.pathFilter());
        await client.invalidateQueries(trpc.playback.pathFilter());
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
