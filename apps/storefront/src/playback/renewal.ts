import { isCinemaError } from '@online-cinema/client';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { cinema, type Playback } from '../cinema.ts';
import { deviceId } from './device.ts';

/** After this part of their life, addresses are renewed. */
const RENEW_AFTER = 0.8;
// Also where the clock of this machine goes wrong.
const SHORTEST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 86_400_000;
/** What breaks again so soon after new addresses does not suffer from old ones. */
const SETTLED_AFTER_MS = 10_000;

/**
 * Keeps the addresses of a film fresh: `playback` changes before they run out, and when `mend` is told that the film broke
 * off. `hasFailed` when that does not help.
 */
export function useRenewal(
  movieId: string,
  started: Playback,
): { playback: Playback; mend: () => void; hasFailed: boolean } {
  const [playback, setPlayback] = useState(started);
  const [hasFailed, setHasFailed] = useState(false);
  const renewedAt = useRef(-Infinity);

  async function renew(): Promise<void> {
    renewedAt.current = performance.now();
    setPlayback(await askForNew(movieId, playback));
  }

  // If it fails, the old ones are still good for a while.
  const renewInTime = useEffectEvent(() => void renew().catch(() => {}));
  useEffect(() => {
    const wait = (playback.expiresAt.getTime() - Date.now()) * RENEW_AFTER;
    const timer = setTimeout(() => renewInTime(), Math.min(Math.max(wait, SHORTEST_WAIT_MS), LONGEST_WAIT_MS));
    return () => clearTimeout(timer);
  }, [playback]);

  function mend(): void {
    if (performance.now() - renewedAt.current < SETTLED_AFTER_MS) setHasFailed(true);
    else renew().catch(() => setHasFailed(true));
  }
  return { playback, mend, hasFailed };
}

async function askForNew(movieId: string, { playbackId }: Playback): Promise<Playback> {
  try {
    if (playbackId !== undefined) return await cinema.playback.renew.mutate({ movieId, playbackId });
  } catch (error) {
    // Forgotten, after a night's pause.
    if (!isCinemaError(error, 'not_found')) throw error;
  }
  return await cinema.playback.start.mutate({ movieId, deviceId: deviceId() });
}
