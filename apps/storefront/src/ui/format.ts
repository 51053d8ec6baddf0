/** Money as the contract has it: `amount` in the currency's minor unit. */
interface Money {
  amount: number;
  currency: string;
}

/** Writes money as people do: `$8.99`, `¥1,299`; with `whole`, without the minor unit and shortened: `$187M`. */
export function formatMoney({ amount, currency }: Money, { whole = false } = {}): string {
  const style = { style: 'currency', currency } as const;
  const digits = decimalsOf(currency);
  const fraction = whole
    ? ({ notation: 'compact' } as const)
    : { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en', { ...style, ...fraction }).format(amount / 10 ** digits);
}

// How the cinema counts, which is how cards are charged. `Intl` tells how prices are written where the currency is at
// home: of HUF it knows no hundredths, though 129900 of them are 1,299.00.
// prettier-ignore
const NO_DECIMALS = [
  'BIF', 'CLP', 'DJF', 'GNF', 'JPY', 'KMF', 'KRW', 'MGA', 'PYG', 'RWF', 'VND', 'VUV', 'XAF', 'XOF', 'XPF',
];
const THREE_DECIMALS = ['BHD', 'JOD', 'KWD', 'OMR', 'TND'];

function decimalsOf(currency: string): number {
  if (NO_DECIMALS.includes(currency)) return 0;
  return THREE_DECIMALS.includes(currency) ? 3 : 2;
}

/** Writes a running time: `2 h 50 min`. */
export function formatMinutes(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${minutes} min` : `${hours} h ${minutes % 60} min`;
}

/** Writes a place in a film: `1:02:03`, `4:05`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(':')}` : parts.join(':').replace(/^0/, '');
}

/** Writes a moment with its time of day: `20 November 2026 at 14:05`. */
export function formatMoment(moment: Date): string {
  return moment.toLocaleString('en-GB', { dateStyle: 'long', timeStyle: 'short' });
}

/** Writes a day, given as `YYYY-MM-DD` or a moment: `20 November 2026`. */
export function formatDay(day: string | Date): string {
  const isDayOnly = typeof day === 'string';
  return new Date(day).toLocaleDateString('en-GB', { dateStyle: 'long', ...(isDayOnly && { timeZone: 'UTC' }) });
}

/** Writes a count in its language's way: `1,234`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en');
}
