import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Film, type Inventions, inventCatalogue, LINKED } from './catalogue/films.ts';

/** How large a catalogue, and which of the possible ones. */
export type Generation = { films: number; seed?: number };

const CONNECTIONS = 2;
const FILMS_A_BATCH = 10_000;
// Below this an index is filled faster than it is made.
const MANY_FILMS = 5_000;

/**
 * Fills a migrated database without films with an invented catalogue; the same `films` and `seed` (default 1) give the
 * same one, ids included. About one film in two hundred is withdrawn.
 *
 * For tests and benchmarks only: triggers and foreign keys sleep meanwhile, which takes a superuser, and of large
 * catalogues the indexes are made at the end, so that a run cut short leaves a database to throw away.
 *
 * @throws when there are films already.
 */
export async function generateCatalogue(url: string, { films, seed = 1 }: Generation): Promise<void> {
  const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(url)));
  const [client] = clients;
  if (!client) return;
  try {
    const { rowCount } = await client.query('select from movies limit 1');
    if (rowCount !== 0) throw new Error('There are films already: a catalogue is generated into an empty one.');
    const catalogue = inventCatalogue({ films, seed });
    for (const [kind, names] of Object.entries(catalogue.names)) {
      await copy(
        client,
        `${kind} (id, name)`,
        names.map(({ id, name }) => [id, name]),
      );
    }
    const indexes = films < MANY_FILMS ? [] : await dropIndexes(client);
    const batches = batchesOf(catalogue.films());
    await Promise.all(clients.map((each) => copyFilms(each, batches)));
    await createIndexes(clients, indexes);
    await countMovies(client, catalogue);
    await client.query(
      `vacuum (analyze) ${['movies', ...Object.keys(catalogue.names), ...LINKED.map(linksOf)].join(', ')}`,
    );
  } finally {
    await Promise.all(clients.map((each) => each.end()));
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`set session_replication_role = replica; set synchronous_commit = off; set jit = off;
    set statement_timeout = 0; set maintenance_work_mem = '512MB'; set work_mem = '256MB'`);
  return client;
}

// Whichever connection is free takes the next batch.
function* batchesOf(films: Generator<Film>): Generator<Film[]> {
  let batch: Film[] = [];
  for (const film of films) {
    batch.push(film);
    if (batch.length === FILMS_A_BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

async function copyFilms(client: pg.Client, batches: Generator<Film[]>): Promise<void> {
  for (let next = batches.next(); !next.done; next = batches.next()) {
    const films = next.value;
    const columns = Object.keys(films[0]?.columns ?? {}).join(', ');
    await client.query(`create temp table if not exists invented as
      select ${columns}, ''::text as people from movies with no data; truncate invented`);
    const rows = films.map((film) => [...Object.values(film.columns), film.people]);
    await copy(client, `invented (${columns}, people)`, rows);
    await client.query(`insert into movies (${columns}, search)
      select ${columns}, search_document(name, people, description) from invented`);
    for (const kind of LINKED) {
      const links = films.flatMap(({ id, links: of }) => of[kind].map((name, position) => [id, name.id, position]));
      await copy(client, `${linksOf(kind)} (movie_id, ${singular(kind)}_id, position)`, links);
    }
  }
}

async function copy(client: pg.Client, target: string, rows: (string | number | null)[][]): Promise<void> {
  const lines = rows.map((row) => row.map((value) => (value === null ? '\\N' : value)).join('\t'));
  const stream = client.query(copyFrom(`copy ${target} from stdin`));
  stream.end(`${lines.join('\n')}\n`);
  await finished(stream);
}

/** Drops the indexes of films and links, but those of keys; gives the statements that make them again. */
async function dropIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `select index.indexrelid::regclass::text as name, pg_get_indexdef(index.indexrelid) as definition
     from pg_index index
     where index.indrelid = any($1::regclass[])
       and not exists (select from pg_constraint where conindid = index.indexrelid)`,
    [['movies', ...LINKED.map(linksOf)]],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

async function createIndexes(clients: pg.Client[], statements: string[]): Promise<void> {
  const left = statements.values();
  const work = async (client: pg.Client) => {
    for (const statement of left) await client.query(statement);
  };
  await Promise.all(clients.map(work));
}

async function countMovies(client: pg.Client, { names }: Inventions): Promise<void> {
  await client.query(`create temp table counted as
    select tag as id, count(*)::int as films from movies, unnest(tag_ids) tag where withdrawn_at is null group by tag`);
  for (const kind of Object.keys(names)) {
    await client.query(`update ${kind} named set movie_count = counted.films from counted where counted.id = named.id`);
  }
}

function linksOf(kind: string): string {
  return `movie_${kind}`;
}

function singular(kind: string): string {
  return kind === 'countries' ? 'country' : kind.slice(0, -1);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { films: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
  });
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL says which database to fill.');
  await generateCatalogue(url, { films: Number(values.films), seed: Number(values.seed) });
}
