import Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';

/**
 * Makes a checkout session unpayable, unless it is paid. Stripe refuses to expire one that is not open; then it tells
 * what the session is.
 *
 * @returns `complete` when the buyer has paid, or his bank is deciding; `unknown` when Stripe has no such session.
 * @throws AppError `gateway_unavailable`.
 */
export async function closeSession(
  { stripe, log }: Pick<Deps, 'stripe' | 'log'>,
  sessionId: string,
  options: Stripe.RequestOptions = {},
): Promise<'expired' | 'complete' | 'unknown'> {
  try {
    await stripe.checkout.sessions.expire(sessionId, {}, options);
    return 'expired';
  } catch (refusal) {
    const isRefused = refusal instanceof Stripe.errors.StripeInvalidRequestError;
    if (isRefused && refusal.code === 'resource_missing') return 'unknown';
    const session = isRefused
      ? await stripe.checkout.sessions.retrieve(sessionId, {}, options).catch(() => null)
      : null;
    if (session?.status === 'expired') return 'expired';
    if (session?.status === 'complete') return 'complete';
    log.warn({ err: refusal, sessionId }, 'Stripe did not close a checkout');
    throw new AppError('gateway_unavailable', { cause: refusal, retryAfterSeconds: 5 });
  }
}
