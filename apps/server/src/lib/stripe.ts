import Stripe from 'stripe';
import { inSpan, noTracing, type Tracing } from './tracing.ts';

/** Makes Stripe's own client, for Stripe or for whatever stands in for it at `apiUrl`. */
export function createStripe(options: {
  secretKey: string;
  apiUrl: string;
  timeoutMs?: number;
  tracing?: Tracing;
}): Stripe {
  const url = new URL(options.apiUrl);
  const protocol = url.protocol === 'http:' ? 'http' : 'https';
  return new Stripe(options.secretKey, {
    host: url.hostname,
    port: url.port || (protocol === 'http' ? '80' : '443'),
    protocol,
    timeout: options.timeoutMs ?? 15_000,
    maxNetworkRetries: 2,
    telemetry: false,
    httpClient: tracedClient(options.tracing ?? noTracing),
    appInfo: { name: 'online-cinema' },
  });
}

// Each try has a span. Paths are told without the ids in them, which are without number.
function tracedClient(tracing: Tracing): Stripe.HttpClient {
  const client = Stripe.createNodeHttpClient();
  const make: typeof client.makeRequest = async (...request) => {
    const [host, port, path, method] = request;
    const template = path.split('?')[0]?.replace(/\/[a-z]+_(?=\w*[\dA-Z])\w+/g, '/{id}') ?? '';
    const attributes = {
      'http.request.method': method,
      'url.template': template,
      'server.address': host,
      'server.port': Number(port),
    };
    return await inSpan(tracing, { name: `${method} ${template}`, kind: 'client', attributes }, async (span) => {
      const response = await client.makeRequest(...request);
      const status = response.getStatusCode();
      span.set({ 'http.response.status_code': status });
      if (status >= 400) span.fail(String(status));
      return response;
    });
  };
  return { getClientName: () => client.getClientName(), makeRequest: make };
}
