import { callTRPCProcedure } from '@trpc/server';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { assertSoundInput } from '../lib/sound-input.ts';
import { appRouter } from '../router.ts';
import type { Meta } from '../trpc.ts';
import { acceptBytes, openBytes } from './binary-body.ts';
import { acceptJsonOnly } from './json-body.ts';
import { prepareInput } from './rest-input.ts';

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

/** Mounts one route per procedure; each calls the same procedure as `/trpc` does. */
export async function mountRest(
  app: FastifyInstance,
  options: { createContext: (request: FastifyRequest) => Context },
): Promise<void> {
  const all = listRestProcedures();
  acceptJsonOnly(app);
  for (const each of all) if (!each.meta.binary) mountProcedure(app, each, options.createContext);
  await app.register(async (scope) => {
    acceptBytes(scope);
    for (const each of all) if (each.meta.binary) mountProcedure(scope, each, options.createContext);
  });
}

function mountProcedure(
  app: FastifyInstance,
  procedure: RestProcedure,
  createContext: (request: FastifyRequest) => Context,
): void {
  const { method, path } = procedure.meta.openapi;
  const { binary } = procedure.meta;
  const url = path.replace(/\{(\w+)\}/g, ':$1');
  const readInput = prepareInput(procedure.input, method !== 'GET' && method !== 'DELETE' && !binary);

  app.route({
    method,
    url,
    ...(procedure.meta.bodyLimit !== undefined && { bodyLimit: procedure.meta.bodyLimit }),
    handler: async (request, reply) => {
      const input = readInput({
        params: request.params as Record<string, string>,
        query: request.query as Record<string, string | string[]>,
        body: request.body,
      });
      assertSoundInput(input);
      const withBytes = binary ? openBytes(request, binary, { input, contentTypes: binary.contentTypes }) : input;
      const data = await callTRPCProcedure({
        router: appRouter,
        path: procedure.path,
        type: procedure.type,
        ctx: createContext(request),
        getRawInput: async () => withBytes,
        signal: undefined,
        batchIndex: 0,
      });
      return sendResult(reply, procedure.meta, data);
    },
  });
}

function sendResult(reply: FastifyReply, meta: Meta, data: unknown): FastifyReply {
  const status = meta.status ?? 200;
  reply.headers(cacheHeadersOf([meta]));
  if (status === 204) return reply.code(204).send();
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(data));
}
