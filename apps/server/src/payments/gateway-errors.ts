import Stripe from 'stripe';

/** Gives what the gateway was asked for, or null when it knows of no such thing. */
export async function orNothing<Found>(asked: Promise<Found>): Promise<Found | null> {
  return await asked.catch((error: unknown) => {
    if (error instanceof Stripe.errors.StripeError && error.statusCode === 404) return null;
    throw error;
  });
}

/** Tells whether somebody else asks Stripe under the same idempotency key at this moment. */
export function isKeyInUse(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.statusCode === 409;
}

/**
 * Tells whether a failure was given again because Stripe keeps it under the idempotency key: no other answer comes under
 * that key for a day. https://docs.stripe.com/api/idempotent_requests
 */
export function isKeptFailure(error: unknown): boolean {
  if (!(error instanceof Stripe.errors.StripeError) || (error.statusCode ?? 0) < 500) return false;
  return error.headers?.['idempotent-replayed'] === 'true';
}
