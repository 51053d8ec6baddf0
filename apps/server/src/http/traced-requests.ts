import type { FastifyInstance, FastifyRequest } from 'fastify';
import { noTracing, type Span, type Tracing } from '../lib/tracing.ts';
import { ALLOWED_METHODS } from './door.ts';

const spans = new WeakMap<FastifyRequest, Span>();

/** The span of a request; one that nobody is told of when nothing is traced. */
export function spanOf(request: FastifyRequest): Span {
  return spans.get(request) ?? NONE;
}

const NONE = noTracing.begin({ name: '', kind: 'internal', attributes: {} });

/**
 * Makes a span of each request, in the trace its caller names. `pathOf` gives a path without the secrets in it; queries
 * hold more of them, and are left out.
 */
export function traceRequests(
  app: FastifyInstance,
  { tracing, pathOf }: { tracing: Tracing; pathOf: (request: FastifyRequest) => string },
): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { traceparent } = request.headers;
    const method = ALLOWED_METHODS.includes(request.method) ? request.method : '_OTHER';
    const route = request.routeOptions.url;
    const verb = method === '_OTHER' ? 'HTTP' : method;
    const span = tracing.begin({
      name: route === undefined ? verb : `${verb} ${route}`,
      kind: 'server',
      parent: typeof traceparent === 'string' ? traceparent : undefined,
      attributes: {
        'http.request.method': method,
        'url.path': pathOf(request),
        'url.scheme': request.protocol,
        'cinema.request_id': request.id,
        ...(route !== undefined && { 'http.route': route }),
      },
    });
    spans.set(request, span);
    // Not `onResponse`: of an answer that is cut off nothing else tells.
    reply.raw.once('close', () => {
      const { statusCode, headersSent, writableFinished } = reply.raw;
      if (headersSent) span.set({ 'http.response.status_code': statusCode });
      if (!writableFinished) span.set({ 'error.type': 'disconnected' });
      else if (statusCode >= 500) span.fail(String(statusCode));
      span.end();
    });
    span.within(done);
  });
  // The body is read by events of the socket, which belong to no request.
  app.addHook('preValidation', (request, _reply, done) => spanOf(request).within(done));
}
