import type { ErrorReason } from '@online-cinema/contract/errors';
import { hasRole, type Role } from '@online-cinema/contract/roles';
import { initTRPC, TRPCError } from '@trpc/server';
import pg from 'pg';
import superjson from 'superjson';
import type { OpenApiMeta } from 'trpc-to-openapi';
import { authenticate, authenticateTicket, type Caller, type Context } from './context.ts';
import type { Config } from './config.ts';
import { COUNTED_MS, keyOf } from './lib/answer-memory.ts';
import { AppError } from './lib/errors.ts';
import { statusOf, toAppError, toErrorData, toProblem, toTrpcError } from './lib/problems.ts';
import { inSpan } from './lib/tracing.ts';

/** The bytes a procedure takes: see `Bytes` in the contract. */
export type BinaryBody = {
  /** The field of the input they become. */
  field: string;
  /** The types they may be sent as over REST. What they are indeed, the procedure finds out itself. */
  contentTypes: readonly string[];
  limitBytes: number | ((config: Config) => number);
  /** It may take as long as it moves: what is sent is large. */
  isLong?: true;
  /** Why bytes of other types are refused. */
  refusal: ErrorReason;
};

/** The file a procedure gives: its output is the text, in pieces. */
export type TextFile = {
  /** What it is called when it is kept: `movies` becomes `movies-2026-11-20.csv`. */
  name: string;
  /** The type of each format; the input's `format` says which one it is, and the file ends like it. */
  contentTypes: Readonly<Record<string, string>>;
};

/** Something an answer can be beside JSON. */
export type View = {
  contentType: string;
  // A method: a view of one output can stand among views of any.
  headers?(output: unknown): Record<string, string>;
  render(output: unknown): string | Promise<Uint8Array>;
};

/** What a procedure says about itself beside its schemas. */
export type Meta = OpenApiMeta & {
  /** The status of a success over REST. Default 200; 204 has no body. */
  status?: 200 | 201 | 202 | 204;
  /** With 201 over REST: where the new thing is, below `/api/v1`; `{id}` stands for that field of the answer. */
  location?: `/${string}`;
  /** What a procedure without a REST face does, in one line. */
  summary?: string;
  /** The answer holds secrets of the caller: no cache may keep it. */
  noStore?: boolean;
  /**
   * A read of the catalogue: who does not say who he is may be answered from memory, for so many milliseconds unless it
   * is told before that the catalogue changed.
   */
  rememberMs?: number;
  /** It may be read from the replica, see `readCatalogue`, and is then remembered no longer than {@link COUNTED_MS}. */
  mayLag?: true;
  /** Over RPC it must come alone, so that a batch can't hide many tries in one request. */
  unbatched?: boolean;
  /** The most bytes its body may have, over RPC that of the whole request. Absent: what the server takes. */
  bodyLimit?: number;
  /** One field of the input is the body itself. The others stand in path and query. */
  binary?: BinaryBody;
  /** Over REST the answer is a file, sent as it is made. Over RPC it comes in pieces too: it must be asked for so. */
  file?: TextFile;
  /** Over REST it can be asked for as a file, with `format=csv` or `Accept: text/csv`: the procedure that gives it. */
  exportedBy?: string;
  /** It takes an `Idempotency-Key`: see `once`. */
  idempotent?: true;
  /**
   * What the answer can be over REST beside JSON, chosen by `Accept`; the first where nothing is asked for. Over RPC it is
   * the output itself.
   */
  views?: readonly View[];
  /** Anybody may call it, and who is signed in is answered more. */
  viewer?: true;
  /** Staff who still have to set up two-factor login may call it, where that is required. */
  beforeTotp?: true;
  /** The least role that may call it; absent: anybody. */
  role?: Role;
};

const t = initTRPC
  .context<Context>()
  .meta<Meta>()
  .create({
    transformer: superjson,
    isDev: false,
    // Below the idle time after which servers and proxies cut a connection. A reader who misses some asks anew.
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 40_000 } },
    errorFormatter({ shape, error, ctx }) {
      const problem = toProblem(error);
      const { code, path } = shape.data;
      return {
        message: problem.message,
        code: shape.code,
        data: { ...toErrorData(problem, ctx?.requestId ?? ''), code, path },
      };
    },
  });

/** tRPC's own, with our context, metadata and error shape. */
export const { router, mergeRouters } = t;

/** The REST face of a procedure: method, path below `/api/v1`, and one line that says what it does. */
export function rest(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: `/${string}`,
  summary: string,
  options: Omit<Meta, 'openapi' | 'role' | 'viewer'> & { description?: string } = {},
): Meta {
  const { description, ...meta } = options;
  return { ...meta, openapi: { method, path, summary, ...(description && { description }) } };
}

// Each procedure of a batch has a span of its own. That somebody is refused is no failure of it.
const traced = t.middleware(async ({ ctx, path, next }) => {
  const attributes = { 'rpc.system.name': 'trpc', 'rpc.method': path };
  return await inSpan(ctx.deps.tracing, { name: path, kind: 'internal', attributes }, async (span) => {
    const result = await next();
    if (result.ok) return result;
    const { reason } = toAppError(result.error);
    if (statusOf(reason) >= 500) span.fail(reason);
    else span.set({ 'error.type': reason });
    return result;
  });
});

// The one door errors leave by. `next()` never rejects: a refusal arrives as a result that is not ok.
const errorDoor = t.middleware(async ({ ctx, path, next }) => {
  const result = await next();
  if (result.ok) return result;
  const error = toAppError(result.error);
  noteFault(ctx, path, error);
  throw toTrpcError(error);
});

// An input that can't even be read, such as superjson's notes about values that are not there, is the caller's fault.
const readableInput = t.middleware(async ({ getRawInput, next }) => {
  try {
    await getRawInput();
  } catch (error) {
    throw toTrpcError(error instanceof AppError ? error : new AppError('invalid_input', { cause: error }));
  }
  return await next();
});

// Before the guards: who sends no token passes them all where answers are remembered.
const answerMemory = t.middleware(async ({ ctx, meta, path, getRawInput, next }) => {
  if (meta?.rememberMs === undefined || ctx.authorization !== undefined) return await next();
  const key = keyOf(path, await getRawInput());
  if (key === null) return await next();
  // What a replica says after the word of a change may be from before it.
  const isLate = meta.mayLag && ctx.deps.replica.isSet;
  const forMs = isLate ? Math.min(meta.rememberMs, COUNTED_MS) : meta.rememberMs;
  // tRPC's result holds the context of its request, which is not to be remembered.
  return await ctx.deps.answers.recall(key, forMs, async () => ({ ...(await next()), ctx: undefined }));
});

/** A procedure anybody may call. */
export const anyProcedure = t.procedure.use(traced).use(errorDoor).use(readableInput).use(answerMemory);

/**
 * A procedure anybody may call, which answers more to somebody who is signed in: `ctx.caller`, or null. A token that is
 * not good is refused with `not_authenticated`, not taken for none.
 */
export const viewerProcedure = anyProcedure.meta({ viewer: true }).use(async ({ ctx, next }) => {
  const caller = ctx.authorization === undefined ? null : await authenticate(ctx);
  if (caller) assertTotpSetUp(ctx, caller);
  return await next({ ctx: { ...ctx, caller } });
});

/** A procedure for everybody who is signed in: `ctx.caller`. Others are refused with `not_authenticated`. */
export const userProcedure = procedureFor('user');

/** A stream for everybody who brings a ticket: `ctx.caller`. Others are refused with `not_authenticated`. */
export const ticketProcedure = anyProcedure.meta({ role: 'user' }).use(async ({ ctx, next }) => {
  const caller = await authenticateTicket(ctx);
  assertTotpSetUp(ctx, caller);
  return await next({ ctx: { ...ctx, caller } });
});

/** A procedure for moderators and admins. */
export const moderatorProcedure = procedureFor('moderator');

/** A procedure for admins. */
export const adminProcedure = procedureFor('admin');

/**
 * Tells who is calling, of those who have at least a role: for what is no procedure.
 *
 * @throws AppError `not_authenticated`, `totp_setup_required`, `not_allowed`.
 */
export async function authorize(ctx: Context, role: Role, { beforeTotp = false } = {}): Promise<Caller> {
  const caller = await authenticate(ctx);
  if (!beforeTotp) assertTotpSetUp(ctx, caller);
  if (!hasRole(caller.role, role)) throw new AppError('not_allowed');
  return caller;
}

function procedureFor(role: Role) {
  return anyProcedure.meta({ role }).use(async ({ ctx, meta, type, next }) => {
    const caller = await authorize(ctx, role, { beforeTotp: meta?.beforeTotp ?? false });
    const result = await next({ ctx: { ...ctx, caller } });
    // What the staff changed is told to all processes; this one knows it before it answers.
    if (type === 'mutation' && role !== 'user') ctx.deps.answers.clear();
    return result;
  });
}

function assertTotpSetUp({ deps }: Context, { role, totpEnabled }: Caller): void {
  if (!deps.config.requireStaffTotp || totpEnabled || !hasRole(role, 'moderator')) return;
  throw new AppError('totp_setup_required');
}

// Refusals by rule are the caller's business. What went wrong inside is ours, also where the caller is told no more than
// that his input does not fit or that we are busy.
function noteFault({ deps, requestId }: Context, path: string, error: AppError): void {
  const cause = error.options.cause instanceof TRPCError ? error.options.cause.cause : error.options.cause;
  if (error.reason === 'internal_error') deps.log.error({ err: cause, requestId, path }, 'procedure failed');
  else if (cause instanceof pg.DatabaseError) deps.log.warn({ err: cause, requestId, path }, 'the database refused');
  else if (error.reason === 'unavailable') deps.log.warn({ err: cause, requestId, path }, 'a service is away');
}
