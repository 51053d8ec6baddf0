import type { FastifyInstance } from 'fastify';
import { AppError } from '../lib/errors.ts';
import { sendProblem } from './problem-reply.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Answers 405, with the methods an address knows, to those it does not know. Notes every route from here on; the
 * function it gives adds the refusals, once all routes are there.
 */
export function collectMethods(app: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    if (url.includes('*')) return;
    const known = methodsOf.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    methodsOf.set(url, known);
  });
  return () => {
    // The hook sees what is added here too.
    for (const [url, known] of Array.from(methodsOf))
      refuseOtherMethods(
        app,
        url,
        METHODS.filter((each) => known.has(each)),
      );
  };
}

function refuseOtherMethods(app: FastifyInstance, url: string, known: string[]): void {
  const method = METHODS.filter((each) => !known.includes(each));
  if (method.length === 0) return;
  app.route({
    method,
    url,
    exposeHeadRoute: false,
    // Before the body is read: what it holds does not matter.
    onRequest: async (_request, reply) => {
      reply.header('allow', known.join(', '));
      return sendProblem(reply, new AppError('method_not_allowed'));
    },
    handler: async () => {},
  });
}
