import { TRPCError } from '@trpc/server';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../lib/errors.ts';
import { toProblem, toTrpcError } from '../lib/problems.ts';
import { appRouter } from '../router.ts';
import { acceptJsonOnly } from './json-body.ts';
import { metaOf } from './rest.ts';

/** The most calls one HTTP request may carry. */
export const MAX_BATCH_SIZE = 10;

/** Mounts tRPC's own face: `GET|POST /trpc/<procedure>[,<procedure>…]`. */
export async function mountRpc(
  app: FastifyInstance,
  options: { createContext: (request: FastifyRequest) => Context },
): Promise<void> {
  acceptJsonOnly(app, 'text');
  app.setErrorHandler(async (error, request, reply) => sendRpcError(reply, request, error));

  app.route({
    method: ['GET', 'POST'],
    url: '/:path',
    handler: async (request, reply) => {
      const { path } = request.params as { path: string };
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

// What went wrong before tRPC was asked still looks like tRPC to its clients.
function sendRpcError(reply: FastifyReply, request: FastifyRequest, error: unknown): FastifyReply {
  const problem = toProblem(error);
  const code = error instanceof TRPCError ? error.code : toTrpcError(new AppError(problem.reason)).code;
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
