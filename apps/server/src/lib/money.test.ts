import { expect, test } from 'vitest';
import { formatMoney, whyNotPayable } from './money.ts';

test.for([
  [0, 'USD', null],
  [49, 'USD', 'At least $0.50, or nothing.'],
  [50, 'USD', null],
  [99_999_999, 'USD', null],
  [100_000_000, 'USD', 'At most $999,999.99.'],
  [49, 'JPY', 'At least ¥50, or nothing.'],
  [50, 'JPY', null],
  [1_230, 'KWD', null],
  [1_234, 'KWD', 'The last digit must be 0: cards settle hundredths.'],
  [1, 'PEN', null],
  [17_499, 'HUF', 'At least HUF\u00a0175.00, or nothing.'],
] as const)('a price of %i in %s: %s', ([amount, currency, sentence]) => {
  expect(whyNotPayable({ amount, currency })).toBe(sentence);
});

test.for([
  [129_900, 'HUF', 'HUF\u00a01,299.00'],
  [129_900, 'IDR', 'IDR\u00a01,299.00'],
  [1_299, 'JPY', '¥1,299'],
  [1_299, 'KWD', 'KWD\u00a01.299'],
  [1_299, 'USD', '$12.99'],
] as const)('%i of the smallest units of %s are written as they are charged: %s', ([amount, currency, text]) => {
  expect(formatMoney({ amount, currency })).toBe(text);
});
