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
  idempotency_conflict: ['CONFLICT', 'This Idempotency-Key was used for another request.'],
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
  movie_exists: ['CONFLICT', 'There is a film of this name, year and time already.'],
  movie_purchased: ['CONFLICT', 'Somebody has bought this film: it stays.'],
  movie_in_carts: ['CONFLICT', 'The film is in carts, or in orders that wait for payment.'],
  unknown_id: ['BAD_REQUEST', 'An id belongs to nothing that is here.'],
  name_taken: ['CONFLICT', 'There is one of this name already.'],
  in_use: ['CONFLICT', 'Films have it. Take it from them first.'],

  // media
  unsupported_video: ['UNSUPPORTED_MEDIA_TYPE', 'Only MP4, QuickTime, Matroska and WebM videos are taken.'],
  unsupported_tus_version: ['PRECONDITION_FAILED', 'Uploads are resumed by version 1.0.0 of tus.'],

  // comments
  wrong_parent: ['BAD_REQUEST', 'The comment you answer belongs to another film.'],
  not_author: ['FORBIDDEN', 'Only its author may do that.'],
  own_comment: ['FORBIDDEN', 'This comment is yours. Change or delete it instead.'],
  already_reported: ['CONFLICT', 'You have reported this comment already.'],
  decided: ['CONFLICT', 'This was decided already.'],

  // cart
  already_in_cart: ['CONFLICT', 'The film is already in your cart.'],
  already_owned: ['CONFLICT', 'You own this film already.'],
  in_pending_order: ['CONFLICT', 'The film is in an order of yours that waits for payment.'],
  not_for_sale: ['CONFLICT', 'This film is not for sale.'],
  not_in_cart: ['NOT_FOUND', 'The film is not in your cart.'],
  unknown_promo: ['NOT_FOUND', 'There is no promotion with this code.'],
  promo_not_applicable: ['CONFLICT', 'This promotion does not fit your cart now.'],

  // promos
  code_taken: ['CONFLICT', 'There is a promotion with this code already.'],
  promo_in_use: ['CONFLICT', 'Orders have this promotion. End it instead.'],

  // orders
  cart_empty: ['CONFLICT', 'Your cart is empty.'],
  nothing_to_order: ['CONFLICT', 'Nothing in your cart can be ordered.'],
  price_changed: ['CONFLICT', 'A price has changed. Look at the new total before you order.'],
  order_not_pending: ['CONFLICT', 'This order does not wait for payment.'],
  order_paid: ['CONFLICT', 'This order is paid. Ask for a refund.'],
  order_canceled: ['CONFLICT', 'This order is canceled already.'],
  checkout_completing: ['CONFLICT', 'This order is being paid at this moment.'],
  total_not_payable: ['CONFLICT', 'Cards can not be charged this total. Order more films, or fewer.'],
  gateway_unavailable: [
    'SERVICE_UNAVAILABLE',
    'The payment service does not answer. Your order is kept; try again soon.',
  ],

  // refunds
  not_refundable: ['CONFLICT', 'This can not be paid back.'],
  already_refunded: ['CONFLICT', 'This is paid back already, or its refund is under way.'],
  refund_requested: ['CONFLICT', 'The buyer has asked for this back. Approve or reject the request.'],

  // admin
  not_granted: ['CONFLICT', 'This film was bought, not given. Pay it back instead.'],
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
  precondition_failed: ['PRECONDITION_FAILED', 'The file is not the one you know.'],
  range_not_satisfiable: ['BAD_REQUEST', 'The file does not reach that far.', 416],
  no_video: ['CONFLICT', 'This film has no video yet.'],
  too_many_streams: ['CONFLICT', 'Your account plays as many films at once as it may. Stop one of them first.'],
} as const satisfies Record<string, readonly [code: string, message: string, status?: number]>;

/** Why the cinema refused: what clients branch on. */
export type ErrorReason = keyof typeof ERRORS;
