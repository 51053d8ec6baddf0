import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import { registerApi } from './stripe/api.ts';
import { createControl, registerControl, type Control } from './stripe/control.ts';
import { registerDashboard } from './stripe/dashboard.ts';
import { createFaults } from './stripe/faults.ts';
import { createIdempotencyKeys } from './stripe/idempotency.ts';
import { decodeForm } from './stripe/params.ts';
import { openMemory } from './stripe/memory.ts';
import { registerPaymentPage } from './stripe/payment-page.ts';
import { expireDueSessions } from './stripe/sessions.ts';
import { createStore, type World } from './stripe/store.ts';
import { createDispatcher } from './stripe/webhooks.ts';

/** How to start the simulator. */
export interface StripeSimulatorOptions {
  /** 0 or absent takes a free one. */
  port?: number;
  /** `127.0.0.1` when absent. */
  host?: string;
  /** The one key the API accepts: `sk_test_simulator` when absent. */
  secretKey?: string;
  /** Signs webhooks: `whsec_simulator` when absent. */
  webhookSecret?: string;
  /** Where events go; without it they go nowhere until {@link StripeSimulator.setWebhookUrl} is called. */
  webhookUrl?: string;
  /** A file in which it keeps what it remembers over a restart; without it, it begins anew each time. */
  dataFile?: string;
  /** The clock in milliseconds, which also stamps signatures; the machine's when absent. */
  now?: () => number;
}

/** A running simulator. The control methods do the same as the HTTP calls under `/_control`. */
export interface StripeSimulator extends Control, AsyncDisposable {
  url: string;
  port: number;
  secretKey: string;
  webhookSecret: string;
  setWebhookUrl(url: string | null): void;
  stop(): Promise<void>;
}

const EXPIRY_CHECK_MS = 1000;

/**
 * Starts what this shop uses of Stripe: the API under `/v1`, the hosted payment page, signed webhooks with retries, a
 * dashboard at `/` and a control for tests under `/_control`. What it remembers is in memory, and in `dataFile`.
 *
 * @throws Error that names the port when it is taken
 * @example
 * await using simulator = await startStripeSimulator({ webhookUrl: 'http://127.0.0.1:8000/webhooks/stripe' });
 * const stripe = new Stripe(simulator.secretKey, { host: '127.0.0.1', port: simulator.port, protocol: 'http' });
 */
export async function startStripeSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const { port = 0, host = '127.0.0.1', secretKey = 'sk_test_simulator', now = Date.now } = options;
  const { webhookSecret = 'whsec_simulator', webhookUrl = null } = options;
  const dispatcher = createDispatcher({ secret: webhookSecret, now });
  dispatcher.configure({ url: webhookUrl });
  const world: World = {
    store: createStore(),
    refundsBegin: 'succeeded',
    now,
    dispatch: (event) => memory.afterSave(() => dispatcher.dispatch(event)),
  };
  const faults = createFaults();
  const keys = createIdempotencyKeys();
  const memory = await openMemory(options.dataFile, { world, keys });
  const control = createControl(world, dispatcher, faults, keys);

  const app = fastify({
    forceCloseConnections: true,
    routerOptions: { querystringParser: decodeForm, maxParamLength: 500 },
  });
  app.removeAllContentTypeParsers(); // Stripe's v1 takes forms only
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, decodeForm(String(body)));
  });
  registerApi(app, { world, faults, keys, secretKey });
  // Whoever was told that a card was charged finds the charge again, though we be killed the moment after.
  app.addHook('onSend', async (request) => {
    if (request.method !== 'GET') await memory.save();
  });
  registerPaymentPage(app, world);
  registerDashboard(app, world, dispatcher);
  await app.register(async (scope) => registerControl(scope, control), { prefix: '/_control' });

  try {
    await app.listen({ port, host });
  } catch (error) {
    throw new Error(portProblem(error, host, port), { cause: error });
  }
  const expiry = setInterval(() => expireDueSessions(world), EXPIRY_CHECK_MS).unref();
  const listening = portOf(app.server.address());

  async function stop(): Promise<void> {
    clearInterval(expiry);
    dispatcher.stop();
    faults.reset();
    await app.close();
    await memory.save();
  }

  return {
    ...control,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}`,
    port: listening,
    secretKey,
    webhookSecret,
    setWebhookUrl: (url) => void dispatcher.configure({ url }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('The Stripe simulator listens on no port.');
  return address.port;
}

function portProblem(error: unknown, host: string, port: number): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EADDRINUSE'
    ? `Port ${port} is taken, so the Stripe simulator cannot listen on ${host}:${port}. Stop what uses it, or choose another port.`
    : `The Stripe simulator cannot listen on ${host}:${port}.`;
}
