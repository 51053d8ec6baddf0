/** Fastify with pg: the statements of the limit, rows put together here and written by its serialiser. */
import fastify, { type FastifyRequest } from 'fastify';
import pg from 'pg';
import { addToCart, type Asked, authenticate, logIn, Refusal, removeFromCart, selectPage } from './by-hand.ts';
import { CART, FILM, ME, PAGE, TOKENS } from './fastify-schemas.ts';
import { announce } from './peer.ts';
import * as statements from './sql.ts';
import { createPeerTokens } from './tokens.ts';

const { DATABASE_URL: connectionString, PUBLIC_URL: publicUrl = '' } = process.env;
for (const type of [pg.types.builtins.NUMERIC, pg.types.builtins.INT8]) pg.types.setTypeParser(type, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, String);
const pool = new pg.Pool({ connectionString, max: 10 });
const tokens = createPeerTokens(process.env);

const CARDS_SQL = statements.cardsSql(publicUrl);
const FILM_SQL = statements.filmSql(publicUrl);
const ME_SQL = statements.meSql(publicUrl);
const CART_SQL = statements.cartSql(publicUrl);

const app = fastify();
app.setErrorHandler(async (error, _request, reply) => {
  if (!(error instanceof Refusal)) console.error(error);
  return await reply.code(error instanceof Refusal ? error.status : 500).send({ reason: String(error) });
});

const LIST_QUERY = {
  type: 'object',
  properties: {
    limit: { type: 'integer' },
    query: { type: 'string' },
    genre: { type: 'string' },
    yearFrom: { type: 'integer' },
    yearTo: { type: 'integer' },
    sort: { enum: statements.SORT_NAMES, default: 'popularity' },
  },
};

app.get<{ Querystring: Asked }>(
  '/api/v1/movies',
  { schema: { querystring: LIST_QUERY, response: { 200: PAGE } } },
  async ({ query }) => {
    const { ids, total, nextCursor } = await selectPage(pool, query);
    const { rows } = await pool.query({ name: 'cards', text: CARDS_SQL, values: [ids] });
    return { items: rows, nextCursor, total };
  },
);

app.get<{ Params: { movieId: string } }>(
  '/api/v1/movies/:movieId',
  { schema: { response: { 200: FILM } } },
  async ({ params }) => {
    const { rows } = await pool.query({ name: 'film', text: FILM_SQL, values: [params.movieId] });
    if (rows.length === 0) throw new Refusal(404, 'not_found');
    return rows[0] as object;
  },
);

app.get('/api/v1/accounts/me', { schema: { response: { 200: ME } } }, async ({ headers }) => {
  const claims = tokens.verifyAccess(headers.authorization);
  if (!claims) throw new Refusal(401, 'not_authenticated');
  const { rows } = await pool.query({ name: 'me', text: ME_SQL, values: [claims.sessionId, claims.userId] });
  if (rows.length === 0) throw new Refusal(401, 'not_authenticated');
  return rows[0] as object;
});

app.post<{ Body: { movieId: string } }>(
  '/api/v1/cart/items',
  { schema: { body: textFields('movieId'), response: { 200: CART } } },
  async (request) => {
    const userId = await callerOf(request);
    await addToCart(pool, userId, request.body.movieId);
    return await readCart(userId);
  },
);

app.delete<{ Params: { movieId: string } }>('/api/v1/cart/items/:movieId', async (request, reply) => {
  await removeFromCart(pool, await callerOf(request), request.params.movieId);
  return await reply.code(204).send();
});

app.post<{ Body: { email: string; password: string } }>(
  '/api/v1/accounts/login',
  { schema: { body: textFields('email', 'password'), response: { 200: TOKENS } } },
  async ({ body, ip, headers }) => await logIn(pool, tokens, { ...body, ip, userAgent: headers['user-agent'] }),
);

const address = new URL(await app.listen({ port: 0, host: '127.0.0.1' }));
announce(Number(address.port));

async function callerOf({ headers }: FastifyRequest): Promise<string> {
  return await authenticate(pool, tokens.verifyAccess(headers.authorization));
}

async function readCart(userId: string) {
  const [{ rows }, promo] = await Promise.all([
    pool.query<{ price: { amount: number } | null; available: boolean }>({
      name: 'cart',
      text: CART_SQL,
      values: [userId],
    }),
    pool.query<{ code: string }>({ name: 'promo', text: statements.CART_PROMO, values: [userId] }),
  ]);
  const amount = rows.reduce((sum, { price, available }) => sum + (available ? (price?.amount ?? 0) : 0), 0);
  const total = { amount, currency: 'USD' };
  return {
    items: rows,
    promo: promo.rows[0] ?? null,
    subtotal: total,
    discount: { amount: 0, currency: 'USD' },
    total,
  };
}

function textFields(...names: string[]) {
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
  return { type: 'object', required: names, properties };
}
