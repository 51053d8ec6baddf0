/** tRPC as most run it: its own HTTP server, superjson, zod on both sides, and Kysely (with prepared statements). */
import { verify } from '@node-rs/argon2';
import { Login, Me, TokenPair } from '@online-cinema/contract/accounts';
import { AddToCart, Cart, RemoveFromCart } from '@online-cinema/contract/cart';
import { Movie, MovieInput, MovieListInput, MoviePage } from '@online-cinema/contract/catalogue';
import { openDb } from '@online-cinema/db/open';
import { initTRPC, TRPCError } from '@trpc/server';
import { createHTTPHandler } from '@trpc/server/adapters/standalone';
import superjson from 'superjson';
import { z } from 'zod';
import { serve } from './peer.ts';
import { createPeerTokens } from './tokens.ts';
import { createReads } from './trpc-usual-reads.ts';

const { DATABASE_URL: url = '', PUBLIC_URL: publicUrl = '' } = process.env;
const db = openDb({ url, preparedStatements: true });
const reads = createReads(db, publicUrl);
const tokens = createPeerTokens(process.env);

type Context = { authorization: string | undefined; ip: string | undefined; userAgent: string | undefined };
const t = initTRPC.context<Context>().create({ transformer: superjson });

const signedIn = t.procedure.use(async ({ ctx, next }) => {
  const claims = tokens.verifyAccess(ctx.authorization);
  const caller =
    claims &&
    (await db
      .selectFrom('sessions')
      .innerJoin('users', 'users.id', 'sessions.userId')
      .where('sessions.id', '=', claims.sessionId)
      .where('sessions.userId', '=', claims.userId)
      .where('sessions.expiresAt', '>', new Date())
      .where('users.isActive', '=', true)
      .select(['users.id as userId', 'users.role'])
      .executeTakeFirst());
  if (!caller) throw new TRPCError({ code: 'UNAUTHORIZED' });
  return await next({ ctx: { ...ctx, caller } });
});

const router = t.router({
  movies: t.router({
    list: t.procedure
      .input(MovieListInput)
      .output(MoviePage)
      .query(({ input }) => reads.listMovies(input)),
    get: t.procedure
      .input(MovieInput)
      .output(Movie)
      .query(async ({ input }) => orNotFound(await reads.selectMovie(input.movieId))),
  }),
  accounts: t.router({
    me: signedIn.output(Me).query(async ({ ctx }) => orNotFound(await reads.selectMe(ctx.caller.userId))),
    login: t.procedure
      .input(Login)
      .output(TokenPair)
      .mutation(async ({ ctx, input }) => {
        const user = await db
          .selectFrom('users')
          .where('email', '=', input.email)
          .where('isActive', '=', true)
          .select(['id', 'passwordHash'])
          .executeTakeFirst();
        if (!user?.passwordHash || !(await verify(user.passwordHash, input.password))) {
          throw new TRPCError({ code: 'UNAUTHORIZED' });
        }
        const session = await db
          .insertInto('sessions')
          .values({
            userId: user.id,
            idleExpiresAt: inDays(7),
            expiresAt: inDays(30),
            ip: ctx.ip ?? null,
            userAgent: ctx.userAgent ?? null,
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        return tokens.issue({ userId: user.id, sessionId: session.id });
      }),
  }),
  cart: t.router({
    add: signedIn
      .input(AddToCart)
      .output(Cart)
      .mutation(async ({ ctx, input }) => {
        await addItem(ctx.caller.userId, input.movieId);
        return await reads.readCart(ctx.caller.userId);
      }),
    remove: signedIn
      .input(RemoveFromCart)
      .output(z.void())
      .mutation(async ({ ctx, input: { movieId } }) => {
        const item = db.deleteFrom('cartItems').where('userId', '=', ctx.caller.userId).where('movieId', '=', movieId);
        const { numDeletedRows } = await item.executeTakeFirst();
        if (numDeletedRows === 0n) throw new TRPCError({ code: 'NOT_FOUND' });
      }),
  }),
});

const answer = createHTTPHandler({
  router,
  basePath: '/trpc/',
  createContext: ({ req: { headers, socket } }): Context => ({
    authorization: headers.authorization,
    ip: socket.remoteAddress,
    userAgent: headers['user-agent'],
  }),
  onError: ({ error }) => {
    if (error.code === 'INTERNAL_SERVER_ERROR') console.error(error);
  },
});
await serve(answer);

async function addItem(userId: string, movieId: string): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.selectFrom('users').where('id', '=', userId).select('id').forNoKeyUpdate().execute();
    const movie = await trx
      .selectFrom('movies')
      .where('id', '=', movieId)
      .where('withdrawnAt', 'is', null)
      .select('priceCurrency')
      .forKeyShare()
      .executeTakeFirst();
    if (!movie) throw new TRPCError({ code: 'NOT_FOUND' });
    const pending = await trx
      .selectFrom('orderItems')
      .innerJoin('orders', 'orders.id', 'orderItems.orderId')
      .where('orderItems.movieId', '=', movieId)
      .where('orders.userId', '=', userId)
      .where('orders.status', '=', 'pending')
      .select('orders.id')
      .executeTakeFirst();
    const owned = await trx
      .selectFrom('libraryMovies')
      .where('userId', '=', userId)
      .where('movieId', '=', movieId)
      .select('movieId')
      .executeTakeFirst();
    if (pending || owned || movie.priceCurrency !== 'USD') throw new TRPCError({ code: 'CONFLICT' });
    const added = await trx
      .insertInto('cartItems')
      .values({ userId, movieId })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (added.numInsertedOrUpdatedRows === 0n) throw new TRPCError({ code: 'CONFLICT' });
  });
}

function orNotFound<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new TRPCError({ code: 'NOT_FOUND' });
  return row;
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}
