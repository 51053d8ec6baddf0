/** What the best hand-written server costs: bare `node:http` and pg, named statements, JSON made by Postgres. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import pg from 'pg';
import { addToCart, authenticate, logIn, Refusal, removeFromCart, selectPage } from './by-hand.ts';
import { serve } from './peer.ts';
import * as statements from './sql.ts';
import { createPeerTokens } from './tokens.ts';

const { DATABASE_URL: connectionString, PUBLIC_URL: publicUrl = '' } = process.env;
const pool = new pg.Pool({ connectionString, max: 10 });
const tokens = createPeerTokens(process.env);

const CARDS = `select coalesce(json_agg(card), '[]')::text as json from (${statements.cardsSql(publicUrl)}) card`;
const FILM = `select row_to_json(film)::text as json from (${statements.filmSql(publicUrl)}) film`;
const ME = `select row_to_json(me)::text as json from (${statements.meSql(publicUrl)}) me`;
const CART = `
  select json_build_object('items', items,
    'promo', (select json_build_object('code', code) from cart_promos where user_id = $1),
    'subtotal', total, 'discount', json_build_object('amount', 0, 'currency', 'USD'), 'total', total)::text as json
  from (
    select coalesce(json_agg(line), '[]') as items, json_build_object('currency', 'USD',
      'amount', coalesce(sum((line.price ->> 'amount')::bigint) filter (where line.available), 0)) as total
    from (${statements.cartSql(publicUrl)}) line) cart`;

await serve((request, response) => {
  answer(request).then(
    (json) => send(response, json === '' ? 204 : 200, json),
    (error: unknown) => {
      if (!(error instanceof Refusal)) console.error(error);
      send(response, error instanceof Refusal ? error.status : 500, JSON.stringify({ reason: String(error) }));
    },
  );
});

async function answer(request: IncomingMessage): Promise<string> {
  const [path = '', query] = (request.url ?? '').split('?');
  if (path === '/api/v1/movies') return await list(new URLSearchParams(query));
  if (path.startsWith('/api/v1/movies/')) return await readJson('film', FILM, [path.slice('/api/v1/movies/'.length)]);
  if (path === '/api/v1/accounts/me') {
    const claims = tokens.verifyAccess(request.headers.authorization);
    if (!claims) throw new Refusal(401, 'not_authenticated');
    return await readJson('me', ME, [claims.sessionId, claims.userId]);
  }
  if (path === '/api/v1/accounts/login') {
    const { email, password } = (await readBody(request)) as { email: string; password: string };
    const device = { ip: request.socket.remoteAddress, userAgent: request.headers['user-agent'] };
    return JSON.stringify(await logIn(pool, tokens, { email, password, ...device }));
  }
  if (!path.startsWith('/api/v1/cart/items')) throw new Refusal(404, 'not_found');
  const userId = await authenticate(pool, tokens.verifyAccess(request.headers.authorization));
  if (request.method === 'DELETE') {
    await removeFromCart(pool, userId, path.slice('/api/v1/cart/items/'.length));
    return '';
  }
  const { movieId } = (await readBody(request)) as { movieId: string };
  await addToCart(pool, userId, movieId);
  return await readJson('cart', CART, [userId]);
}

async function list(query: URLSearchParams): Promise<string> {
  const { query: words, genre, sort, yearFrom, yearTo } = Object.fromEntries(query);
  const years = { yearFrom: Number(yearFrom), yearTo: Number(yearTo) };
  const { ids, total, nextCursor } = await selectPage(pool, { query: words, genre, sort, ...years });
  const items = await readJson('cards', CARDS, [ids]);
  return `{"items":${items},"nextCursor":${JSON.stringify(nextCursor)},"total":${total}}`;
}

async function readJson(name: string, text: string, values: unknown[]): Promise<string> {
  const { rows } = await pool.query<{ json: string }>({ name, text, values });
  const [row] = rows;
  if (!row) throw new Refusal(404, 'not_found');
  return row.json;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return JSON.parse(text);
}

function send(response: ServerResponse, status: number, json: string): void {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) };
  response.writeHead(status, headers).end(json);
}
