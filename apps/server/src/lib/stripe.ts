import Stripe from 'stripe';

/** Makes Stripe's own client, for Stripe or for whatever stands in for it at `apiUrl`. */
export function createStripe(options: { secretKey: string; apiUrl: string; timeoutMs?: number }): Stripe {
  const url = new URL(options.apiUrl);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  return new Stripe(options.secretKey, {
    host: url.hostname,
    port: url.port || (protocol === 'http' ? '80' : '443'),
    protocol,
    timeout: options.timeoutMs ?? 15_000,
    maxNetworkRetries: 2,
    telemetry: false,
    appInfo: { name: 'online-cinema' },
  });
}
