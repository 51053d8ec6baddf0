/** How far two samples lie apart: 0.5 is not at all, 0 and 1 are entirely. */
export type Separation = { auc: number; low: number; high: number };

/**
 * Gives the area under the ROC curve (the statistic of Mann and Whitney): how likely a value of the first sample is
 * greater than one of the second. `low` and `high` bound 95 %, after DeLong, DeLong and Clarke-Pearson (1988).
 */
export function separate(first: number[], second: number[]): Separation {
  const above = first.map((value) => placementOf(value, second));
  const below = second.map((value) => 1 - placementOf(value, first));
  const auc = mean(above);
  const error = Math.sqrt(variance(above) / first.length + variance(below) / second.length);
  return { auc, low: auc - 1.96 * error, high: auc + 1.96 * error };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Makes the same numbers from 0 to 1 of the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The part of a sample that lies below a value; a tie counts half. */
function placementOf(value: number, sample: number[]): number {
  return mean(sample.map((other) => (value > other ? 1 : value === other ? 0.5 : 0)));
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}
