import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** A request that went through Prism, with what it has to say of it as its header `sl-violations` does. */
export type Exchange = { method: string; path: string; status: number; isOurs: boolean; violations: string };

/** Prism's validating proxies. */
export type Prism = {
  /** With `?upstream=` it answers the address of a proxy before that cinema. */
  url: string;
  /** Starts a proxy that answers with an error of its own where a request or an answer is not as documented. */
  startStrict(upstream: string): Promise<string>;
  stop(): Promise<void>;
};

type Proxy = { listen(port: number, host: string): Promise<string>; close(): Promise<void> };
type Operation = { method: string; path: string };
type OpenApi = { servers: { url: string }[]; paths: Record<string, object> };

/**
 * Starts Prism: one proxy for each cinema that asks for one, as `prism proxy` makes them.
 *
 * @param tools The folder where Prism is installed.
 */
export async function startPrism(tools: string, document: OpenApi): Promise<Prism> {
  const load = createRequire(join(tools, 'package.json'));
  const { createServer } = load('@stoplight/prism-http-server') as {
    createServer: (operations: Operation[], options: object) => Proxy;
  };
  const { getHttpOperationsFromSpec } = load('@stoplight/prism-http') as {
    getHttpOperationsFromSpec: (document: object) => Promise<Operation[]>;
  };
  const { createLogger } = load('@stoplight/prism-core') as {
    createLogger: (name: string, options: { level: string }) => object;
  };
  const operations = await getHttpOperationsFromSpec(withPrefix(document));
  const components = { logger: createLogger('prism', { level: 'silent' }) };
  const proxies: Proxy[] = [];

  async function startProxy(upstream: string, errors: boolean): Promise<string> {
    const config = {
      isProxy: true,
      upstream: new URL(upstream),
      validateRequest: true,
      validateResponse: true,
      checkSecurity: true,
      // Without them violations stand in a header, and the answer is the cinema's.
      errors,
      mock: { dynamic: false },
    };
    const proxy = createServer(operations, { cors: false, config, components });
    proxies.push(proxy);
    return await proxy.listen(0, '127.0.0.1');
  }

  const door = createHttpServer((request, response) => {
    const upstream = new URL(request.url ?? '', 'http://prism').searchParams.get('upstream') ?? '';
    startProxy(upstream, false).then(
      (address) => response.end(address),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  return {
    url: `http://127.0.0.1:${(door.address() as AddressInfo).port}/`,
    startStrict: async (upstream) => await startProxy(upstream, true),
    async stop() {
      door.closeAllConnections();
      await Promise.all([once(door.close(), 'close'), ...proxies.map((proxy) => proxy.close())]);
    },
  };
}

// Prism forgets where a relative server begins, and would not know the addresses that clients call.
function withPrefix({ servers: [server], paths, ...rest }: OpenApi): object {
  const prefixed = Object.entries(paths).map(([path, methods]) => [`${server?.url}${path}`, methods]);
  return { ...rest, paths: Object.fromEntries(prefixed) };
}
