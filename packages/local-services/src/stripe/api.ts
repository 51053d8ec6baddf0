import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorEnvelope, StripeApiError } from './errors.ts';
import { expand } from './expand.ts';
import type { Faults } from './faults.ts';
import type { IdempotencyKeys } from './idempotency.ts';
import { isHash, type Params } from './params.ts';
import { ROUTES, type ApiCall, type ApiRoute } from './routes.ts';
import { API_VERSION, newId, type World } from './store.ts';

/** What the API needs besides the world. */
interface ApiOptions {
  world: World;
  faults: Faults;
  keys: IdempotencyKeys;
  secretKey: string;
}

/** Serves `/v1`: every call is authenticated, made to suffer the faults in force, done, and remembered by its key. */
export function registerApi(app: FastifyInstance, options: ApiOptions): void {
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: route.path,
      exposeHeadRoute: false,
      handler: (request, reply) => answer(options, route, request, reply),
    });
  }
  app.setErrorHandler(async (error, request, reply) => {
    const status =
      error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
    const message = error instanceof Error ? error.message : String(error);
    const type = status < 500 ? 'invalid_request_error' : 'api_error';
    const requestId = startAnswer(request, reply);
    return await reply.code(status).send(errorBody(new StripeApiError(status, { type, message }), requestId));
  });
  app.all('/v1/*', async (request, reply) => {
    const requestId = startAnswer(request, reply);
    const message = `Unrecognized request URL (${request.method}: ${request.url.split('?')[0]}). Please see https://stripe.com/docs or we can help at https://support.stripe.com/.`;
    return await reply.code(404).send(errorBody(new StripeApiError(404, { message }), requestId));
  });
}

async function answer(options: ApiOptions, route: ApiRoute, request: FastifyRequest, reply: FastifyReply) {
  const { faults, keys } = options;
  const requestId = startAnswer(request, reply);
  const callName = `${request.method} ${request.url.split('?')[0]}`;
  const key = request.method === 'POST' ? header(request, 'idempotency-key') : undefined;
  let claimed = false;
  try {
    authenticate(request, options.secretKey);
    const params = toParams(request.method === 'GET' ? request.query : request.body);
    const saved = key === undefined ? undefined : keys.claim(key, request.url, params);
    claimed = key !== undefined && saved === undefined;
    if (!(await faults.delay(callName)) || faults.cutsConnection(callName)) {
      if (claimed && key !== undefined) keys.release(key);
      return cut(request, reply);
    }
    const status = faults.status(callName);
    const isKept = saved?.status === status && faults.keepsStatus();
    if (status !== null && !isKept) throw brokenGateway(status, faults.keepsStatus());

    if (saved) {
      if (faults.cutsAnswer(callName)) return cut(request, reply);
      return await reply
        .code(saved.status)
        .headers({ 'Idempotent-Replayed': 'true', 'Original-Request': saved.requestId })
        .send(saved.body);
    }
    const call: ApiCall = {
      world: options.world,
      params,
      id: pathId(request),
      baseUrl: `http://${request.host}`,
      cause: { id: requestId, idempotency_key: key ?? null },
    };
    const body = JSON.stringify(expand(options.world.store, route.run(call), params));
    if (key !== undefined) keys.save(key, { status: 200, body, requestId });
    claimed = false;
    if (faults.cutsAnswer(callName)) return cut(request, reply);
    return await reply.code(200).send(body);
  } catch (error) {
    const refusal = error instanceof StripeApiError ? error : undefined;
    if (claimed && key !== undefined) {
      // What was refused before it began leaves its key free, as at Stripe.
      if (refusal?.begun) keys.save(key, { status: refusal.status, body: errorBody(refusal, requestId), requestId });
      else keys.release(key);
    }
    if (!refusal) throw error;
    return await reply.code(refusal.status).send(errorBody(refusal, requestId));
  }
}

/** Sets the headers every answer carries and gives the request its id. */
function startAnswer(request: FastifyRequest, reply: FastifyReply): string {
  const requestId = newId('req');
  reply.headers({
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, no-store',
    'Request-Id': requestId,
    'Stripe-Version': header(request, 'stripe-version') ?? API_VERSION,
  });
  const key = header(request, 'idempotency-key');
  if (key !== undefined) reply.header('Idempotency-Key', key);
  return requestId;
}

function authenticate(request: FastifyRequest, secretKey: string): void {
  const [scheme = '', credentials = ''] = (header(request, 'authorization') ?? '').split(' ');
  // curl's `-u key:` is as good as a bearer token.
  const basic = scheme.toLowerCase() === 'basic' ? Buffer.from(credentials, 'base64').toString().split(':')[0] : '';
  const given = scheme.toLowerCase() === 'bearer' ? credentials : (basic ?? '');
  if (given === secretKey) return;
  if (given === '') {
    throw new StripeApiError(401, {
      message:
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    });
  }
  const masked = `${given.slice(0, 8)}${'*'.repeat(Math.max(0, given.length - 12))}${given.slice(-4)}`;
  throw new StripeApiError(401, { message: `Invalid API Key provided: ${masked}` });
}

function brokenGateway(status: number, begun: boolean): StripeApiError {
  if (status === 429) {
    return new StripeApiError(429, {
      code: 'rate_limit',
      message: 'Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.',
    });
  }
  const message = 'An unknown error occurred';
  return status >= 500
    ? new StripeApiError(status, { type: 'api_error', message, begun })
    : new StripeApiError(status, { message });
}

function errorBody(error: StripeApiError, requestId: string): string {
  return JSON.stringify(errorEnvelope(error, requestId), null, 2);
}

/** Ends the connection without a word, as a broken network does. */
function cut(request: FastifyRequest, reply: FastifyReply): undefined {
  reply.hijack();
  request.raw.socket.destroy();
}

function pathId(request: FastifyRequest): string {
  return isHash(request.params) && typeof request.params['id'] === 'string' ? request.params['id'] : '';
}

function toParams(value: unknown): Params {
  return isHash(value) ? value : {};
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
