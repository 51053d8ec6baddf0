import type pg from 'pg';

// A connection keeps what it prepared: a process names so many statements, and no more.
const MOST_NAMES = 200;
// A statement that is not asked again is not worth a name.
const USES_BEFORE_NAME = 3;
const MOST_COUNTED = 2_000;

// Of a named statement Postgres may keep one plan after five runs. That is what makes reads by key cheap: of 100,000
// films, one with everything costs 1.1 ms of its CPU without a name and 0.18 with one, 0.70 if it had to plan each run
// (`force_custom_plan`). Where the best plan depends on how common a tag, a word or a year is, the kept one can be far
// worse: a capped count by year and rating 0.5 and 1.8 ms, a search whose plan is kept 2 and 149. These have no names.
const MATCHES = /&&|@@|<%|%>|\bi?like\b/;
const COMPARES = /[<>]/;
const IS_LIMITED = /\blimit\b/;

/** Which statements have names, in all connections of a pool. */
export type StatementNames = {
  /** The name to run a statement under; undefined: none. Counts the run. */
  nameOf(text: string): string | undefined;
  /** Has a statement prepared anew, under another name. */
  rename(text: string): void;
};

/** Gives the reads that are repeated names: a connection parses and plans what has one only at first. */
export function createStatementNames(): StatementNames {
  const names = new Map<string, string>();
  let uses = new Map<string, number>();
  let given = 0;

  return {
    nameOf(text) {
      const name = names.get(text);
      if (name !== undefined || names.size >= MOST_NAMES) return name;
      if (!mayKeepPlan(text)) return undefined;
      const count = (uses.get(text) ?? 0) + 1;
      if (uses.size >= MOST_COUNTED) uses = new Map();
      uses.set(text, count);
      if (count < USES_BEFORE_NAME) return undefined;
      uses.delete(text);
      names.set(text, `read_${(given += 1)}`);
      return names.get(text);
    },
    rename(text) {
      if (names.has(text)) names.set(text, `read_${(given += 1)}`);
    },
  };
}

function mayKeepPlan(text: string): boolean {
  if (!/^(select|with)\b/.test(text) || MATCHES.test(text)) return false;
  return !(COMPARES.test(text) && IS_LIMITED.test(text));
}

/** Has a connection run statements under their names. */
export function useNames(client: pg.PoolClient, names: StatementNames): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown;
  const run = (...args: unknown[]) => {
    const [text, values, callback] = args;
    const isPlain = typeof text === 'string' && Array.isArray(values) && callback === undefined;
    const name = isPlain ? names.nameOf(text) : undefined;
    if (name === undefined) return query(...args);
    return (query({ name, text, values }) as Promise<unknown>).catch((error: unknown) => {
      // A migration has changed what the statement gives ("cached plan must not change result type").
      if ((error as pg.DatabaseError).code === '0A000') names.rename(text as string);
      throw error;
    });
  };
  client.query = run as typeof client.query;
}
