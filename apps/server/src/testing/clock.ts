import type { Clock } from '../lib/clock.ts';

/** A clock a test can move. */
export type TestClock = Clock & {
  /** Moves the time forward. */
  advance(seconds: number): void;
};

/** The real time, and as much later as the test says. */
export function createTestClock(): TestClock {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    advance(seconds) {
      aheadMs += seconds * 1000;
    },
  };
}
