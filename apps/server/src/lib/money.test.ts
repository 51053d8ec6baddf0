import { expect, test } from 'vitest';
import { whyNotPayable } from './money.ts';

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
] as const)('a price of %i in %s: %s', ([amount, currency, sentence]) => {
  expect(whyNotPayable({ amount, currency })).toBe(sentence);
});
