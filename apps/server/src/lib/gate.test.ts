import { expect, test } from 'vitest';
import { AppError } from './errors.ts';
import { createGate } from './gate.ts';

test('so many work at once, so many wait in their order, the rest are refused', async () => {
  const gate = createGate({ parallel: 2, waiting: 2 });
  const started: number[] = [];
  const finish: (() => void)[] = [];
  const works = [0, 1, 2, 3, 4].map((number) =>
    gate(async () => {
      started.push(number);
      await new Promise<void>((resolve) => finish.push(resolve));
    }),
  );

  expect(started).toEqual([0, 1]);
  await expect(works[4]).rejects.toThrow(AppError);
  finish[0]?.();
  await works[0];
  await new Promise(setImmediate);
  expect(started).toEqual([0, 1, 2]);
  finish[1]?.();
  finish[2]?.();
  await Promise.all([works[1], works[2]]);
  await new Promise(setImmediate);
  finish[3]?.();
  await works[3];
  expect(started).toEqual([0, 1, 2, 3]);
});

test('a work that fails leaves its place', async () => {
  const gate = createGate({ parallel: 1, waiting: 0 });
  await expect(gate(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate(() => Promise.resolve('yes'))).toBe('yes');
});
