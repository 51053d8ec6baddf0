/** What happens to a payment with a card: it succeeds, succeeds and is disputed, or is refused. */
export interface Card {
  brand: string;
  last4: string;
  funding: 'credit' | 'debit';
  expMonth: number;
  expYear: number;
  /** Absent when the card pays. */
  refusal?: Refusal;
  /** The owner disputes the payment as soon as it is made. */
  disputes?: true;
  /** The bank asks the owner to prove who he is first. */
  asksOwner?: true;
}

interface Refusal {
  code: string;
  /** The bank was never asked, so that there is no charge. */
  early?: true;
  declineCode?: string;
  message: string;
}

const DECLINED = 'Your card was declined.';

// https://docs.stripe.com/testing#cards
const BRANDS: Record<string, [brand: string, funding: 'credit' | 'debit']> = {
  '4242424242424242': ['visa', 'credit'],
  '4000056655665556': ['visa', 'debit'],
  '5555555555554444': ['mastercard', 'credit'],
  '2223003122003222': ['mastercard', 'credit'],
  '5200828282828210': ['mastercard', 'debit'],
  '5105105105105100': ['mastercard', 'credit'],
  '378282246310005': ['amex', 'credit'],
  '371449635398431': ['amex', 'credit'],
  '6011111111111117': ['discover', 'credit'],
  '6011000990139424': ['discover', 'credit'],
  '3056930009020004': ['diners', 'credit'],
  '3566002020360505': ['jcb', 'credit'],
  '6200000000000005': ['unionpay', 'credit'],
  '4000000000000259': ['visa', 'credit'],
  '4000002500003155': ['visa', 'credit'],
  '4000002760003184': ['visa', 'credit'],
};

const REFUSALS: Record<string, Refusal> = {
  '4000000000000002': declined('generic_decline', DECLINED),
  '4000000000009995': declined('insufficient_funds', 'Your card has insufficient funds.'),
  '4000000000009987': declined('lost_card', DECLINED),
  '4000000000009979': declined('stolen_card', DECLINED),
  '4000000000006975': declined('card_velocity_exceeded', DECLINED),
  '4100000000000019': declined('fraudulent', DECLINED),
  '4000008400001629': declined('generic_decline', DECLINED),
  '4000008260003178': declined('insufficient_funds', 'Your card has insufficient funds.'),
  '4000000000000069': { code: 'expired_card', message: 'Your card has expired.' },
  '4000000000000127': { code: 'incorrect_cvc', message: "Your card's security code is incorrect." },
  '4000000000000119': {
    code: 'processing_error',
    message: 'An error occurred while processing your card. Try again in a little bit.',
  },
};

const DISPUTING = '4000000000000259';
const ASKING = ['4000002500003155', '4000002760003184', '4000008400001629', '4000008260003178'];

/** Finds what a test card does. A number that is no number is refused, as is a card that is no test card. */
export function findCard(number: string, expiry: { month: number; year: number }): Card {
  const brand = BRANDS[number];
  const card: Card = {
    brand: brand?.[0] ?? 'visa',
    funding: brand?.[1] ?? 'credit',
    last4: number.slice(-4),
    expMonth: expiry.month,
    expYear: expiry.year,
    ...(number === DISPUTING && { disputes: true }),
    ...(ASKING.includes(number) && { asksOwner: true }),
  };
  if (brand) return card;
  return { ...card, refusal: REFUSALS[number] ?? notATestCard() };
}

/** Makes a card whose owner could not prove who he is. */
export function unauthenticated(card: Card): Card {
  const message =
    'We are unable to authenticate your payment method. Please choose a different payment method and try again.';
  return { ...card, refusal: { code: 'payment_intent_authentication_failure', message, early: true } };
}

/** Says whether the digits can be a card number at all (length and Luhn's check digit). */
export function isCardNumber(number: string): boolean {
  if (!/^\d{12,19}$/.test(number)) return false;
  const sum = number.split('').reduceRight((total, digit, position) => {
    const value = Number(digit) * ((number.length - position) % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

/** Makes the card that pays. */
export function payingCard(): Card {
  return findCard('4242424242424242', { month: 12, year: 2034 });
}

/**
 * Makes a card that is refused; `undefined` when no test card is refused for that reason.
 *
 * @param reason Stripe's `decline_code`, or its `code` where a refusal has none
 */
export function declinedCard(reason = 'generic_decline'): Card | undefined {
  const number = Object.keys(REFUSALS).find((candidate) => {
    const refusal = REFUSALS[candidate];
    return refusal?.declineCode === reason || refusal?.code === reason;
  });
  return number === undefined ? undefined : findCard(number, { month: 12, year: 2034 });
}

function declined(declineCode: string, message: string): Refusal {
  return { code: 'card_declined', declineCode, message };
}

function notATestCard(): Refusal {
  return declined(
    'test_mode_live_card',
    'Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.',
  );
}
