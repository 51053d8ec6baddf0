import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { SEGMENT_SECONDS } from '../media/ladder.ts';
import { addServed } from './served-queries.ts';

/** A film of which so much was sent counts as watched, when its buyer wants his money back. */
export const WATCHED_SHARE = 0.2;
/** Players fetch a short film whole before anybody watches it: none is counted as shorter. */
const LEAST_SECONDS = 600;
/** What is not written down yet is less than this, in each process. */
const STEP_SHARE = 0.02;
/** While a file goes out, its grant is looked at this often at least. */
export const LOOK_EVERY_MS = 15_000;

/** Counts what is sent of a film, and ends what is sent without leave. */
export type Meter = {
  /** How long the file is, in bytes. */
  sizeBytes: number;
  /** Counts bytes that go out. What it gives, if anything, is waited for; a rejection is the end of the answer. */
  count(bytes: number): Promise<void> | undefined;
  /** Asks whether the grant is good still, and tells that somebody reads. A rejection is the end of the answer. */
  look(): Promise<void>;
  /** Writes down what was counted, or keeps it for the next answer where the database can't be reached. */
  end(): Promise<void>;
};

/** A file of a film, who reads it, and what share of the film he was sent before. */
type MeteredFile = {
  userId: string;
  movieId: string;
  kind: string;
  contentType: string;
  sizeBytes: number;
  durationSeconds: number;
  served: number;
};

// Of all answers that are under way: somebody may read a film over fifty connections, and end none of them.
const counted = new Map<string, number>();
// When somebody was found to have no leave for a film any more: none of his other answers goes on unasked.
const refusedAt = new Map<string, number>();

/**
 * Makes a meter for an answer; nothing when the file is not what one watches. A film may go out for hours in one answer:
 * it is counted on the way, and `lookAgain`, which gives the share sent so far, rejects when the grant is good no more.
 */
export function createMeter(
  { db, clock, log }: Pick<Deps, 'db' | 'clock' | 'log'>,
  { userId, movieId, sizeBytes, ...file }: MeteredFile,
  lookAgain: () => Promise<number>,
): Meter | null {
  const shareOfFile = secondsOf(file) / Math.max(file.durationSeconds, LEAST_SECONDS);
  if (shareOfFile === 0) return null;
  const film = `${userId} ${movieId}`;
  let { served } = file;
  let lookedAt = clock.now().getTime();
  let isReachable = true;

  return {
    sizeBytes,
    count(bytes) {
      if (served < WATCHED_SHARE)
        counted.set(film, (counted.get(film) ?? 0) + (bytes / Math.max(sizeBytes, 1)) * shareOfFile);
      const isStep = isReachable && (counted.get(film) ?? 0) >= STEP_SHARE;
      const isLong = clock.now().getTime() - lookedAt >= LOOK_EVERY_MS;
      return isStep || isLong || (refusedAt.get(film) ?? -Infinity) >= lookedAt ? look() : undefined;
    },
    look,
    async end() {
      await writeDown().catch((error: unknown) => log.warn({ err: error }, 'what was sent of a film is not noted yet'));
    },
  };

  async function look(): Promise<void> {
    lookedAt = clock.now().getTime();
    try {
      await writeDown();
      served = await lookAgain();
      isReachable = true;
    } catch (error) {
      if (error instanceof AppError) {
        noteRefusal();
        throw error;
      }
      // Without its database the cinema plays on what plays, and asks again later.
      isReachable = false;
    }
  }

  async function writeDown(): Promise<void> {
    const share = counted.get(film);
    if (share === undefined) return;
    counted.delete(film);
    try {
      if (!(await addServed(db, { userId, movieId, share }))) noteRefusal();
    } catch (error) {
      counted.set(film, share + (counted.get(film) ?? 0));
      throw error;
    }
  }

  function noteRefusal(): void {
    const now = clock.now().getTime();
    refusedAt.set(film, now);
    // By then all have looked for themselves.
    setTimeout(() => refusedAt.get(film) === now && refusedAt.delete(film), LOOK_EVERY_MS).unref();
  }
}

/** How much of a film a file holds. Not by its bytes: there are renditions of all sizes. */
function secondsOf(file: Pick<MeteredFile, 'kind' | 'contentType' | 'durationSeconds'>): number {
  if (file.kind === 'mp4') return file.durationSeconds;
  return file.contentType === 'video/iso.segment' ? Math.min(SEGMENT_SECONDS, file.durationSeconds) : 0;
}
