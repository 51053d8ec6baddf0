import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../lib/errors.ts';
import { toProblem, toProblemBody } from '../lib/problems.ts';
import { ALLOWED_METHODS } from './door.ts';

// A socket on which nothing moves for so long belongs to somebody who has gone, or who only wants to hold it. Of one that
// is written to, Node notices at the second look. Less would cut who reads slowly: kernels hold tens of megabytes for
// him, and take nothing from us until he has read a good part of them.
const IDLE_SOCKET_TIMEOUT_MS = 60_000;

/** Looks after what happens below requests: sockets that hang, tunnels nobody offers, what is no HTTP. */
export function guardSockets(server: Server): void {
  // Node destroys a socket that times out, and lets those between two requests live as long as `keepAliveTimeout` says.
  server.timeout = IDLE_SOCKET_TIMEOUT_MS;
  // Node hands the socket over without any listener of its own: an error nobody listens for would end the process.
  server.on('connect', (_request, socket: Socket) => {
    socket.on('error', () => socket.destroy());
    answerRaw(socket, 405);
  });
  server.on('clientError', (error, socket) => answerClientError(error, socket as Socket));
}

// Those whose request may take longer than others.
const patient = new WeakSet<Socket>();
// What is left of a body that nobody reads to its end may take as long as other bodies.
const LEFTOVER_TIMEOUT_MS = 30_000;

/**
 * Lets the body of a request take its time: whoever reads it looks whether it goes on arriving, also while the cinema
 * itself is slow. Gives what ends that.
 */
export function giveTime(request: IncomingMessage): () => void {
  const { socket } = request;
  patient.add(socket);
  // Node sets it anew once the request is answered.
  socket.setTimeout(0);
  return () => {
    patient.delete(socket);
    if (request.complete || socket.destroyed) return;
    setTimeout(() => request.complete || socket.destroy(), LEFTOVER_TIMEOUT_MS).unref();
  };
}

/** Answers what Node's parser could not make a request of. */
function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // Node tells it once for a request, and goes on reading unless somebody ends it.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && patient.has(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  answerRaw(socket, STATUS_OF_CODE[error.code ?? ''] ?? 400);
}

const STATUS_OF_CODE: Record<string, number> = {
  HPE_INVALID_METHOD: 405,
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

function answerRaw(socket: Socket, status: number): void {
  const reason = status === 405 ? 'method_not_allowed' : status === 408 ? 'request_timeout' : 'invalid_input';
  const requestId = randomUUID();
  const body = JSON.stringify(toProblemBody({ ...toProblem(new AppError(reason)), status }, requestId));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...(status === 405 ? [`Allow: ${ALLOWED_METHODS.join(', ')}`] : []),
    `x-request-id: ${requestId}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Not half-open until the other side deigns to close too.
  socket.destroySoon();
}
