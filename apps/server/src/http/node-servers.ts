import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { guardSockets } from './sockets.ts';

/** The servers of one Fastify instance. */
export type NodeServers = {
  /** Makes a server for Fastify, which wants one for each address of its host: `localhost` often has two. */
  create: (listener: RequestListener) => Server;
  /** Stops listening, and resolves when every request under way is answered or had its time. */
  drain: () => Promise<void>;
};

/** How long requests under way may take once the server stops. Whoever is still reading then goes on elsewhere. */
const DRAIN_TIMEOUT_MS = 10_000;

/** Browsers open connections in store. One that has said nothing by then has nothing to say. */
const UNUSED_TIMEOUT_MS = 500;

/** Makes Node's servers: slow clients are cut off, and a stop waits for requests, not for connections. */
export function createNodeServers(): NodeServers {
  const servers: Server[] = [];
  const unused = new Set<Socket>();
  let isDraining = false;

  function create(listener: RequestListener): Server {
    const server = createServer(
      {
        // Slow headers and bodies are cut; Node looks for them this often.
        requestTimeout: 30_000,
        headersTimeout: 10_000,
        connectionsCheckingInterval: 2_000,
        keepAliveTimeout: 72_000,
        maxHeaderSize: 16_384,
      },
      listener,
    );
    server.on('connection', (socket) => {
      unused.add(socket);
      socket.once('close', () => unused.delete(socket));
    });
    server.on('request', ({ socket }, response) => {
      unused.delete(socket);
      response.once('close', () => {
        if (isDraining) setImmediate(() => server.closeIdleConnections());
      });
    });
    guardSockets(server);
    servers.push(server);
    return server;
  }

  async function drain(): Promise<void> {
    isDraining = true;
    const timers = [
      setTimeout(() => unused.forEach((socket) => socket.destroy()), UNUSED_TIMEOUT_MS),
      setTimeout(() => servers.forEach((server) => server.closeAllConnections()), DRAIN_TIMEOUT_MS),
    ];
    // The error tells that it never listened.
    await Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))));
    timers.forEach(clearTimeout);
  }

  return { create, drain };
}
