import type { Money } from '@online-cinema/contract/common';

/** Writes an amount for a person: `{ amount: 1299, currency: 'USD' }` is `$12.99`, 1299 JPY is `¥1,299`. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = decimalsOf(currency);
  const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en-US', { style: 'currency', currency, ...fraction }).format(amount / 10 ** digits);
}

// What is charged is counted so. `Intl` tells how prices are written where the currency is at home: of HUF it shows no
// hundredths, though 1299 of them are charged as 12.99. https://docs.stripe.com/currencies#zero-decimal
// prettier-ignore
const NO_DECIMALS = [
  'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF',
];
// Counted in thousandths, settled in hundredths. https://docs.stripe.com/currencies#three-decimal
const THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];

/** How many decimals of a currency's unit the amounts have that are charged. */
export function decimalsOf(currency: string): 0 | 2 | 3 {
  if (NO_DECIMALS.includes(currency)) return 0;
  return THREE_DECIMALS.includes(currency) ? 3 : 2;
}

// The smallest charges, in minor units; of other currencies Stripe names none.
// https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
// prettier-ignore
const SMALLEST_CHARGE: Record<string, number> = {
  USD: 50, AED: 200, AUD: 50, BGN: 100, BRL: 50, CAD: 50, CHF: 50, CZK: 1500, DKK: 250, EUR: 50, GBP: 30, HKD: 400,
  HUF: 17500, INR: 50, JPY: 50, MXN: 1000, MYR: 200, NOK: 300, NZD: 50, PLN: 200, RON: 200, SEK: 300, SGD: 50,
  THB: 1000,
};
const LARGEST_CHARGE = 99_999_999;

/** What an amount must be a multiple of to be charged, or paid back, on a card: 10 where thousandths are counted, else 1. */
export function chargeableStep(currency: string): number {
  return THREE_DECIMALS.includes(currency) ? 10 : 1;
}

/** Tells why an amount can't be charged, as a sentence; `null` when it can, or is nothing. */
export function whyNotPayable({ amount, currency }: Money): string | null {
  if (amount === 0) return null;
  const least = SMALLEST_CHARGE[currency] ?? 1;
  if (amount < least) return `At least ${formatMoney({ amount: least, currency })}, or nothing.`;
  if (amount > LARGEST_CHARGE) return `At most ${formatMoney({ amount: LARGEST_CHARGE, currency })}.`;
  if (amount % chargeableStep(currency) !== 0) return 'The last digit must be 0: cards settle hundredths.';
  return null;
}
