import { callTRPCProcedure, getTRPCErrorFromUnknown, getTRPCErrorShape, transformTRPCResponse } from '@trpc/server';
import type { FastifyRequest } from 'fastify';
import superjson, { type SuperJSONResult } from 'superjson';
import type { Context } from '../context.ts';
import { appRouter } from '../router.ts';
import { metaOf, typeOf } from './rest.ts';
import { writeResult } from './rpc-json.ts';

/** A call that comes alone, and is answered whole. */
export type SingleCall = {
  path: string;
  type: 'query' | 'mutation';
  /** It is a batch of one. */
  isBatch: boolean;
  /** What superjson makes the input of; undefined: there is none. */
  envelope: unknown;
};

/**
 * Reads a request that is no more than one call, in JSON. Null: tRPC's own handler is to answer. What that does around a
 * procedure, for all that a request can be, costs as much as most procedures do.
 */
export function readSingleCall(request: FastifyRequest): SingleCall | null {
  const { method, headers, body } = request;
  const { path } = request.params as { path: string };
  const { batch, input, connectionParams } = request.query as Record<string, unknown>;
  const type = method === 'GET' ? 'query' : 'mutation';
  if ((method !== 'GET' && method !== 'POST') || typeOf(path) !== type || metaOf(path)?.file) return null;
  if (headers['trpc-accept'] !== undefined || headers.accept?.includes('jsonl')) return null;
  if (connectionParams !== undefined || (batch !== undefined && batch !== '1')) return null;
  const text = type === 'query' ? input : body;
  if (type === 'mutation' && typeof text !== 'string') return null;
  // Looked through before: see `assertSoundEnvelopes`.
  const value: unknown = typeof text === 'string' ? JSON.parse(text) : undefined;
  if (batch === undefined || value === undefined) return { path, type, isBatch: batch === '1', envelope: value };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return { path, type, isBatch: true, envelope: (value as Record<string, unknown>)['0'] };
}

/** Answers a call as tRPC's own handler would: with a status, a body, and what went wrong, if something did. */
export async function answerSingleCall(
  { path, type, isBatch, envelope }: SingleCall,
  ctx: Context,
): Promise<{ status: number; body: string; errors: unknown[] }> {
  const { _config: config } = appRouter._def;
  const wrap = (result: string) => (isBatch ? `[${result}]` : result);
  let input: { value: unknown } | undefined;
  try {
    const data: unknown = await callTRPCProcedure({
      router: appRouter,
      path,
      type,
      ctx,
      // It is asked for several times.
      getRawInput: async () => (input ??= { value: open(envelope) }).value,
      signal: undefined,
      batchIndex: 0,
    });
    return { status: 200, body: wrap(writeResult(data)), errors: [] };
  } catch (thrown) {
    const error = getTRPCErrorFromUnknown(thrown);
    const shape = getTRPCErrorShape({ config, error, type, path, input: input?.value, ctx });
    return {
      status: shape.data.httpStatus,
      body: wrap(JSON.stringify(transformTRPCResponse(config, { error: shape }))),
      errors: [error],
    };
  }
}

function open(envelope: unknown): unknown {
  return envelope === undefined ? undefined : superjson.deserialize(envelope as SuperJSONResult, { inPlace: true });
}
