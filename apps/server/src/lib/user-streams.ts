import { AppError } from './errors.ts';
import type { Listener } from './listener.ts';

/** The most streams one process keeps open, and the most of them one user may have. */
const MOST_STREAMS = 2_000;
const MOST_PER_USER = 5;
const RETRY_AFTER_SECONDS = 30;

/** A stream's place: where it waits until there may be something new for its user. */
export type Seat = {
  /**
   * Waits until the user was told something since the last time this was called, or might have been; no longer than
   * `timeoutMs`.
   */
  wait(timeoutMs: number): Promise<void>;
  /** The stream has to end: the process stops, or nobody reads it any more. */
  readonly isOver: boolean;
  leave(): void;
};

/** The streams that are open in this process. */
export type UserStreams = {
  /**
   * Takes a place for a stream, until it leaves or `signal` is aborted.
   *
   * @throws AppError `too_many_requests` when this user has enough of them, `unavailable` when this process has.
   */
  open(userId: string, signal: AbortSignal | undefined): Seat;
  /** Ends all of them; no more are opened. */
  close(): void;
};

/** Makes the places for streams that wait for what is told on a channel, whose payload is the id of a user. */
export function createUserStreams({ listener, channel }: { listener: Listener; channel: string }): UserStreams {
  const seats = new Map<string, Set<ReturnType<typeof createSeat>>>();
  let isListening = false;
  let isClosed = false;
  let count = 0;

  function wakeAll(): void {
    for (const ofUser of seats.values()) for (const seat of ofUser) seat.wake();
  }

  return {
    open(userId, signal) {
      const mine = seats.get(userId) ?? new Set();
      if (isClosed || count >= MOST_STREAMS) throw new AppError('unavailable');
      if (mine.size >= MOST_PER_USER) {
        throw new AppError('too_many_requests', { retryAfterSeconds: RETRY_AFTER_SECONDS });
      }
      if (!isListening) {
        isListening = true;
        listener.listen(channel, {
          onNotice: (id) => seats.get(id)?.forEach((seat) => seat.wake()),
          onHearing: wakeAll,
        });
      }
      const seat = createSeat(() => {
        if (!mine.delete(seat)) return;
        count -= 1;
        if (mine.size === 0) seats.delete(userId);
      });
      seats.set(userId, mine.add(seat));
      count += 1;
      if (signal?.aborted) seat.leave();
      else signal?.addEventListener('abort', () => seat.leave(), { once: true });
      return seat;
    },
    close() {
      isClosed = true;
      for (const ofUser of seats.values()) for (const seat of ofUser) seat.leave();
    },
  };
}

function createSeat(onLeave: () => void): Seat & { wake(): void } {
  let isOver = false;
  // Told between two waits: the next one is none.
  let isWoken = false;
  let endWait = () => {};
  function wake(): void {
    isWoken = true;
    endWait();
  }
  return {
    get isOver() {
      return isOver;
    },
    wake,
    async wait(timeoutMs) {
      if (!isWoken && !isOver) {
        const { promise, resolve } = Promise.withResolvers<void>();
        endWait = resolve;
        const timer = setTimeout(resolve, timeoutMs);
        await promise;
        clearTimeout(timer);
      }
      isWoken = false;
    },
    leave() {
      isOver = true;
      onLeave();
      wake();
    },
  };
}
