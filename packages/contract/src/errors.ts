/**
 * Every reason the cinema can give for a refusal: its tRPC code, its sentence, and the HTTP status where the code's own
 * does not fit. Clients branch on the reason. The sentence is for people and may change.
 */
export const ERRORS = {
  // any procedure
  invalid_input: ['BAD_REQUEST', 'The input is not valid.'],
  not_authenticated: ['UNAUTHORIZED', 'Sign in first.'],
  not_allowed: ['FORBIDDEN', 'Your role does not allow this.'],
  not_found: ['NOT_FOUND', 'There is no such thing here.'],
  method_not_allowed: ['METHOD_NOT_SUPPORTED', 'This address does not know that method.'],
  request_timeout: ['TIMEOUT', 'The request took too long to arrive.'],
  payload_too_large: ['PAYLOAD_TOO_LARGE', 'The request is too large.'],
  unsupported_media_type: ['UNSUPPORTED_MEDIA_TYPE', 'This content type is not accepted here.'],
  too_many_requests: ['TOO_MANY_REQUESTS', 'Too many requests. Try again later.'],
  conflict: ['CONFLICT', 'This contradicts what is already there.'],
  unavailable: ['SERVICE_UNAVAILABLE', 'The cinema is busy. Try again in a moment.'],
  internal_error: ['INTERNAL_SERVER_ERROR', 'Something went wrong on our side.'],

  // accounts
  email_taken: ['CONFLICT', 'There is an account with this address already.'],
  weak_password: ['BAD_REQUEST', 'The password does not meet the rules.'],
  wrong_password: ['BAD_REQUEST', 'The password is wrong.'],
  password_required: ['BAD_REQUEST', 'You signed in a while ago. Enter your password again.'],
  same_password: ['CONFLICT', 'The new password is the same as the old one.'],
  invalid_token: ['BAD_REQUEST', 'This link is not valid, or was used, or is too old.'],
  already_active: ['CONFLICT', 'This account is active already.'],
  invalid_credentials: ['UNAUTHORIZED', 'The address or the password is wrong.'],
  not_active: [
    'FORBIDDEN',
    'This account is not active. Follow the link in the activation mail, or ask for a new one.',
  ],
  invalid_refresh_token: ['UNAUTHORIZED', 'The session has ended. Sign in again.'],
  totp_required: ['UNAUTHORIZED', 'Enter the code of your authenticator app.'],
  // 401 in a sign-in.
  invalid_code: ['BAD_REQUEST', 'This code is wrong, too old or used already.'],
  totp_already_enabled: ['CONFLICT', 'Two-factor login is on already.'],
  totp_not_enabled: ['CONFLICT', 'Two-factor login is not on.'],
  totp_not_set_up: ['CONFLICT', 'Set up an authenticator app first.'],
  totp_setup_required: ['FORBIDDEN', 'Your role needs two-factor login. Set it up first.'],
  unsupported_image: ['UNSUPPORTED_MEDIA_TYPE', 'Only JPEG, PNG and WebP pictures of up to 25 megapixels are taken.'],

  // catalogue
  invalid_cursor: ['BAD_REQUEST', 'This cursor belongs to another query. Start from the first page.'],

  // cart
  already_in_cart: ['CONFLICT', 'The film is already in your cart.'],
  already_owned: ['CONFLICT', 'You own this film already.'],
  in_pending_order: ['CONFLICT', 'The film is in an order of yours that waits for payment.'],
  not_for_sale: ['CONFLICT', 'This film is not for sale.'],
  not_in_cart: ['NOT_FOUND', 'The film is not in your cart.'],

  // orders
  cart_empty: ['CONFLICT', 'Your cart is empty.'],
  nothing_to_order: ['CONFLICT', 'Nothing in your cart can be ordered.'],
  price_changed: ['CONFLICT', 'A price has changed. Look at the new total before you order.'],
  order_not_pending: ['CONFLICT', 'This order does not wait for payment.'],
  gateway_unavailable: [
    'SERVICE_UNAVAILABLE',
    'The payment service does not answer. Your order is kept; try again soon.',
  ],

  // admin
  own_role: ['FORBIDDEN', 'Nobody changes the own role. Ask another admin.'],
  job_not_retryable: ['CONFLICT', 'This job does not wait for another try, or somebody has dealt with it already.'],
  job_not_discardable: ['CONFLICT', 'This job is worked on or done, or somebody has dealt with it already.'],
  own_totp: [
    'FORBIDDEN',
    'Nobody resets the own two-factor login. Switch it off with your password, or ask another admin.',
  ],
  last_admin: ['CONFLICT', 'This is the last admin. Make somebody else an admin first.'],

  // documentation
  bearer_required: [
    'UNAUTHORIZED',
    'This account has two-factor login: a password is not enough. Send an access token as a bearer token.',
  ],

  // webhooks
  invalid_signature: ['BAD_REQUEST', 'The signature does not fit the body.'],

  // playback
  not_owned: ['FORBIDDEN', 'Buy this film to watch it.'],
  invalid_grant: ['FORBIDDEN', 'This address is no longer good. Start playback again.'],
  range_not_satisfiable: ['BAD_REQUEST', 'The file does not reach that far.', 416],
  no_video: ['CONFLICT', 'This film has no video yet.'],
} as const satisfies Record<string, readonly [code: string, message: string, status?: number]>;

/** Why the cinema refused: what clients branch on. */
export type ErrorReason = keyof typeof ERRORS;
