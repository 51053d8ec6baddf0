import { AppError } from './errors.ts';

/** Lets so many do something at once, so many wait, and refuses the rest with `unavailable`. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Makes a gate: at most `parallel` at work, at most `waiting` in line, first come first served. */
export function createGate({ parallel, waiting }: { parallel: number; waiting: number }): Gate {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= parallel) {
      if (queue.length >= waiting) throw new AppError('unavailable', { retryAfterSeconds: 1 });
      // Whoever leaves hands over his place: nobody who comes later can take it first.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
