import { Readable } from 'node:stream';
import { callTRPCProcedure } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { keyOf, toAnswer } from '../lib/answer-memory.ts';
import { assertSoundInput } from '../lib/sound-input.ts';
import { appRouter } from '../router.ts';
import type { Meta } from '../trpc.ts';
import { acceptBytes, openBytes } from './binary-body.ts';
import { acceptJsonOnly } from './json-body.ts';
import { isPublicRead, sendPublicRead } from './public-reads.ts';
import { prepareInput } from './rest-input.ts';
import { chooseView } from './views.ts';

// At run time the record is flat, by dotted path; its type still shows the nested routers.
const procedures = appRouter._def.procedures as unknown as Record<string, { _def: ProcedureDef }>;
type ProcedureDef = { meta?: Meta; inputs: unknown[]; type: 'query' | 'mutation' | 'subscription' };

/** Where the REST face begins. */
export const REST_PREFIX = '/api/v1';

/** A procedure with a REST face. */
export type RestProcedure = {
  path: string;
  type: 'query' | 'mutation';
  meta: Meta & { openapi: NonNullable<Meta['openapi']> };
  input: z.ZodType | undefined;
};

/** What the procedure of a path says about itself; nothing when there is none. */
export function metaOf(path: string): Meta | undefined {
  return Object.hasOwn(procedures, path) ? procedures[path]?._def.meta : undefined;
}

/** What the procedure of a path is; nothing when there is none. */
export function typeOf(path: string): 'query' | 'mutation' | 'subscription' | undefined {
  return Object.hasOwn(procedures, path) ? procedures[path]?._def.type : undefined;
}

/** How answers of procedures may be kept: what depends on the caller, by nobody but the caller. */
export function cacheHeadersOf(metas: Meta[]): Record<string, string> {
  if (metas.some((meta) => meta.noStore)) return { 'cache-control': 'no-store' };
  if (!metas.some((meta) => meta.role || meta.viewer)) return {};
  return { 'cache-control': 'private, no-cache', vary: 'authorization' };
}

/** Lists the procedures that have a REST face, as their metadata says. */
export function listRestProcedures(): RestProcedure[] {
  return Object.entries(procedures).flatMap(
    ([
      path,
      {
        _def: { meta, inputs, type },
      },
    ]) => {
      if (!meta?.openapi || (type !== 'query' && type !== 'mutation')) return [];
      const [input] = inputs;
      return [
        { path, type, meta: { ...meta, openapi: meta.openapi }, input: input instanceof z.ZodType ? input : undefined },
      ];
    },
  );
}

/** A procedure that goes on as a stream, over RPC only. */
export type Stream = { path: string; type: 'subscription'; meta: Meta };

/** Lists the procedures that go on as a stream. */
export function listStreams(): Stream[] {
  return Object.entries(procedures).flatMap(
    ([
      path,
      {
        _def: { meta = {}, type },
      },
    ]) => (type === 'subscription' ? [{ path, type, meta }] : []),
  );
}

/** Mounts one route per procedure; each calls the same procedure as `/trpc` does. */
export async function mountRest(
  app: FastifyInstance,
  options: { createContext: (request: FastifyRequest) => Context },
): Promise<void> {
  const all = listRestProcedures();
  acceptJsonOnly(app);
  const mount = (scope: FastifyInstance, procedure: RestProcedure) => {
    const asFile = all.find(({ path }) => path === procedure.meta.exportedBy);
    mountProcedure(scope, procedure, { ...options, asFile });
  };
  for (const each of all) if (!each.meta.binary) mount(app, each);
  await app.register(async (scope) => {
    acceptBytes(scope);
    for (const each of all) if (each.meta.binary) mount(scope, each);
  });
}

type Query = Record<string, string | string[]>;
type Handler = (request: FastifyRequest, reply: FastifyReply, query: Query) => Promise<FastifyReply>;

function mountProcedure(
  app: FastifyInstance,
  procedure: RestProcedure,
  options: { createContext: (request: FastifyRequest) => Context; asFile: RestProcedure | undefined },
): void {
  const { openapi, bodyLimit } = procedure.meta;
  const answer = handlerOf(procedure, options.createContext);
  const answerWithFile = options.asFile && handlerOf(options.asFile, options.createContext);
  app.route({
    method: openapi.method,
    url: openapi.path.replace(/\{(\w+)\}/g, ':$1'),
    ...(bodyLimit !== undefined && { bodyLimit }),
    handler: async (request, reply) => {
      const query = request.query as Query;
      if (!answerWithFile) return await answer(request, reply, query);
      const { format, ...rest } = query;
      if (format === 'json') return await answer(request, reply, rest);
      const isFile = format !== undefined || /^\s*text\/csv\b/i.test(request.headers.accept ?? '');
      return await (isFile ? answerWithFile : answer)(request, reply, query);
    },
  });
}

function handlerOf(procedure: RestProcedure, createContext: (request: FastifyRequest) => Context): Handler {
  const { method } = procedure.meta.openapi;
  const { binary, file, rememberMs } = procedure.meta;
  const isPublic = isPublicRead(procedure);
  const readInput = prepareInput(procedure.input, method !== 'GET' && method !== 'DELETE' && !binary);

  return async (request, reply, query) => {
    const body = binary ? undefined : request.body;
    const input = readInput({ params: request.params as Record<string, string>, query, body });
    assertSoundInput(input);
    const ctx = createContext(request);
    const { config } = ctx.deps;
    const withBytes = binary ? openBytes(request, binary, { input, contentTypes: binary.contentTypes, config }) : input;
    const isRemembered = rememberMs !== undefined && ctx.authorization === undefined;
    const key = isRemembered ? keyOf(procedure.path, input) : null;
    const recall = () => (key === null ? undefined : ctx.deps.answers.find(key));
    const known = recall();
    if (known) return sendPublicRead(request, reply, known);
    const data: unknown = await callTRPCProcedure({
      router: appRouter,
      path: procedure.path,
      type: procedure.type,
      ctx,
      getRawInput: async () => withBytes,
      signal: undefined,
      batchIndex: 0,
    });
    if (isPublic) return sendPublicRead(request, reply, recall() ?? toAnswer(data));
    if (procedure.meta.views) return await sendView(request, reply, procedure.meta, data);
    if (!file) return sendResult(reply, procedure.meta, data);
    const { format } = z.object({ format: z.string() }).parse(procedure.input?.parse(input));
    const day = ctx.deps.clock.now().toISOString().slice(0, 10);
    reply.headers(cacheHeadersOf([procedure.meta]));
    return await sendFile(request, reply, data as AsyncGenerator<string>, {
      contentType: file.contentTypes[format] ?? 'text/plain',
      name: `${file.name}-${day}.${format}`,
    });
  };
}

async function sendView(
  request: FastifyRequest,
  reply: FastifyReply,
  meta: Meta,
  data: unknown,
): Promise<FastifyReply> {
  const view = chooseView(request.headers.accept, meta.views ?? []);
  if (!view) return sendResult(reply, meta, data).header('vary', 'accept, authorization');
  const body = await view.render(data);
  reply.headers({ ...cacheHeadersOf([meta]), ...view.headers?.(data), vary: 'accept, authorization' });
  return await reply.type(view.contentType).send(body);
}

// What was sent already can't be taken back: when the rest can't be made, the connection breaks off, so that nobody
// takes what there is for the whole.
async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  pieces: AsyncGenerator<string>,
  { contentType, name }: { contentType: string; name: string },
): Promise<FastifyReply> {
  reply.type(contentType).header('content-disposition', `attachment; filename="${name}"`);
  if (request.method !== 'HEAD') return await reply.send(Readable.from(pieces, { objectMode: false }));
  await pieces.return(undefined);
  return await reply.send();
}

function sendResult(reply: FastifyReply, meta: Meta, data: unknown): FastifyReply {
  const status = meta.status ?? 200;
  reply.headers(cacheHeadersOf([meta]));
  if (status === 204) return reply.code(204).send();
  if (meta.location !== undefined) reply.header('location', `${REST_PREFIX}${fillIn(meta.location, data)}`);
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(data));
}

function fillIn(template: string, data: unknown): string {
  const fields = new Map(Object.entries(data ?? {}));
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(fields.get(name))));
}
