import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import Stripe from 'stripe';
import { startStripeSimulator, type StripeSimulator, type StripeSimulatorOptions } from '../../stripe.ts';

/** A simulator with an official SDK client that talks to it. */
export interface Shop extends AsyncDisposable {
  simulator: StripeSimulator;
  stripe: Stripe;
}

/** One webhook as it came in. */
export interface Received {
  body: string;
  headers: NodeJS.Dict<string | string[]>;
}

/** A web server that takes webhooks and answers what it is told to. */
export interface Receiver extends AsyncDisposable {
  url: string;
  received: Received[];
  /** What the next calls answer, 200 when used up. */
  answers: number[];
  /** The events so far, their signatures checked by the SDK. */
  events(): Stripe.Event[];
  /** Resolves when `count` calls have come in. */
  waitFor(count: number): Promise<void>;
}

/** Starts a simulator and its client. */
export async function openShop(options: StripeSimulatorOptions = {}): Promise<Shop> {
  const simulator = await startStripeSimulator(options);
  const stripe = connect(simulator);
  return { simulator, stripe, [Symbol.asyncDispose]: () => simulator.stop() };
}

/** Makes a client set up as the server sets up its own. */
export function connect(simulator: StripeSimulator, key = simulator.secretKey, maxNetworkRetries = 2): Stripe {
  return new Stripe(key, {
    host: '127.0.0.1',
    port: simulator.port,
    protocol: 'http',
    timeout: 15_000,
    maxNetworkRetries,
    telemetry: false,
  });
}

/** Starts a webhook receiver. */
export async function openReceiver(onBody: (body: string) => void = () => {}): Promise<Receiver> {
  const received: Received[] = [];
  const answers: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      onBody(body);
      received.push({ body, headers: request.headers });
      response.writeHead(answers.shift() ?? 200).end('noted');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver listens on no port.');
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/stripe`,
    received,
    answers,
    events: () =>
      received.map(({ body, headers }) =>
        Stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), 'whsec_simulator'),
      ),
    async waitFor(count) {
      while (received.length < count) await pause(10);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The parameters of a checkout of one film for 19.99 USD. */
export function filmCheckout(
  changes: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Stripe.Checkout.SessionCreateParams {
  return {
    mode: 'payment',
    success_url: 'http://127.0.0.1:8000/orders/1?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://127.0.0.1:8000/cart',
    client_reference_id: 'order-1',
    metadata: { orderId: 'order-1' },
    payment_intent_data: { metadata: { orderId: 'order-1' } },
    line_items: [
      { quantity: 1, price_data: { currency: 'usd', unit_amount: 1999, product_data: { name: 'Metropolis (1927)' } } },
    ],
    ...changes,
  };
}

/** Makes and pays a session; answers it with its payment intent and charge. */
export async function payFilm({ simulator, stripe }: Shop, changes?: Partial<Stripe.Checkout.SessionCreateParams>) {
  const { id } = await stripe.checkout.sessions.create(filmCheckout(changes));
  simulator.pay(id);
  const session = await stripe.checkout.sessions.retrieve(id, { expand: ['payment_intent.latest_charge'] });
  const intent = session.payment_intent;
  if (intent === null || typeof intent === 'string') throw new Error('The payment intent was not expanded.');
  const charge = intent.latest_charge;
  if (charge === null || typeof charge === 'string') throw new Error('The charge was not expanded.');
  return { session, intent, charge };
}

/** Answers what a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('The call was not refused.');
}
