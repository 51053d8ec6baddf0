import { expect, test } from 'vitest';
import { formatDay, formatMinutes, formatMoney, formatSeconds } from './format.ts';

test('money is written with as many digits as its currency has', () => {
  expect(formatMoney({ amount: 1299, currency: 'USD' })).toBe('$12.99');
  expect(formatMoney({ amount: 1299, currency: 'JPY' })).toBe('¥1,299');
  expect(formatMoney({ amount: 1299, currency: 'KWD' })).toContain('1.299');
});

test('where prices are written without a minor unit that is charged all the same, it is counted', () => {
  expect(formatMoney({ amount: 129_900, currency: 'HUF' })).toContain('1,299.00');
  expect(formatMoney({ amount: 4_900_050, currency: 'IDR' })).toContain('49,000.50');
});

test('large sums are shortened', () => {
  expect(formatMoney({ amount: 39_052_519_200, currency: 'USD' }, { whole: true })).toBe('$391M');
});

test('running times are hours and minutes', () => {
  expect([45, 60, 170].map(formatMinutes)).toEqual(['45 min', '1 h 0 min', '2 h 50 min']);
});

test('places in a film are written as players do', () => {
  expect([0, 9.7, 65, 3_723].map(formatSeconds)).toEqual(['0:00', '0:09', '1:05', '1:02:03']);
});

test('a day stays the same day wherever the reader is', () => {
  expect(formatDay('1995-12-15')).toBe('15 December 1995');
});
