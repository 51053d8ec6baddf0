import type { Suggestion } from '@online-cinema/contract/suggestions';
import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import type { Config } from '../config.ts';
import type { Deps } from '../deps.ts';
import { withStatementTimeout } from '../lib/statement-timeout.ts';
import { posterUrl } from './cards.ts';
import { mayBeMisspelt, searchKey, selectSimilarNames, SPELT } from './misspelling.ts';

const MOST = 10;
/** How long a look at an index of trigrams may take: whoever types has typed the next letter by then. */
const INDEX_MS = 60;

/** Films and people in whose names a word begins with what was typed; if they are few, such as are spelt alike too. */
export async function suggest({ db, config }: Pick<Deps, 'db' | 'config'>, query: string): Promise<Suggestion[]> {
  const text = query.normalize('NFC');
  if (!/[\p{L}\p{N}]/u.test(text)) return [];
  const begun = takeTurns(await selectBeginnings(db, text));
  const guessed = begun.length < ENOUGH && mayBeMisspelt(text) ? takeTurns(await selectMisspelt(db, text)) : [];
  const isNew = ({ id }: Found) => begun.every((row) => row.id !== id);
  const chosen = [...begun, ...guessed.filter(isNew)].slice(0, MOST);
  const films = await selectFilms(db, config, chosen);
  return chosen.flatMap(({ kind, id, name }) => (kind === 'movie' ? (films.get(id) ?? []) : { kind, id, name }));
}

// With so many good answers nobody asks for guesses.
const ENOUGH = 4;

/** Where each kind of suggestion is found. */
const TABLES = { movie: 'movies', star: 'stars', director: 'directors' } as const;
type Kind = keyof typeof TABLES;
const KINDS = Object.keys(TABLES) as Kind[];
const KIND_OF = { movies: 'movie', stars: 'star', directors: 'director' } as const;

/** A name found, and how well it fits: names of one fitness are in the order of their fame. */
type Found = { kind: Kind; id: string; name: string; fitness: number };

/** The best fitting first; of those that fit alike, titles, stars and directors take turns. */
function takeTurns(found: Found[]): Found[] {
  const turnOf = (row: Found) =>
    found.filter(({ kind, fitness }) => kind === row.kind && fitness === row.fitness).indexOf(row);
  return found
    .map((row) => ({ row, turn: turnOf(row) }))
    .toSorted((one, other) => other.row.fitness - one.row.fitness || one.turn - other.turn)
    .map(({ row }) => row);
}

/**
 * Names with a word that begins as was typed. What is typed first begins very many names, and the index of trigrams
 * would give them all to be sorted: so the best known are looked through. A beginning that is too rare to fill the
 * answer with them is rare enough for the index; where it is not ("the the the"), the best known must do.
 */
async function selectBeginnings(db: Db, text: string): Promise<Found[]> {
  const known = await selectNames(db, KINDS, (kind) => beginnings(kind, text, amongBestKnown(kind, text)));
  const lacking = KINDS.filter((kind) => known.filter((row) => row.kind === kind).length < MOST);
  if (lacking.length === 0) return known;
  const rare = await withStatementTimeout(db, INDEX_MS, (trx) =>
    selectNames(trx, lacking, (kind) => beginnings(kind, text, sql.table(TABLES[kind]))),
  );
  return rare === undefined ? known : [...known.filter((row) => !lacking.includes(row.kind)), ...rare];
}

/** Makes one statement of a select for each kind. */
async function selectNames(db: Db, kinds: Kind[], select: (kind: Kind) => RawBuilder<unknown>): Promise<Found[]> {
  const selects = kinds.map(
    (kind) => sql`(select ${sql.lit(kind)} as kind, id, name, fitness from (${select(kind)}) found)`,
  );
  return (await sql<Found>`${sql.join(selects, sql` union all `)}`.execute(db)).rows;
}

// The name that is it: 3; names that begin with it: 2; with a word that does: 1.
function beginnings(kind: Kind, text: string, table: RawBuilder<unknown>): RawBuilder<unknown> {
  const { key, fame, isListed } = SPELT[TABLES[kind]];
  const typed = searchKey(text);
  return sql`
    select id, name, case when ${key} = ${typed} then 3 when starts_with(${key}, ${typed}) then 2 else 1 end as fitness
    from ${table} named where ${key} like '%' || ${typed} || '%' and ${isListed}
    order by fitness desc, ${fame} desc, id limit ${MOST}`;
}

const BEST_KNOWN = 2_000;

function amongBestKnown(kind: Kind, text: string): RawBuilder<unknown> {
  const { key, fame, isListed } = SPELT[TABLES[kind]];
  const table = sql.table(TABLES[kind]);
  const columns = sql`id, name, ${key}, ${fame}${kind === 'movie' ? sql`, withdrawn_at` : sql``}`;
  const best = sql`(select ${columns} from ${table} where ${isListed} order by ${fame} desc, id desc limit ${BEST_KNOWN})`;
  if (kind !== 'movie') return best;
  // "It" may not be among them.
  return sql`(${best} union (select ${columns} from ${table}
    where ${key} collate "C" = ${searchKey(text)} and ${isListed} order by ${fame} desc limit ${MOST}))`;
}

/** Names spelt like what was typed. */
async function selectMisspelt(db: Db, text: string): Promise<Found[]> {
  const similar = await selectSimilarNames(db, text, {
    counts: { movies: MOST, stars: MOST, directors: MOST },
    timeoutMs: INDEX_MS,
  });
  return similar.map(({ table, id, name, score }) => ({ kind: KIND_OF[table], id, name, fitness: score / 1_000 }));
}

async function selectFilms(
  db: Db,
  config: Pick<Config, 'publicUrl'>,
  chosen: Found[],
): Promise<Map<string, Suggestion>> {
  const ids = chosen.filter(({ kind }) => kind === 'movie').map(({ id }) => id);
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('movies')
    .where('id', 'in', ids)
    .select(['id', 'slug', 'name', 'year', 'posterKey', 'posterVersion'])
    .execute();
  return new Map(rows.map((row) => [row.id, { kind: 'movie', ...row, posterUrl: posterUrl(config, row) }]));
}
