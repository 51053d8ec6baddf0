import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql } from 'kysely';
import { withStatementTimeout } from '../lib/statement-timeout.ts';

/** Where names may be looked up by their spelling, and what makes one of them more likely than another. */
export const SPELT = {
  movies: { key: sql.ref('title_key'), fame: sql.ref('votes'), isListed: sql`withdrawn_at is null` },
  stars: { key: sql.ref('name_key'), fame: sql.ref('movie_count'), isListed: sql`movie_count > 0` },
  directors: { key: sql.ref('name_key'), fame: sql.ref('movie_count'), isListed: sql`movie_count > 0` },
} as const;
type Table = keyof typeof SPELT;
const TABLES = Object.keys(SPELT) as Table[];

/** A row whose name looks like what was typed; `score` is at most 1,000. */
export type Similar = { table: Table; id: string; name: string; score: number; fame: number };

/** What was typed as names are compared by: in lower case, without accents and marks, a blank before each word. */
export function searchKey(text: string): RawBuilder<string> {
  return sql<string>`search_key(${text})`;
}

// Shorter words are all alike.
const SHORTEST_MISSPELT = 4;

/** Whether something else may be meant: nothing stands in quotes, and there are enough letters to tell. */
export function mayBeMisspelt(text: string): boolean {
  const letters =
    distinctWords(text)
      .join('')
      .match(/[\p{L}\p{N}]/gu) ?? [];
  return letters.length >= SHORTEST_MISSPELT && !text.includes('"');
}

function distinctWords(text: string): string[] {
  return [...new Set(text.toLowerCase().split(/\s+/u))];
}

const MOST_WORDS = 5;
/** What of a text is compared with names: longer ones are none, and take long. */
const LONGEST_MISSPELT = 60;

// The longest words tell most.
function comparedPart(text: string): string {
  const words = distinctWords(text);
  const longest = words.toSorted((one, other) => other.length - one.length).slice(0, MOST_WORDS);
  return words
    .filter((word) => longest.includes(word))
    .join(' ')
    .slice(0, LONGEST_MISSPELT);
}

/**
 * How much of the trigrams of what was typed must stand together in a name. One wrong letter spoils most of "matirx" and
 * the lesser part of "schwarzneger"; of long ones, what is only a little alike would be very many.
 */
function thresholdOf(text: string): number {
  return text.length <= 8 ? 0.4 : 0.5;
}

/** So many best known names are looked through one by one. */
const BEST_KNOWN = 1_000;
// Where so many of them are alike, of all names thousands are ("thhe" is like every "the"), and nobody can guess better.
const ENOUGH = 10;
const CANDIDATES = 2_000;

/**
 * The names that look most like what was typed, at most so many of each table; of one table the likeliest come first.
 * What looks like few of the best known names is looked up among all of them, unless that takes longer than `timeoutMs`:
 * names hold some trigrams by the hundred thousand, and whoever types only such ones would wait for seconds.
 */
export async function selectSimilarNames(
  db: Db,
  text: string,
  { counts, timeoutMs }: { counts: Record<Table, number>; timeoutMs: number },
): Promise<Similar[]> {
  const part = comparedPart(text);
  const known = await selectFrom(db, TABLES, (table) => similarNames(part, table, counts[table], alikeBestKnown));
  const lacking = TABLES.filter((table) => known.filter((row) => row.table === table).length < ENOUGH);
  if (lacking.length === 0) return known;
  const all = await withStatementTimeout(db, timeoutMs, async (trx) => {
    // The operator takes its threshold from a setting, and the planner thinks too little of its index.
    await sql`select set_config('pg_trgm.word_similarity_threshold', ${String(thresholdOf(part))}, true),
      set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true)`.execute(trx);
    return await selectFrom(trx, lacking, (table) => similarNames(part, table, counts[table], alikeOfAll));
  });
  return TABLES.flatMap((table) =>
    merge(
      [...known, ...(all ?? [])].filter((row) => row.table === table),
      counts[table],
    ),
  );
}

function merge(rows: Similar[], count: number): Similar[] {
  return [...new Map(rows.map((row) => [row.id, row])).values()]
    .toSorted((one, other) => other.score - one.score || other.fame - one.fame || (one.id < other.id ? -1 : 1))
    .slice(0, count);
}

async function selectFrom(db: Db, tables: Table[], select: (table: Table) => RawBuilder<unknown>): Promise<Similar[]> {
  const selects = tables.map((table) => sql`(select ${sql.lit(table)} as table, * from (${select(table)}) found)`);
  return (await sql<Similar>`${sql.join(selects, sql` union all `)}`.execute(db)).rows;
}

function similarNames(
  part: string,
  table: Table,
  count: number,
  candidates: (part: string, table: Table) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const typed = searchKey(part);
  // Of names that hold it alike the one that holds least besides.
  const score = sql`round(800 * word_similarity(${typed}, key) + 200 * similarity(${typed}, key))::int`;
  return sql`
    select id, name, fame, ${score} as score from (${candidates(part, table)}) candidate
    order by score desc, fame desc, id limit ${count}`;
}

function alikeBestKnown(part: string, table: Table): RawBuilder<unknown> {
  const { key, fame, isListed } = SPELT[table];
  return sql`
    select * from (
      select id, name, ${key} as key, ${fame} as fame from ${sql.table(table)}
      where ${isListed} order by ${fame} desc, id desc limit ${BEST_KNOWN}
    ) known where word_similarity(${searchKey(part)}, key) >= ${thresholdOf(part)}`;
}

function alikeOfAll(part: string, table: Table): RawBuilder<unknown> {
  const { key, fame, isListed } = SPELT[table];
  return sql`
    select id, name, ${key} as key, ${fame} as fame from ${sql.table(table)}
    where ${searchKey(part)} <% ${key} and ${isListed} limit ${CANDIDATES}`;
}
