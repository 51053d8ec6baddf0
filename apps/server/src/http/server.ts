import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import underPressure from '@fastify/under-pressure';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Context } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { mountDocs } from './docs.ts';
import { guardDoor } from './door.ts';
import { toRefusal } from './fastify-errors.ts';
import { mountHealth } from './health.ts';
import { mountMedia } from './media.ts';
import { mountPosters } from './posters.ts';
import { sendProblem } from './problem-reply.ts';
import { mountRest, REST_PREFIX } from './rest.ts';
import { mountRpc } from './rpc.ts';
import { mountStorefront } from './storefront.ts';
import { mountStripeWebhook } from './stripe-webhook.ts';

export type HttpOptions = {
  deps: Deps;
  isStopping: () => boolean;
  /** The folder of the built web app; absent: none is served. */
  storefrontFolder?: string | undefined;
};

const BODY_LIMIT = 100_000;

/** How long requests under way may take once the server stops. Whoever is still reading then goes on elsewhere. */
const DRAIN_TIMEOUT_MS = 10_000;

/** Builds the HTTP server: tRPC, REST, media, webhook, documentation and health behind one door. */
export async function createHttpServer({ deps, isStopping, storefrontFolder }: HttpOptions): Promise<FastifyInstance> {
  const { config, log } = deps;
  const loggerInstance: FastifyBaseLogger = log;
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: parseTrustProxy(config.trustProxy),
    bodyLimit: BODY_LIMIT,
    // Slow headers and bodies are cut; Node looks for them this often.
    requestTimeout: 30_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16_384 },
    keepAliveTimeout: 72_000,
    forceCloseConnections: 'idle',
    // While we stop, what still arrives on an open connection is answered, and the connection closed after it.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: (request) => readRequestId(request.headers['x-request-id']) ?? randomUUID(),
    // Ten procedure names in one path.
    routerOptions: { maxParamLength: 5_000 },
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, new AppError('invalid_input'));
    },
    clientErrorHandler: answerClientError,
  });
  // A tunnel is not on offer; without a listener the socket would just be closed.
  app.server.on('connect', (_request, socket) => answerRaw(socket as Socket, 405, 'Method Not Allowed'));

  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), DRAIN_TIMEOUT_MS).unref();
  });

  guardDoor(app);
  app.addHook('onResponse', async (request, reply) => {
    const { method, url, id } = request;
    log.info({
      requestId: id,
      method,
      url: withoutSecrets(url),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    });
  });
  app.setErrorHandler(async (error, request, reply) => {
    const refusal = toRefusal(error);
    if (refusal.reason === 'internal_error') log.error({ err: error, requestId: request.id }, 'request failed');
    return sendProblem(reply, refusal);
  });
  // The web app has an answer of its own for addresses nobody else knows.
  if (storefrontFolder === undefined) {
    app.setNotFoundHandler(async (_request, reply) => sendProblem(reply, new AppError('not_found')));
  }

  await app.register(underPressure, {
    maxEventLoopDelay: 1_000,
    sampleInterval: 500,
    pressureHandler: (request, reply) => {
      // Health is answered under any load, or the orchestrator would kill what is only busy.
      if (request.url !== '/livez' && request.url !== '/readyz') sendProblem(reply, new AppError('unavailable'));
    },
  });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  await app.register(cors, {
    origin: config.corsOrigins.length > 0 ? config.corsOrigins : false,
    exposedHeaders: ['x-request-id', 'retry-after', 'location', 'etag'],
    maxAge: 86_400,
  });
  await app.register(fastifyStatic, { root: '/', serve: false });

  const createContext = (request: FastifyRequest): Context => ({
    deps,
    requestId: request.id,
    ip: request.ip,
    userAgent: request.headers['user-agent'],
    authorization: request.headers.authorization,
  });
  await app.register(mountHealth, { deps, isStopping });
  await app.register(mountRest, { prefix: REST_PREFIX, createContext });
  await app.register(mountRpc, { prefix: '/trpc', createContext });
  await app.register(mountStripeWebhook, { prefix: '/webhooks/stripe', deps });
  await app.register(mountMedia, { prefix: '/media', deps });
  await app.register(mountPosters, { prefix: '/posters', deps });
  await app.register(mountDocs, { deps });
  if (storefrontFolder !== undefined) await app.register(mountStorefront, { folder: storefrontFolder });
  return app;
}

/** `true`, a number of proxies, or their addresses; nothing: no proxy is believed. */
function parseTrustProxy(value: string): boolean | string | ((address: string, hop: number) => boolean) {
  if (value === '' || value === 'false') return false;
  if (value === 'true') return true;
  return /^\d+$/.test(value) ? (_address, hop) => hop < Number(value) : value;
}

function readRequestId(header: string | string[] | undefined): string | null {
  return typeof header === 'string' && /^[A-Za-z0-9._-]{1,128}$/.test(header) ? header : null;
}

// Grants and one-time tokens stand in addresses; a log must not hold them.
function withoutSecrets(url: string): string {
  return url
    .replace(/^\/media\/[^/?]+/, '/media/[grant]')
    .replace(/([?&](?:token|ticket|input)=)[^&]*/g, '$1[redacted]');
}

function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy(error);
    return;
  }
  if (error.code === 'HPE_INVALID_METHOD') answerRaw(socket, 405, 'Method Not Allowed');
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') answerRaw(socket, 408, 'Request Timeout');
  else if (error.code === 'HPE_HEADER_OVERFLOW') answerRaw(socket, 431, 'Request Header Fields Too Large');
  else answerRaw(socket, 400, 'Bad Request');
}

function answerRaw(socket: Socket, status: number, text: string): void {
  const allow = status === 405 ? 'Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n' : '';
  socket.end(`HTTP/1.1 ${status} ${text}\r\n${allow}Connection: close\r\nContent-Length: 0\r\n\r\n`);
}
