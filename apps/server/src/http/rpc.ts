import { Readable } from 'node:stream';
import { fastifyRequestHandler } from '@trpc/server/adapters/fastify';
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/rpc';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { AppError } from '../lib/errors.ts';
import { toErrorData, toProblem, toTrpcError } from '../lib/problems.ts';
import { appRouter } from '../router.ts';
import { toRefusal } from './fastify-errors.ts';
import { acceptBytes } from './binary-body.ts';
import { acceptJsonOnly } from './json-body.ts';
import { cacheHeadersOf, metaOf } from './rest.ts';
import { limitBody } from './rpc-body-limit.ts';
import { BYTES_TYPE, callWithBytes, toResult } from './rpc-bytes.ts';
import { recallCalls } from './rpc-remembered.ts';
import { assertSoundEnvelopes } from './rpc-input.ts';
import { answerSingleCall, readSingleCall } from './rpc-single.ts';

/** The most calls one HTTP request may carry. */
const MAX_BATCH_SIZE = 10;

/** Mounts tRPC's own face: `GET|POST /trpc/<procedure>[,<procedure>…]`. */
export async function mountRpc(
  app: FastifyInstance,
  options: { createContext: (request: FastifyRequest) => Context },
): Promise<void> {
  // tRPC wants the text.
  acceptJsonOnly(app, (text) => {
    assertSoundEnvelopes(text);
    return text;
  });
  acceptBytes(app, BYTES_TYPE);
  app.addHook('preParsing', limitBody);
  app.setErrorHandler(async (error, request, reply) => sendRpcError(reply, request, error));

  app.route({
    method: ['GET', 'POST'],
    url: '/:path',
    handler: async (request, reply) => {
      // tRPC's handler would say the same, but as a `Response` without a body, which Fastify takes for a fault.
      if (request.method === 'HEAD') return reply.code(204).send();
      const { path } = request.params as { path: string };
      // tRPC decodes once more: what it would call is to be what was looked at.
      if (path.includes('%')) throw new AppError('not_found');
      assertSoundQuery(request.query as Record<string, unknown>);
      assertMayShareBatch(path.split(','));
      if (request.body instanceof Readable) {
        const { data, meta } = await callWithBytes(request, path, options.createContext(request));
        return reply.headers(cacheHeadersOf([meta])).send(toResult(data));
      }
      const ctx = options.createContext(request);
      const known = recallCalls(request, { answers: ctx.deps.answers, maxBatchSize: MAX_BATCH_SIZE });
      if (known) {
        // As tRPC's handler would.
        const headers = { vary: 'trpc-accept, accept', ...headersOf(known.paths, []) };
        return reply.headers(headers).type('application/json').send(known.body);
      }
      const single = readSingleCall(request);
      if (single) {
        const { status, body, errors } = await answerSingleCall(single, ctx);
        const headers = { vary: 'trpc-accept, accept', ...headersOf([single.path], errors) };
        // As bytes: to text Fastify would add a charset, which tRPC's handler does not name.
        return reply.code(status).headers(headers).type('application/json').send(Buffer.from(body));
      }
      await fastifyRequestHandler({
        router: appRouter,
        req: request,
        res: reply,
        path,
        maxBatchSize: MAX_BATCH_SIZE,
        createContext: ({ info }) => ({ ...ctx, ticket: info.connectionParams?.['ticket'] }),
        responseMeta: ({ info, errors }) => ({
          headers: headersOf(info?.calls.map((call) => call.path) ?? [], errors),
        }),
      });
      return reply;
    },
  });
}

// Of an `input` that is given twice, tRPC would take the first, unseen.
function assertSoundQuery({ input }: Record<string, unknown>): void {
  if (input === undefined) return;
  if (typeof input !== 'string') throw new AppError('invalid_input');
  assertSoundEnvelopes(input);
}

function assertMayShareBatch(paths: string[]): void {
  if (paths.length <= 1 || !paths.some((path) => metaOf(path)?.unbatched)) return;
  throw new AppError('invalid_input', { issues: [{ path: [], message: 'Must be called alone.' }] });
}

function headersOf(paths: string[], errors: unknown[]): Record<string, string> {
  const metas = paths.map(metaOf).filter((meta) => meta !== undefined);
  const headers = errors.length > 0 ? { 'cache-control': 'no-store' } : cacheHeadersOf(metas);
  const waits = errors.map((error) => toProblem(error).retryAfterSeconds).filter((wait) => wait !== undefined);
  return waits.length > 0 ? { ...headers, 'retry-after': String(Math.max(...waits)) } : headers;
}

// What went wrong before tRPC was asked still looks like tRPC to its clients.
function sendRpcError(reply: FastifyReply, request: FastifyRequest, error: unknown): FastifyReply {
  const refusal = toRefusal(error);
  const problem = toProblem(refusal);
  const { code } = toTrpcError(refusal);
  const { path } = request.params as { path?: string };
  if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds));
  if (refusal.reason === 'internal_error') request.log.error({ err: error, requestId: request.id }, 'request failed');
  const data = { ...toErrorData(problem, request.id), code, path };
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ error: { json: { message: problem.message, code: TRPC_ERROR_CODES_BY_KEY[code], data } } }));
}
