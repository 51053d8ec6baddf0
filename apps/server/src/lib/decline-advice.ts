/**
 * Says what the buyer can do after a decline, by Stripe's code. Of a card that is reported, stolen or taken for fraud,
 * the buyer is told no more than of any other, as Stripe asks: https://docs.stripe.com/declines/codes
 */
export function adviceOf(declineCode: string | null): string | null {
  if (declineCode === null) return null;
  return (
    ADVICE.find(({ codes }) => codes.includes(declineCode))?.advice ??
    'Try another card, or ask your bank why it refused.'
  );
}

const ADVICE: { codes: readonly string[]; advice: string }[] = [
  {
    codes: ['insufficient_funds', 'withdrawal_count_limit_exceeded', 'card_velocity_exceeded'],
    advice: 'There is not enough money on the card, or its limit is reached. Try another card.',
  },
  { codes: ['expired_card'], advice: 'The card has expired. Try another card.' },
  {
    codes: ['incorrect_cvc', 'invalid_cvc'],
    advice: 'The security code is wrong. Type the card in again; the code is on its back, or beside the number.',
  },
  {
    codes: [
      'incorrect_number',
      'invalid_number',
      'invalid_expiry_month',
      'invalid_expiry_year',
      'incorrect_zip',
      'incorrect_address',
    ],
    advice: 'A number of the card or its address is wrong. Type it in again.',
  },
  {
    codes: [
      'authentication_required',
      'authentication_not_handled',
      'payment_intent_authentication_failure',
      'mobile_device_authentication_required',
    ],
    advice: 'Your bank wants you to confirm the payment. Try again and follow its steps.',
  },
  {
    codes: [
      'incorrect_pin',
      'invalid_pin',
      'offline_pin_required',
      'online_or_offline_pin_required',
      'pin_try_exceeded',
    ],
    advice: 'The card asks for its PIN, which can not be typed in here. Try another card.',
  },
  {
    codes: [
      'card_not_supported',
      'currency_not_supported',
      'invalid_account',
      'new_account_information_available',
      'not_permitted',
      'restricted_card',
      'service_not_allowed',
      'transaction_not_allowed',
      'testmode_decline',
    ],
    advice: 'This card can not be used for this payment. Try another card, or ask your bank.',
  },
  {
    codes: ['processing_error', 'issuer_not_available', 'reenter_transaction', 'try_again_later', 'approve_with_id'],
    advice: 'Your bank could not be reached. Try again in a few minutes.',
  },
  {
    codes: ['duplicate_transaction'],
    advice: 'The same amount was paid a moment ago. Look at your orders before you try again.',
  },
];
