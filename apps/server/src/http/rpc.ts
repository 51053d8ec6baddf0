import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../lib/errors.ts';
import { toProblem, toTrpcError } from '../lib/problems.ts';
import { assertSoundInput } from '../lib/sound-input.ts';
import { appRouter } from '../router.ts';
import { toRefusal } from './fastify-errors.ts';
import { acceptJsonOnly, parseJson } from './json-body.ts';
import { metaOf } from './rest.ts';

/** The most calls one HTTP request may carry. */
export const MAX_BATCH_SIZE = 10;

/** Mounts tRPC's own face: `GET|POST /trpc/<procedure>[,<procedure>…]`. */
export async function mountRpc(
  app: FastifyInstance,
  options: { createContext: (request: FastifyRequest) => Context },
): Promise<void> {
  // tRPC wants the text; it is read here first, because superjson drops what should be refused.
  acceptJsonOnly(app, (text) => {
    assertSoundEnvelopes(text);
    return text;
  });
  app.setErrorHandler(async (error, request, reply) => sendRpcError(reply, request, error));

  app.route({
    method: ['GET', 'POST'],
    url: '/:path',
    handler: async (request, reply) => {
      const { path } = request.params as { path: string };
      const { input } = request.query as { input?: unknown };
      if (typeof input === 'string') assertSoundEnvelopes(input);
      await fastifyRequestHandler({
        router: appRouter,
        req: request,
        res: reply,
        path,
        maxBatchSize: MAX_BATCH_SIZE,
        createContext: ({ info }) => {
          const isBatch = info.calls.length > 1;
          if (isBatch && info.calls.some((call) => metaOf(call.path)?.unbatched)) {
            throw toTrpcError(new AppError('invalid_input', { issues: [{ path: [], message: 'Must be called alone.' }] }));
          }
          return options.createContext(request);
        },
        responseMeta: ({ info, errors }) => {
          const headers: Record<string, string> = {};
          if (errors.length > 0 || info?.calls.some((call) => metaOf(call.path)?.noStore)) headers['cache-control'] = 'no-store';
          const waits = errors.map((each) => toProblem(each).retryAfterSeconds).filter((wait) => wait !== undefined);
          if (waits.length > 0) headers['retry-after'] = String(Math.max(...waits));
          return { headers };
        },
      });
      return reply;
    },
  });
}

/** Looks through the input of one call, `{ json, meta? }`, or of a batch, which has them by number. */
function assertSoundEnvelopes(text: string): void {
  const value = parseJson(text);
  const isBatch = typeof value === 'object' && value !== null && !('json' in value);
  for (const envelope of isBatch ? Object.values(value) : [value]) {
    if (typeof envelope !== 'object' || envelope === null) continue;
    for (const part of Object.values(envelope)) assertSoundInput(part);
  }
}

// What went wrong before tRPC was asked still looks like tRPC to its clients.
function sendRpcError(reply: FastifyReply, request: FastifyRequest, error: unknown): FastifyReply {
  const refusal = toRefusal(error);
  const problem = toProblem(refusal);
  const { code } = toTrpcError(refusal);
  const { path } = request.params as { path?: string };
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds));
  const data = {
    code,
    httpStatus: problem.status,
    path,
    reason: problem.reason,
    requestId: request.id,
    ...(problem.issues && { issues: problem.issues }),
    ...problem.details,
  };
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: { json: { message: problem.message, code: -32_600, data } } }));
}
