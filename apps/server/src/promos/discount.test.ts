import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { discountOf, NO_TERMS } from './discount.ts';

function films(prices: number[]) {
  return prices.map((priceAmount, index) => ({ id: String(index), priceAmount, genres: [] }));
}

describe('a discount is shared out by price', () => {
  test.for([
    ['half of each', { percent: 50 }, [1000, 500], 'USD', [500, 250]],
    ["and rounded in the buyer's favour", { percent: 33 }, [999], 'USD', [330]],
    ['and what is left over goes where most was cut off', { amount: 100 }, [100, 100, 200], 'USD', [25, 25, 50]],
    ['the first of equals', { amount: 100 }, [999, 999, 999], 'USD', [34, 33, 33]],
    ['up to all there is', { amount: 5000 }, [999, 0, 1], 'USD', [999, 0, 1]],
    ['whole yen', { percent: 10 }, [980, 1], 'JPY', [99, 0]],
    ['no fils that no card can settle', { percent: 33 }, [1990, 990], 'KWD', [660, 330]],
    ['only among the films it is for', { percent: 50, movieIds: ['1'] }, [1000, 500], 'USD', [0, 250]],
  ] as const)('%s', ([, terms, prices, currency, shares]) => {
    const discount = discountOf(
      { ...NO_TERMS, ...terms, movieIds: [...('movieIds' in terms ? terms.movieIds : [])] },
      films([...prices]),
      currency,
    );
    expect(discount).toEqual({ amount: shares.reduce<number>((sum, share) => sum + share, 0), shares });
  });
});

test('no film becomes cheaper than nothing, and the shares are the whole', () => {
  const price = fc.integer({ min: 0, max: 99_999_990 });
  const terms = fc.oneof(
    fc.record({ percent: fc.integer({ min: 1, max: 100 }), amount: fc.constant(null) }),
    fc.record({ percent: fc.constant(null), amount: fc.integer({ min: 10, max: 10_000_000_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(price, { minLength: 1, maxLength: 50 }), terms, fc.boolean(), (amounts, promo, isThree) => {
      const step = isThree ? 10 : 1;
      const prices = amounts.map((amount) => amount - (amount % step));
      const { amount, shares } = discountOf({ ...NO_TERMS, ...promo }, films(prices), isThree ? 'KWD' : 'USD');
      const subtotal = prices.reduce((sum, each) => sum + each, 0);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(amount);
      expect(shares.every((share, index) => share >= 0 && share <= prices[index]! && share % step === 0)).toBe(true);
      const exact = promo.percent === null ? Math.min(promo.amount ?? 0, subtotal) : (subtotal * promo.percent) / 100;
      expect(amount).toBeGreaterThanOrEqual(Math.min(exact, subtotal));
      expect(amount).toBeLessThan(exact + step);
    }),
  );
});
