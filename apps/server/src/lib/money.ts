import type { Money } from '@online-cinema/contract/common';

/** Writes an amount for a person: `{ amount: 1299, currency: 'USD' }` is `$12.99`, 1299 JPY is `¥1,299`. */
export function formatMoney({ amount, currency }: Money): string {
  const format = new Intl.NumberFormat('en-US', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
