import { invalidRequest } from './errors.ts';

// https://docs.stripe.com/currencies#zero-decimal and #three-decimal. UGX and ISK have no minor unit either, but Stripe
// keeps counting them in hundredths.
const ZERO_DECIMAL = words('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf');
const THREE_DECIMAL = words('bhd jod kwd omr tnd');
// https://docs.stripe.com/currencies#special-cases
const NO_FRACTION = words('isk ugx');
const SUPPORTED = new Set(Intl.supportedValuesOf('currency').map((code) => code.toLowerCase()));

/** The smallest charge in minor units: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
// prettier-ignore
const MINIMUM: Record<string, number> = {
  usd: 50, aed: 200, aud: 50, bgn: 100, brl: 50, cad: 50, chf: 50, czk: 1500, dkk: 250, eur: 50, gbp: 30, hkd: 400,
  huf: 17500, inr: 50, jpy: 50, mxn: 1000, myr: 200, nok: 300, nzd: 50, pln: 200, ron: 200, sek: 300, sgd: 50,
  thb: 1000,
};

const MAXIMUM = 99_999_999;

/** Writes an amount of minor units for people: `1999, 'usd'` is `$19.99`. */
export function formatAmount(amount: number, currency: string): string {
  const digits = decimalsOf(currency);
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

/** Refuses a currency Stripe does not know; answers it in lower case. */
export function readCurrency(text: string, param: string): string {
  const currency = text.toLowerCase();
  if (SUPPORTED.has(currency)) return currency;
  throw invalidRequest(`Invalid currency: ${currency}. Stripe currently supports these currencies: usd, eur, gbp, …`, {
    param,
  });
}

/** Refuses a total that cannot be charged: too small, too large, or finer than the card networks settle. */
export function refuseTotal(amount: number, currency: string): void {
  const least = MINIMUM[currency] ?? 1;
  if (amount > 0 && amount < least) {
    throw invalidRequest(
      `The Checkout Session's total amount due must add up to at least ${formatAmount(least, currency)} ${currency}`,
      { code: 'amount_too_small' },
    );
  }
  if (amount > MAXIMUM) {
    throw invalidRequest(
      `The Checkout Session's total amount due must be no more than ${formatAmount(MAXIMUM, currency)} ${currency}`,
      { code: 'amount_too_large' },
    );
  }
  refuseFraction(amount, currency);
}

/** Refuses an amount that is finer than the card networks settle, charged or paid back. */
export function refuseFraction(amount: number, currency: string): void {
  if (THREE_DECIMAL.has(currency) && amount % 10 !== 0) {
    throw invalidRequest(`Amounts in ${currency} must be divisible by 10: the least significant digit has to be 0.`, {
      code: 'invalid_charge_amount',
    });
  }
  if (NO_FRACTION.has(currency) && amount % 100 !== 0) {
    const code = currency.toUpperCase();
    throw invalidRequest(
      `Invalid amount. Currency ${code} has become effectively zero-decimal and charged amounts must be evenly ` +
        'divisible by 100. See https://stripe.com/docs/currencies#special-cases for more information.',
      { code: 'invalid_charge_amount_no_decimal_compatible' },
    );
  }
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(' '));
}

/** Gives the number of digits after the decimal point in which Stripe counts this currency. */
function decimalsOf(currency: string): 0 | 2 | 3 {
  if (ZERO_DECIMAL.has(currency)) return 0;
  return THREE_DECIMAL.has(currency) ? 3 : 2;
}
