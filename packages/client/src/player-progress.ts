import type { CinemaClient, RouterInputs } from './assemble.ts';
import { page, type PlayerVideo } from './player-video.ts';

const SAVE_EVERY_MS = 10_000;

/** Whose progress it is. */
type Subject = { movieId: string; deviceId: string; playbackId: string | undefined };

/** Tells the cinema where a film is: every ten seconds while it plays, at every pause, and when the page is left. */
export function createProgress(cinema: CinemaClient, video: PlayerVideo, subjectOf: () => Subject) {
  let sequence = 0;
  // A film that has not begun stands here too, also where it will go on later: there is nothing to save.
  let saved = 0;
  // Known before it is needed: who leaves a page waits for nothing.
  let accessToken: string | null = null;

  const timer = setInterval(() => !video.paused && saveNow(), SAVE_EVERY_MS);
  video.addEventListener('pause', saveNow);
  video.addEventListener('ended', saveNow);
  page.document?.addEventListener('visibilitychange', saveLast);
  page.addEventListener?.('pagehide', saveLast);
  void prepare();

  async function prepare(): Promise<void> {
    accessToken = await cinema.$session.accessToken().catch(() => null);
  }

  function next(): RouterInputs['playback']['progress'] | null {
    const { currentTime, duration } = video;
    if (!(duration > 0) || !Number.isFinite(duration) || currentTime === saved) return null;
    saved = currentTime;
    // Of a device, also after a reload of its page: so no count.
    sequence = Math.max(sequence + 1, Date.now());
    const { movieId, deviceId, playbackId } = subjectOf();
    const position = Math.min(currentTime, duration);
    return { movieId, deviceId, sequence, position, duration, ...(playbackId !== undefined && { playbackId }) };
  }

  async function save(): Promise<void> {
    const input = next();
    if (!input) return;
    // The film goes on; the next save makes up for this one.
    await cinema.playback.progress.mutate(input).catch(() => undefined);
    await prepare();
  }

  function saveNow(): void {
    void save();
  }

  // A request that outlives its page must be small, sent at once, and may not be waited for.
  function saveLast(event: { readonly type: string }): void {
    if (event.type === 'visibilitychange' && page.document?.visibilityState !== 'hidden') return;
    const input = accessToken === null ? null : next();
    if (!input) return;
    const { movieId, ...body } = input;
    void fetch(`${cinema.$baseUrl}/api/v1/library/${encodeURIComponent(movieId)}/progress`, {
      method: 'PUT',
      keepalive: true,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
      body: JSON.stringify(body),
    }).catch(() => undefined);
  }

  async function stop(): Promise<void> {
    clearInterval(timer);
    video.removeEventListener('pause', saveNow);
    video.removeEventListener('ended', saveNow);
    page.document?.removeEventListener('visibilitychange', saveLast);
    page.removeEventListener?.('pagehide', saveLast);
    await save();
  }

  return { stop };
}
