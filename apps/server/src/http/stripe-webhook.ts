import type { FastifyInstance } from 'fastify';
import type Stripe from 'stripe';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { toEpochSeconds } from '../lib/clock.ts';
import { receiveStripeEvent } from '../payments/events.ts';

const LARGEST_EVENT = 1_048_576;
const TOLERANCE_SECONDS = 300;

/** `POST /webhooks/stripe`: the signature over the raw bytes first; then event row and job in one transaction. */
export async function mountStripeWebhook(
  app: FastifyInstance,
  options: { deps: Pick<Deps, 'db' | 'queue' | 'stripe' | 'config' | 'clock' | 'log'> },
): Promise<void> {
  const { deps } = options;
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: LARGEST_EVENT },
    async (_request: unknown, body: Buffer) => body,
  );

  app.post('/', { bodyLimit: LARGEST_EVENT }, async (request, reply) => {
    const signature = request.headers['stripe-signature'];
    if (typeof signature !== 'string' || !Buffer.isBuffer(request.body)) throw new AppError('invalid_signature');
    const event = verifyEvent(deps, request.body, signature);
    await receiveStripeEvent(deps, { id: event.id, type: event.type, payload: request.body.toString('utf8') });
    return reply.code(200).send({ received: true });
  });
}

function verifyEvent(
  { stripe, config, clock, log }: Pick<Deps, 'stripe' | 'config' | 'clock' | 'log'>,
  body: Buffer,
  signature: string,
): Stripe.Event {
  const now = toEpochSeconds(clock.now());
  // Stripe's client refuses old signatures, but takes any from the future.
  const times = signature.split(',').filter((part) => part.trim().startsWith('t='));
  const signedAt = Number(/^t=(\d{1,12})$/.exec(times[0] ?? '')?.[1]);
  if (times.length !== 1 || !(signedAt <= now + TOLERANCE_SECONDS)) throw new AppError('invalid_signature');
  for (const secret of config.stripe.webhookSecrets) {
    try {
      const event = stripe.webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS, undefined, now * 1000);
      if (event.livemode === config.stripe.livemode && isEvent(event)) return event;
      break;
    } catch {
      // perhaps with the next secret: there are two while one is being replaced
    }
  }
  log.warn('a Stripe webhook was refused');
  throw new AppError('invalid_signature');
}

// Signed it is, but what Stripe signs has these.
function isEvent(event: Stripe.Event): boolean {
  return typeof event.id === 'string' && event.id.length <= 255 && typeof event.type === 'string';
}
