import { callTRPCProcedure } from '@trpc/server';
import type { FastifyRequest } from 'fastify';
import superjson from 'superjson';
import type { Context } from '../context.ts';
import { AppError } from '../lib/errors.ts';
import { appRouter } from '../router.ts';
import type { Meta } from '../trpc.ts';
import { openBytes } from './binary-body.ts';
import { metaOf } from './rest.ts';

/** How bytes come over RPC: they have no other type there. */
export const BYTES_TYPE = 'application/octet-stream';

/**
 * Calls a procedure that takes bytes: one field of its input is the body, the others stand in the query as ever.
 * tRPC's own handler knows such bodies too, but leaves no room for other fields.
 *
 * @throws AppError `unsupported_media_type` when the procedure takes no bytes.
 */
export async function callWithBytes(
  request: FastifyRequest,
  path: string,
  ctx: Context,
): Promise<{ data: unknown; meta: Meta }> {
  const meta = metaOf(path);
  if (!meta?.binary) throw new AppError('unsupported_media_type');
  const input = openBytes(request, meta.binary, {
    input: readQuery(request.query as Record<string, unknown>),
    contentTypes: [BYTES_TYPE],
    config: ctx.deps.config,
  });
  const data: unknown = await callTRPCProcedure({
    router: appRouter,
    path,
    type: 'mutation',
    ctx,
    getRawInput: async () => input,
    signal: undefined,
    batchIndex: 0,
  });
  return { data, meta };
}

/** A success as tRPC's clients read it. */
export function toResult(data: unknown): object {
  return { result: { data: superjson.serialize(data) } };
}

// Looked through before: see `assertSoundEnvelopes`.
function readQuery({ input }: Record<string, unknown>): unknown {
  if (typeof input !== 'string') return undefined;
  try {
    return superjson.parse(input);
  } catch (error) {
    throw new AppError('invalid_input', { cause: error });
  }
}
