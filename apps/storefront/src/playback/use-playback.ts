import { attachPlayback } from '@online-cinema/client/player';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { cinema, type Playback, trpc } from '../cinema.ts';
import { deviceId } from './device.ts';

/** Whoever stops early has not loaded an hour of film. In seconds. */
const LONGEST_BUFFER = 60;
// A worker would be made of a text, which the page's policy forbids.
const HLS_CONFIG = { enableWorker: false, maxMaxBufferLength: LONGEST_BUFFER };

/** How far a film is on its way into its element: what it plays, or why it can't; `hasStopped` when it broke off. */
type Attachment = { playback?: Playback; error?: unknown; hasStopped?: boolean };

/** Plays a film or its trailer in a video element for as long as the element is there. `restart` begins anew. */
export function usePlayback(
  video: RefObject<HTMLVideoElement | null>,
  movieId: string,
  kind: 'feature' | 'trailer' = 'feature',
): Attachment & { restart: () => void } {
  const client = useQueryClient();
  const [attempt, setAttempt] = useState(0);
  const [attachment, setAttachment] = useState<Attachment>({});
  // One after the other: what is taken out of the element must not take away what comes next.
  const last = useRef<Promise<void>>(Promise.resolve());
  const attach = useEffectEvent((element: HTMLVideoElement, onError: (error: unknown) => void) =>
    attachPlayback(cinema, element, {
      movieId,
      kind,
      hls: loadHls,
      hlsConfig: HLS_CONFIG,
      deviceId: deviceId(),
      onError,
    }),
  );
  const forgetProgress = useEffectEvent(async () => {
    await client.invalidateQueries(trpc.library.pathFilter());
    await client.invalidateQueries(trpc.playback.pathFilter());
  });

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let isGone = false;
    const tell = (news: Attachment) => {
      if (!isGone) setAttachment((known) => ({ ...known, ...news }));
    };
    const attaching = last.current.then(() =>
      // React may put back at once what it took away.
      isGone ? undefined : attach(element, () => tell({ hasStopped: true })),
    );
    attaching.then(
      (film) => film && tell({ playback: film.playback }),
      (error: unknown) => tell({ error }),
    );
    return () => {
      isGone = true;
      last.current = attaching
        .then((film) => film?.stop())
        .catch(() => {})
        .then(() => forgetProgress());
    };
  }, [video, movieId, kind, attempt]);

  function restart(): void {
    setAttachment({});
    setAttempt(attempt + 1);
  }
  return { ...attachment, restart };
}

async function loadHls() {
  return (await import('hls.js')).default;
}
