import { expect, test } from 'vitest';
import { createRandom, median, separate } from './statistics.ts';

test('samples that overlap nowhere are told apart, the same one is not, and ties count half', () => {
  expect(separate([4, 5, 6], [1, 2, 3])).toEqual({ auc: 1, low: 1, high: 1 });
  expect(separate([1, 2, 3], [4, 5, 6]).auc).toBe(0);
  expect(separate([1, 2, 3], [1, 2, 3]).auc).toBeCloseTo(0.5);
  expect(separate([2, 3], [1, 2]).auc).toBe(0.875);
});

test('the interval is as wide as chance makes it for two hundred pairs', () => {
  const random = createRandom(7);
  const sample = () => Array.from({ length: 200 }, random);
  const { low, high } = separate(sample(), sample());
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(high - low).toBeCloseTo(2 * 1.96 * Math.sqrt(401 / (12 * 200 * 200)), 2);
});

test('the median is the middle, or lies between the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
});
