import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@online-cinema/db/migrate';
import { type Db, openDb } from '@online-cinema/db/open';
import { startPostgres } from '@online-cinema/local-services/postgres';
import { createPasswords, PRODUCTION_COST } from '@online-cinema/server/lib/passwords';
import { sql } from 'kysely';
import { generateCatalogue } from '../generate-catalogue.ts';
import { createPeerTokens } from './tokens.ts';

/** Somebody who has an account, a session and two films in the cart. */
export type Viewer = { id: string; email: string; token: string };

/** A database for every server to answer from, and what there is to ask for. */
export type BenchDatabase = AsyncDisposable & {
  db: Db;
  /** The environment that all servers share. */
  env: { DATABASE_URL: string; DATA_DIR: string; PUBLIC_URL: string; JWT_PRIVATE_KEYS: string };
  viewers: Viewer[];
  /** Films of the lists; `isForSale` ones are in nobody's cart. */
  films: { id: string; name: string; isForSale: boolean }[];
  genres: string[];
};

export const PASSWORD = 'Right-Popcorn-1';
const VIEWERS = 320;

// Nothing that works in the background may fall into one server's round and not into another's.
const SETTINGS = { fsync: 'off', autovacuum: 'off', shared_buffers: '512MB' };

/** Starts Postgres with an invented catalogue and some viewers; it is gone when disposed of. */
export async function startDatabase(films: number): Promise<BenchDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'cinema-bench-requests-'));
  const postgres = await startPostgres({ dataDir: join(dataDir, 'postgres'), settings: SETTINGS });
  const db = openDb({ url: postgres.url, statementTimeoutMs: 0 });
  await migrate(db);
  await generateCatalogue(postgres.url, { films });
  const env = {
    DATABASE_URL: postgres.url,
    DATA_DIR: dataDir,
    PUBLIC_URL: 'http://cinema.bench',
    JWT_PRIVATE_KEYS: String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  };
  const tokens = createPeerTokens(env);
  const users = await addUsers(db);
  await fillCarts(db);
  await sql`vacuum analyze`.execute(db);
  return {
    db,
    env,
    viewers: users.map(({ id, email, sessionId }) => ({
      id,
      email,
      token: tokens.signAccess({ userId: id, sessionId }),
    })),
    films: await selectFilms(db),
    genres: (await db.selectFrom('genres').where('movieCount', '>', 0).select('name').orderBy('name').execute()).map(
      ({ name }) => name,
    ),
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await postgres.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function addUsers(db: Db): Promise<{ id: string; email: string; sessionId: string }[]> {
  const passwordHash = await createPasswords(PRODUCTION_COST).hash(PASSWORD);
  await sql`
    insert into users (email, password_hash, is_active, activated_at)
    select 'viewer' || number || '@bench.example', ${passwordHash}, true, now()
    from generate_series(1, ${VIEWERS}::int) as number`.execute(db);
  await sql`
    insert into profiles (user_id, first_name, last_name) select id, 'Ada', 'Viewer' from users`.execute(db);
  await sql`
    insert into sessions (user_id, idle_expires_at, expires_at)
    select id, now() + interval '7 days', now() + interval '30 days' from users`.execute(db);
  return await db
    .selectFrom('users')
    .innerJoin('sessions', 'sessions.userId', 'users.id')
    .select(['users.id', 'users.email', 'sessions.id as sessionId'])
    .orderBy('users.id')
    .execute();
}

async function fillCarts(db: Db): Promise<void> {
  await sql`
    insert into cart_items (user_id, movie_id, added_at)
    select users.id, film.id, now() - film.place * interval '1 hour'
    from users, (
      select id, row_number() over (order by lot) as place from movies
      where withdrawn_at is null and price_currency = 'USD' order by lot limit 2
    ) film`.execute(db);
}

async function selectFilms(db: Db): Promise<{ id: string; name: string; isForSale: boolean }[]> {
  const { rows } = await sql<{ id: string; name: string; isForSale: boolean }>`
    select id, name,
      price_currency is not distinct from 'USD' and id not in (select movie_id from cart_items) as "isForSale"
    from movies where withdrawn_at is null order by lot`.execute(db);
  return rows;
}
