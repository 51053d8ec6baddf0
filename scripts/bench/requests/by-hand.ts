import { verify } from '@node-rs/argon2';
import type pg from 'pg';
import * as statements from './sql.ts';
import type { Claims, PeerTokens } from './tokens.ts';

/** Why a peer refuses: the status, and a word of the API. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, reason: string) {
    super(reason);
    this.status = status;
  }
}

/** Tells who is calling, by signature and session. */
export async function authenticate(pool: pg.Pool, claims: Claims | undefined): Promise<string> {
  if (!claims) throw new Refusal(401, 'not_authenticated');
  const { rowCount } = await pool.query({
    name: 'session',
    text: statements.SESSION,
    values: [claims.sessionId, claims.userId],
  });
  if (rowCount === 0) throw new Refusal(401, 'not_authenticated');
  return claims.userId;
}

/** What a list is asked for: words, a genre and years, or nothing but an order. */
export type Asked = {
  query?: string | undefined;
  genre?: string | undefined;
  yearFrom?: number | undefined;
  yearTo?: number | undefined;
  sort?: string | undefined;
};

/** The ids of a page, how many films there are in all, and where the next page begins. */
export async function selectPage(pool: pg.Pool, asked: Asked) {
  const { rows } = await pool.query<{ id: string; key: string; total: number }>(await pageQuery(pool, asked));
  const last = rows[19];
  const cursor = Buffer.from(JSON.stringify([last?.key, last?.id])).toString('base64url');
  return {
    ids: rows.slice(0, 20).map(({ id }) => id),
    total: rows[0]?.total ?? 0,
    nextCursor: rows.length > 20 ? cursor : null,
  };
}

async function pageQuery(pool: pg.Pool, { query, genre, yearFrom, yearTo, sort }: Asked): Promise<pg.QueryConfig> {
  if (query !== undefined) {
    const values = statements.searchParameters(query);
    const { rows } = await pool.query<{ words: string; title: string }>({
      name: 'words',
      text: statements.WORDS,
      values,
    });
    return { text: statements.SEARCH, values: [rows[0]?.words, rows[0]?.title] };
  }
  if (genre !== undefined) {
    const { rows } = await pool.query<{ id: string }>({
      name: 'genres',
      text: statements.GENRE_IDS,
      values: [[genre]],
    });
    return { text: statements.FILTER, values: [rows.map(({ id }) => id), yearFrom, yearTo] };
  }
  const by = statements.SORT_NAMES.find((name) => name === (sort ?? 'popularity'));
  if (by === undefined) throw new Refusal(400, 'invalid_input');
  return { name: `list-${by}`, text: statements.listSql(by), values: [] };
}

const LOCK = 'select from users where id = $1 for no key update';
const ADDABLE = `
  select price_currency as currency,
    exists (select from library_movies where user_id = $1 and movie_id = $2) as "isOwned",
    exists (select from order_items join orders on orders.id = order_items.order_id
      where order_items.movie_id = $2 and orders.user_id = $1 and orders.status = 'pending') as "isPending"
  from movies where id = $2 and withdrawn_at is null for key share`;
const ADD = 'insert into cart_items (user_id, movie_id) values ($1, $2) on conflict do nothing';
const REMOVE = 'delete from cart_items where user_id = $1 and movie_id = $2';

/** Puts a film in a cart, if it may be bought; the user's row is locked meanwhile. */
export async function addToCart(pool: pg.Pool, userId: string, movieId: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({ name: 'lock', text: LOCK, values: [userId] });
    const { rows } = await client.query<{ currency: string | null; isOwned: boolean; isPending: boolean }>({
      name: 'addable',
      text: ADDABLE,
      values: [userId, movieId],
    });
    const [film] = rows;
    if (!film) throw new Refusal(404, 'not_found');
    if (film.isPending) throw new Refusal(409, 'in_pending_order');
    if (film.isOwned) throw new Refusal(409, 'already_owned');
    if (film.currency !== 'USD') throw new Refusal(409, 'not_for_sale');
    const added = await client.query({ name: 'add', text: ADD, values: [userId, movieId] });
    if (added.rowCount === 0) throw new Refusal(409, 'already_in_cart');
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

export async function removeFromCart(pool: pg.Pool, userId: string, movieId: string): Promise<void> {
  const { rowCount } = await pool.query({ name: 'remove', text: REMOVE, values: [userId, movieId] });
  if (rowCount === 0) throw new Refusal(404, 'not_in_cart');
}

const CREDENTIALS = 'select id, password_hash as hash from users where email = $1 and is_active';
const START = `
  insert into sessions (user_id, idle_expires_at, expires_at, ip, user_agent)
  values ($1, now() + interval '7 days', now() + interval '30 days', $2, $3) returning id`;

type Login = { email: string; password: string; ip: string | undefined; userAgent: string | undefined };

/** Verifies a password and starts a session. */
export async function logIn(pool: pg.Pool, tokens: PeerTokens, { email, password, ip, userAgent }: Login) {
  const { rows } = await pool.query<{ id: string; hash: string }>({
    name: 'credentials',
    text: CREDENTIALS,
    values: [email],
  });
  const [user] = rows;
  if (!user || !(await verify(user.hash, password))) throw new Refusal(401, 'invalid_credentials');
  const started = await pool.query<{ id: string }>({ name: 'start', text: START, values: [user.id, ip, userAgent] });
  return tokens.issue({ userId: user.id, sessionId: started.rows[0]?.id ?? '' });
}
