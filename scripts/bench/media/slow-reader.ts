import { connect } from 'node:net';

const TICK_MS = 100;

/** Somebody who reads no faster than a film plays. */
export type SlowReader = {
  /** Hangs up; how many bytes there were. */
  stop(): number;
};

/** Reads an address at a rate, in bytes a second: what is not read yet waits at the server. */
export function startSlowReader(address: string, bytesPerSecond: number): SlowReader {
  const { hostname, port, pathname } = new URL(address);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: cinema.bench\r\n\r\n`);
  let bytes = 0;
  let allowed = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes >= allowed) socket.pause();
  });
  const timer = setInterval(() => {
    allowed += (bytesPerSecond * TICK_MS) / 1_000;
    if (bytes < allowed) socket.resume();
  }, TICK_MS);
  let fault: Error | undefined;
  socket.on('error', (error) => (fault = error));
  socket.on('close', () => clearInterval(timer));
  return {
    stop() {
      if (fault || socket.closed) throw new Error('The server hung up on a slow reader.', { cause: fault });
      clearInterval(timer);
      socket.destroy();
      return bytes;
    },
  };
}
