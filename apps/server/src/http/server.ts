import { randomUUID } from 'node:crypto';
import cors, { type FastifyCorsOptions, type FastifyCorsOptionsDelegateCallback } from '@fastify/cors';
import helmet from '@fastify/helmet';
import underPressure from '@fastify/under-pressure';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import type { Context } from '../context.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { mountAvatars } from './avatars.ts';
import { mountDocs } from './docs.ts';
import { ALLOWED_METHODS, guardDoor } from './door.ts';
import { toRefusal } from './fastify-errors.ts';
import { mountExports } from './exports.ts';
import { mountHealth } from './health.ts';
import { mountJwks } from './jwks.ts';
import { collectMethods } from './methods.ts';
import { mountMedia } from './media.ts';
import { mountMediaUploads, UPLOAD_HEADERS } from './media-uploads.ts';
import { createNodeServers } from './node-servers.ts';
import { mountPosters } from './posters.ts';
import { sendProblem } from './problem-reply.ts';
import { mountRest, REST_PREFIX } from './rest.ts';
import { mountRpc } from './rpc.ts';
import { mountStorefront } from './storefront.ts';
import { mountStripeWebhook } from './stripe-webhook.ts';
import { spanOf, traceRequests } from './traced-requests.ts';
import { mountUnsubscribe } from './unsubscribe.ts';

/** What the HTTP server is built with; `isStopping` is what `/readyz` asks. */
export type HttpOptions = {
  deps: Deps;
  isStopping: () => boolean;
  /** The folder of the built web app; absent: none is served. */
  storefrontFolder?: string | undefined;
};

const BODY_LIMIT = 100_000;

/** Builds the HTTP server: tRPC, REST, webhook, media, posters, documentation, health and web app behind one door. */
export async function createHttpServer({ deps, isStopping, storefrontFolder }: HttpOptions): Promise<FastifyInstance> {
  const { config, log } = deps;
  const loggerInstance: FastifyBaseLogger = log;
  const servers = createNodeServers();
  const app = fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
    trustProxy: parseTrustProxy(config.trustProxy),
    bodyLimit: BODY_LIMIT,
    serverFactory: servers.create,
    // The servers answer what is no HTTP themselves; Fastify would do it for the first of them only.
    clientErrorHandler: () => {},
    // While we stop, what still arrives on an open connection is answered, and the connection closed after it.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: (request) => readRequestId(request.headers['x-request-id']) ?? randomUUID(),
    // Ten procedure names in one path.
    routerOptions: { maxParamLength: 5_000 },
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, new AppError('invalid_input'));
    },
  });
  // Begun before Fastify closes the first server, and waited for after: a hook before it has ten seconds only.
  let drained: Promise<void> | undefined;
  app.addHook('preClose', async () => {
    drained = servers.drain();
  });
  app.addHook('onClose', async () => await drained);

  // First of all hooks, so that all others are in the span.
  if (config.tracing) traceRequests(app, { tracing: deps.tracing, pathOf });
  guardDoor(app);
  const refuseUnknownMethods = collectMethods(app);
  app.addHook('onResponse', async (request, reply) => {
    const { method, id } = request;
    deps.metrics.observeRequest({
      route: request.routeOptions.url ?? 'none',
      method: ALLOWED_METHODS.includes(method) ? method : 'other',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
    });
    const line = {
      requestId: id,
      method,
      url: pathOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
    };
    spanOf(request).within(() => log.info(line));
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

  const sinceLastLookMs = watchEventLoop(app);
  await app.register(underPressure, {
    maxEventLoopDelay: config.overloadDelayMs,
    sampleInterval: LOOK_INTERVAL_MS,
    // Health is answered under any load, or the orchestrator would kill what is only busy. What is thrown goes the way of
    // all errors: each face tells it as its clients understand it.
    async pressureHandler({ url }, _reply, _type, delayMs) {
      // Where there was not even time to take a sample it says Infinity, however long that was.
      const isLate = delayMs !== Infinity || sinceLastLookMs() > config.overloadDelayMs;
      if (isLate && url !== '/livez' && url !== '/readyz') throw new AppError('unavailable');
    },
  });
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginResourcePolicy: { policy: 'cross-origin' },
  });
  if (config.corsOrigins.length > 0) await app.register(cors, { delegator: decideCors(config.corsOrigins) });

  const createContext = (request: FastifyRequest): Context => ({
    deps,
    requestId: request.id,
    ip: request.ip,
    userAgent: request.headers['user-agent'],
    authorization: request.headers.authorization,
    idempotencyKey: request.headers['idempotency-key'],
  });
  await app.register(mountHealth, { deps, isStopping });
  await app.register(mountRest, { prefix: REST_PREFIX, createContext });
  await app.register(mountRpc, { prefix: '/trpc', createContext });
  await app.register(mountStripeWebhook, { prefix: '/webhooks/stripe', deps });
  await app.register(mountMedia, { prefix: '/media', deps });
  await app.register(mountMediaUploads, { prefix: '/media-uploads', createContext });
  await app.register(mountPosters, { prefix: '/posters', deps });
  await app.register(mountAvatars, { prefix: '/avatars', deps });
  await app.register(mountExports, { prefix: '/exports', deps });
  await app.register(mountUnsubscribe, { prefix: '/unsubscribe', deps });
  await app.register(mountJwks, { deps });
  await app.register(mountDocs, { deps });
  if (storefrontFolder !== undefined) {
    await app.register(mountStorefront, { folder: storefrontFolder, mediaOrigin: deps.storage.origin });
  }
  refuseUnknownMethods();
  return app;
}

function decideCors(origin: string[]): FastifyCorsOptionsDelegateCallback {
  const exposedHeaders = ['x-request-id', 'retry-after', 'location', 'etag', 'accept-ranges', 'content-range'];
  const options: FastifyCorsOptions = {
    origin,
    exposedHeaders: [...exposedHeaders, ...UPLOAD_HEADERS],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    maxAge: 86_400,
  };
  return ({ headers }, decide) => {
    // Any other OPTIONS is a question of its own: who uploads asks so what is spoken.
    decide(null, { ...options, preflight: headers['access-control-request-method'] !== undefined });
  };
}

/** How often it is looked at how late the event loop is. */
const LOOK_INTERVAL_MS = 500;

/** Tells how much time went by between the last two looks: more than the interval, where the loop was held up. */
function watchEventLoop(app: FastifyInstance): () => number {
  let lookedAt = performance.now();
  let sinceLastMs = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    sinceLastMs = now - lookedAt;
    lookedAt = now;
  }, LOOK_INTERVAL_MS);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return () => sinceLastMs;
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

// Grants and the tokens of links stand in paths, one-time tokens in queries; a log must hold neither, however they are spelled.
function pathOf({ url, routeOptions }: FastifyRequest): string {
  const [path = ''] = url.split('?');
  const readable = path.replace(/%[2-7][\da-f]/gi, decodeURIComponent);
  // What no route knows may have something before it: a proxy may send whole addresses.
  const secret = (routeOptions.url === undefined ? ANYWHERE : AT_ITS_BEGINNING).exec(readable);
  return secret ? (routeOptions.url ?? `${secret[0]}…`) : path;
}

const AT_ITS_BEGINNING = /^\/+(?:media|exports|unsubscribe)\//i;
const ANYWHERE = /^.*?\/(?:media|exports|unsubscribe)\//i;
