import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import superjson from 'superjson';
import type { ErrorReason } from '../router.gen.ts';

/** A small cinema behind a real HTTP server: it speaks the wire format, and misbehaves when it is told to. */
export type TestCinema = AsyncDisposable & {
  readonly url: string;
  /** Every HTTP request, as it came. */
  readonly requests: {
    method: string;
    path: string;
    authorization: string | undefined;
    headers: IncomingMessage['headers'];
  }[];
  /** What was done, and by whom: `cart.add ada`. */
  readonly deeds: string[];
  /** How long new access tokens live. */
  expiresInSeconds: number;
  /** Answers in place of the cinema; false: it does not. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Awaited by every refresh before it is looked at. */
  beforeRefresh: () => Promise<void>;
  /** Makes all access tokens worthless that were given so far. */
  expireAccessTokens(): void;
  /** Makes all sessions worthless. */
  endSessions(): void;
  /** How often a procedure was called over the wire. */
  count(procedure: string): number;
};

type Context = { authorization: string | undefined };
type Reasoned = { reason: ErrorReason; issues?: { path: string[]; message: string }[]; challenge?: string };

class Refusal extends Error {
  readonly told: Reasoned;

  constructor(told: Reasoned) {
    super(told.reason);
    this.told = told;
  }
}

/** Starts it on a free port. Everybody's password is `popcorn`; who is called `careful` has to enter 123456 too. */
export async function startTestCinema(): Promise<TestCinema> {
  const sessions = new Map<string, { user: string; generation: number }>();
  const accessTokens = new Map<string, { session: string; user: string }>();
  let lastSession = 0;

  const t = initTRPC.context<Context>().create({
    transformer: superjson,
    isDev: false,
    errorFormatter({ shape, error }) {
      const told: Reasoned = error.cause instanceof Refusal ? error.cause.told : { reason: 'internal_error' };
      const { code, path } = shape.data;
      return {
        ...shape,
        data: { code, path, httpStatus: getHTTPStatusCodeFromError(error), requestId: 'request-1', ...told },
      };
    },
  });

  function issueTokens(id: string) {
    const session = sessions.get(id);
    if (!session) throw refuse('UNAUTHORIZED', 'invalid_refresh_token');
    const accessToken = `access.${id}.${session.generation}`;
    accessTokens.set(accessToken, { session: id, user: session.user });
    const refreshToken = `refresh.${id}.${session.generation}`;
    return { accessToken, refreshToken, tokenType: 'Bearer', expiresIn: cinema.expiresInSeconds };
  }

  function startSession(user: string) {
    const id = `${++lastSession}`;
    sessions.set(id, { user, generation: 1 });
    return issueTokens(id);
  }

  const text = (value: unknown) => value as Record<string, string>;
  const userProcedure = t.procedure.use(({ ctx, next }) => {
    const user = accessTokens.get(ctx.authorization?.replace('Bearer ', '') ?? '')?.user;
    if (user === undefined) throw refuse('UNAUTHORIZED', 'not_authenticated');
    return next({ ctx: { user } });
  });

  const router = t.router({
    accounts: t.router({
      login: t.procedure.input(text).mutation(({ input: { email, password } }) => {
        if (password !== 'popcorn') throw refuse('UNAUTHORIZED', 'invalid_credentials');
        const user = email?.split('@')[0] ?? '';
        if (user === 'careful') throw refuse('UNAUTHORIZED', 'totp_required', { challenge: `challenge.${user}` });
        return startSession(user);
      }),
      completeLogin: t.procedure.input(text).mutation(({ input: { challenge, code, recoveryCode } }) => {
        if (code !== '123456' && recoveryCode !== 'k3m9x-7qpt2') throw refuse('UNAUTHORIZED', 'invalid_code');
        return startSession(challenge?.split('.')[1] ?? '');
      }),
      // Stricter than the real one: a token that was exchanged is refused at once.
      refresh: t.procedure.input(text).mutation(async ({ input: { refreshToken } }) => {
        await cinema.beforeRefresh();
        const [, id = '', generation] = refreshToken?.split('.') ?? [];
        const session = sessions.get(id);
        if (!session || generation !== `${session.generation}`) throw refuse('UNAUTHORIZED', 'invalid_refresh_token');
        session.generation++;
        return issueTokens(id);
      }),
      logout: t.procedure.input(text).mutation(({ input: { refreshToken } }) => {
        const id = refreshToken?.split('.')[1] ?? '';
        cinema.deeds.push(`accounts.logout ${sessions.get(id)?.user}`);
        sessions.delete(id);
        for (const [token, { session }] of accessTokens) if (session === id) accessTokens.delete(token);
        return { message: 'You are signed out.' };
      }),
      me: userProcedure.query(({ ctx }) => ({ email: `${ctx.user}@demo.test`, createdAt: new Date(0) })),
    }),
    movies: t.router({ get: t.procedure.input(text).query(({ input: { movieId } }) => ({ slug: movieId })) }),
    cart: t.router({
      get: userProcedure.query(({ ctx }) => {
        cinema.deeds.push(`cart.get ${ctx.user}`);
        return { items: [] };
      }),
      add: userProcedure.input(text).mutation(({ ctx, input: { movieId } }) => {
        if (movieId === 'heat-1995') throw refuse('CONFLICT', 'already_in_cart');
        if (movieId === '') {
          throw refuse('BAD_REQUEST', 'invalid_input', {
            issues: [{ path: ['movieId'], message: 'An id or a slug.' }],
          });
        }
        cinema.deeds.push(`cart.add ${ctx.user}`);
        return { items: [] };
      }),
    }),
  });

  const handle = createHTTPHandler({
    router,
    basePath: '/trpc/',
    createContext: ({ req }) => ({ authorization: req.headers.authorization }),
  });
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://cinema.test');
    const { authorization } = request.headers;
    cinema.requests.push({ method: request.method ?? '', path: pathname, authorization, headers: request.headers });
    if (!cinema.intercept?.(request, response)) handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const cinema: TestCinema = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    deeds: [],
    expiresInSeconds: 900,
    intercept: undefined,
    beforeRefresh: async () => undefined,
    expireAccessTokens: () => accessTokens.clear(),
    endSessions() {
      sessions.clear();
      accessTokens.clear();
    },
    count: (procedure) =>
      cinema.requests.flatMap(({ path }) => path.replace('/trpc/', '').split(',')).filter((each) => each === procedure)
        .length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return cinema;
}

/** A promise that somebody else resolves. */
export function createGate(): { readonly opened: Promise<void>; open: () => void } {
  let open = () => undefined as void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

function refuse(code: TRPCError['code'], reason: ErrorReason, details?: Omit<Reasoned, 'reason'>): TRPCError {
  return new TRPCError({ code, message: reason, cause: new Refusal({ reason, ...details }) });
}
