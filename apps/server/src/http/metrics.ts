import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Log } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';

export type MetricsServer = { url: string; stop(): Promise<void> };

/** Serves `GET /metrics` on a port of its own, which nobody but the operator's Prometheus should reach. */
export async function startMetricsServer(options: {
  metrics: Metrics;
  port: number;
  host: string;
  log: Log;
}): Promise<MetricsServer> {
  const { metrics, port, host, log } = options;
  const server = createServer((request, response) => {
    const refuse = (status: number, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-length': 0, ...headers }).end();
    if (request.url?.split('?')[0] !== '/metrics') return refuse(404);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405, { allow: 'GET, HEAD' });
    metrics.expose().then(
      ({ contentType, text }) =>
        response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'the metrics could not be read');
        refuse(500);
      },
    );
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The metrics have no port.');
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}/metrics`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
