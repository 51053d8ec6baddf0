import type { Db } from '@online-cinema/db/open';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { mayBeMisspelt, searchKey } from './misspelling.ts';

/** A search as SQL on `movies`. */
export type Search = {
  /** What was typed, in NFC and without repeats. */
  text: string;
  /** The films that have the words. */
  condition: RawBuilder<SqlBool>;
  /** The words as a `tsquery`. */
  words: RawBuilder<unknown>;
  isTitle: RawBuilder<SqlBool>;
  beginsTitle: RawBuilder<SqlBool>;
  mayBeMisspelt: boolean;
};

// A shorter one would be the beginning of nearly everything, in every film's description.
const SHORTEST_BEGINNING = 3;

/** Reads what people type; whatever it is, it never fails. */
export async function readSearch(db: Db, query: string): Promise<Search> {
  const text = withoutRepeats(query.normalize('NFC'));
  const last = lastWord(text);
  const isShort = last !== null && [...last].length < SHORTEST_BEGINNING;
  // Asked once by itself: the statements of a search have the words in several places, and each is worked out anew.
  const typed = { key: searchKey(query.normalize('NFC')), words: tsQuery(text, isShort ? null : last) };
  const read = sql<{ key: string; words: string }>`select ${typed.key} as key, ${typed.words}::text as words`;
  const { rows } = await read.execute(db);
  const { key = '', words: found = '' } = rows[0] ?? {};
  const words = sql`${found}::tsquery`;
  const matches = sql<SqlBool>`movies.search @@ ${words}`;
  return {
    text,
    words,
    // A title with the query in it, its last word typed half.
    condition: isShort ? sql<SqlBool>`(${matches} or movies.title_key like '%' || ${key} || '%')` : matches,
    isTitle: sql<SqlBool>`(movies.title_key collate "C" = ${key})`,
    beginsTitle: sql<SqlBool>`starts_with(movies.title_key, ${key})`,
    mayBeMisspelt: mayBeMisspelt(text),
  };
}

// Each word is looked up as often as it stands there, and it may be in half of all films. The last one stays in its place;
// an "or" without a word on both sides is none.
function withoutRepeats(text: string): string {
  if (text.includes('"')) return text;
  const words = text.split(/\s+/u);
  const kept: string[] = [];
  for (const [place, word] of words.entries()) {
    const isOr = word.toLowerCase() === 'or';
    if (isOr ? !/^or$/i.test(kept.at(-1) ?? 'or') : words.lastIndexOf(word) === place) kept.push(word);
  }
  if (/^or$/i.test(kept.at(-1) ?? '')) kept.pop();
  return kept.length === 0 ? text : kept.join(' ');
}

/** The word somebody may still be typing: the last one, but for one that is excluded or in quotes. */
function lastWord(text: string): string | null {
  const isOpen = text.split('"').length % 2 === 0;
  if (isOpen) return null;
  return /(?<![-\p{L}\p{M}\p{N}])([\p{L}\p{N}][\p{L}\p{M}\p{N}]*)[^\p{L}\p{M}\p{N}"]*$/u.exec(text)?.[1] ?? null;
}

// By stems, or by the words as they are where all are too common to have one ("It", "The Who"). Whatever the words are,
// nothing of them is read as an operator but what websearch_to_tsquery makes of it, and the last word is letters only.
function tsQuery(text: string, last: string | null): RawBuilder<unknown> {
  const rest = last === null ? '' : text.slice(0, text.lastIndexOf(last));
  const of = (config: 'cinema' | 'cinema_names') => {
    const whole = webSearch(config, text);
    if (last === null) return whole;
    const begun = sql`(${webSearch(config, rest)} && to_tsquery('cinema_names', ${`${last}:*`}))`;
    const either = sql`(${whole} || ${begun})`;
    // A word that is its own stem begins with itself.
    if (/\bor\s*$/i.test(rest)) return either;
    return sql`(case when ${webSearch(config, last)} = ${webSearch('cinema_names', last)} then ${begun} else ${either} end)`;
  };
  return sql`(case when numnode(${webSearch('cinema', text)}) > 0 then ${of('cinema')} else ${of('cinema_names')} end)`;
}

// The operators people know from search engines. Postgres takes every dash before a word for a "not", and a pile of them
// overflows its stack ("tsquery stack too small").
function webSearch(config: 'cinema' | 'cinema_names', text: string): RawBuilder<unknown> {
  return sql`websearch_to_tsquery(${sql.lit(config)}, ${text.replace(/-(?![\p{L}\p{N}"])/gu, ' ')})`;
}
