import { expect, test } from 'vitest';
import { createTestClock } from '../testing/clock.ts';
import { createAnswerMemory, keyOf } from './answer-memory.ts';

function createMemory(megabytes = 1) {
  const clock = createTestClock();
  const answers = createAnswerMemory({ megabytes, clock });
  answers.listen(true);
  return { answers, clock };
}

const made = (data: unknown) => async () => ({ ok: true as const, data });

test('what is asked for by many at once is made once', async () => {
  const { answers } = createMemory();
  let count = 0;
  const make = async () => ({ ok: true as const, data: (count += 1) });
  const results = await Promise.all(Array.from({ length: 20 }, () => answers.recall('key', 1_000, make)));
  expect([count, results.every((result) => result.data === 1)]).toEqual([1, true]);
  await answers.recall('key', 1_000, make);
  expect(count).toBe(1);
});

test('what began to be read before a change is neither kept nor shared after it', async () => {
  const { answers } = createMemory();
  const slow = Promise.withResolvers<{ ok: true; data: string }>();
  const early = answers.recall('key', 1_000, () => slow.promise);
  answers.clear();
  const late = await answers.recall('key', 1_000, made('new'));
  slow.resolve({ ok: true, data: 'old' });
  expect([(await early).data, late.data]).toEqual(['old', 'new']);
  expect(answers.find('key')?.body.toString()).toBe('"new"');
});

test('what went wrong is made again', async () => {
  const { answers } = createMemory();
  expect(await answers.recall('key', 1_000, async () => ({ ok: false as const }))).toEqual({ ok: false });
  await expect(answers.recall('key', 1_000, () => Promise.reject(new Error('away')))).rejects.toThrow('away');
  expect(await answers.recall('key', 1_000, made('well'))).toMatchObject({ data: 'well' });
});

test('it is bounded: the oldest goes, and what is larger than a quarter of it is not taken', async () => {
  const { answers } = createMemory(1);
  const data = 'x'.repeat(2_000);
  for (let each = 0; each < 1_000; each += 1) await answers.recall(String(each), 1_000_000, made(data));
  const known = Array.from({ length: 1_000 }, (_, each) => answers.find(String(each))).filter((answer) => answer);
  expect(known.length).toBeGreaterThan(50);
  expect(known.length * 6 * 2_000).toBeLessThan(1_000_000);
  expect([answers.find('0'), answers.find('999')]).toEqual([undefined, expect.anything()]);
  await answers.recall('large', 1_000_000, made('x'.repeat(100_000)));
  expect(answers.find('large')).toBeUndefined();
});

test('without word of changes, and without room, nothing is remembered', async () => {
  const { answers } = createMemory();
  await answers.recall('key', 1_000, made(1));
  answers.listen(false);
  expect(answers.find('key')).toBeUndefined();
  await answers.recall('key', 1_000, made(1));
  expect(answers.find('key')).toBeUndefined();
  const none = createMemory(0).answers;
  await none.recall('key', 1_000, made(1));
  expect(none.find('key')).toBeUndefined();
});

test('one question has one name, and two have two', () => {
  expect(keyOf('a', { b: 1, c: ['x'], d: undefined })).toBe(keyOf('a', { c: ['x'], b: 1 }));
  const inputs = [undefined, {}, { b: 1 }, { b: '1' }, { b: true }, { b: ['1'] }, { b: ['1', '2'] }, { b: '1,2' }];
  expect(new Set(inputs.map((input) => keyOf('a', input))).size).toBe(inputs.length);
  const nameless = [
    null,
    [],
    'text',
    { b: null },
    { b: Number.NaN },
    { b: new Date(0) },
    { b: { c: 1 } },
    { b: [[1]] },
  ];
  expect(nameless.map((input) => keyOf('a', input))).toEqual(nameless.map(() => null));
});
