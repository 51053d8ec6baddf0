import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on a free port, tells the parent process where, and ends with it. */
export async function serve(listener: RequestListener): Promise<void> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  announce((server.address() as AddressInfo).port);
}

/** Tells the parent process where this one listens; it ends with it. */
export function announce(port: number): void {
  process.once('disconnect', () => process.exit());
  process.send?.(`http://127.0.0.1:${port}`);
}
