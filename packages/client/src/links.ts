import { httpBatchLink, httpLink, splitLink, TRPCClientError, type TRPCLink } from '@trpc/client';
import { observable, observableToPromise } from '@trpc/server/observable';
import superjson from 'superjson';
import { isCinemaError } from './errors.ts';
import type { CinemaRouter } from './router.gen.ts';
import type { SessionKeeper } from './session.ts';
import type { StoredSession } from './session-store.ts';

/** Headers to send with every request, or how to get them. */
export type CinemaHeaders = Record<string, string> | (() => Record<string, string> | Promise<Record<string, string>>);

export type HttpOptions = {
  url: string;
  fetch: typeof fetch | undefined;
  headers: CinemaHeaders | undefined;
};

/** The most calls the cinema takes in one request. */
const MAX_BATCH_SIZE = 10;
/** Longer addresses are refused by common proxies: what does not fit goes in the next request. */
const MAX_URL_LENGTH = 7_000;

/** The procedures a session is made and ended with: a token beside them would say nothing. */
const WITHOUT_SESSION: ReadonlySet<string> = new Set([
  'accounts.activate',
  'accounts.completeLogin',
  'accounts.login',
  'accounts.logout',
  'accounts.refresh',
  'accounts.register',
  'accounts.resendActivation',
]);

/** Sends queries in batches, and every mutation alone. */
export function cinemaLink({ url, fetch, headers }: HttpOptions): TRPCLink<CinemaRouter> {
  const options = { url, fetch, transformer: superjson };
  const headersOf = async (context: CallContext | undefined) => ({
    ...(typeof headers === 'function' ? await headers() : headers),
    ...(context?.accessToken !== undefined && { authorization: `Bearer ${context.accessToken}` }),
  });
  return splitLink({
    condition: (op) => op.type === 'query',
    true: perSession(() =>
      httpBatchLink<CinemaRouter>({
        ...options,
        maxItems: MAX_BATCH_SIZE,
        maxURLLength: MAX_URL_LENGTH,
        // The last one: its token may be newer.
        headers: ({ opList }) => headersOf(opList[opList.length - 1]?.context),
      }),
    ),
    false: bytesLink({ ...options, headers: ({ op }) => headersOf(op.context) }),
  });
}

/** Sends calls with the session, and repeats once what was refused because its access token is no longer good. */
export function sessionLink(keeper: SessionKeeper): TRPCLink<CinemaRouter> {
  return () =>
    ({ op, next }) => {
      if (WITHOUT_SESSION.has(op.path)) return next(op);
      return observable((observer) => {
        call().then(
          (answer) => {
            observer.next(answer);
            observer.complete();
          },
          (error: unknown) =>
            observer.error(TRPCClientError.from(error instanceof Error ? error : new Error(String(error)))),
        );
      });

      async function call() {
        const session = await keeper.forCall();
        try {
          return await send(session);
        } catch (error) {
          if (!session || !isCinemaError(error, 'not_authenticated')) throw error;
          const renewed = await keeper.afterRefusal(session);
          if (!renewed) throw error;
          return await send(renewed);
        }
      }

      function send(session: StoredSession | null) {
        const context: CallContext = { ...op.context, sessionId: session?.id, accessToken: session?.accessToken };
        return observableToPromise(next({ ...op, context }));
      }
    };
}

type CallContext = { [name: string]: unknown; sessionId?: string | undefined; accessToken?: string | undefined };

type LinkOptions = Extract<Parameters<typeof httpLink<CinemaRouter>>[0], { url: unknown }> & { url: string };

/** Sends a call whose input has a `Blob` or `File` in it with those bytes as its body; the other fields go in the address. */
function bytesLink(options: LinkOptions): TRPCLink<CinemaRouter> {
  return (runtime) => {
    const plain = httpLink<CinemaRouter>(options)(runtime);
    return ({ op, next }) => {
      const { bytes, fields } = findBytes(op.input);
      if (!bytes) return plain({ op, next });
      const query =
        fields.length > 0 ? `?input=${encodeURIComponent(superjson.stringify(Object.fromEntries(fields)))}` : '';
      const link = httpLink<CinemaRouter>({ ...options, url: options.url + query })(runtime);
      return link({ op: { ...op, input: bytes }, next });
    };
  };
}

function findBytes(input: unknown): { bytes: Blob | undefined; fields: [string, unknown][] } {
  const fields: [string, unknown][] = typeof input === 'object' && input !== null ? Object.entries(input) : [];
  const bytes = fields.map(([, value]) => value).find((value) => value instanceof Blob);
  return { bytes, fields: fields.filter(([, value]) => value !== bytes) };
}

/** One batch has one token: the calls of different sessions must not share one. */
function perSession(makeLink: () => TRPCLink<CinemaRouter>): TRPCLink<CinemaRouter> {
  return (runtime) => {
    let sessionId: unknown;
    let link = makeLink()(runtime);
    return (call) => {
      if (call.op.context['sessionId'] !== sessionId) {
        sessionId = call.op.context['sessionId'];
        link = makeLink()(runtime);
      }
      return link(call);
    };
  };
}
