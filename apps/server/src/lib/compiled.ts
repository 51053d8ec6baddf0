import type { Db } from '@online-cinema/db/open';
import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely';

/** What stands for each value while a statement is built. */
export type Placeholders<Values> = { [Name in keyof Values]: RawBuilder<Values[Name]> };

/**
 * Makes a statement that is built and compiled at its first use, and from then on only filled in: for a read by key that
 * costs more than all else the process does for it. It must be the same whatever the values are.
 *
 * @example
 * const namesOf = compileOnce((db, { year }: Placeholders<{ year: number }>) =>
 *   db.selectFrom('movies').where('year', '=', year).select('name'),
 * );
 * const { rows } = await db.executeQuery(namesOf(db, { year: 1999 }));
 */
export function compileOnce<Values extends object, Row>(
  build: (db: Db, placeholders: Placeholders<Values>) => Compilable<Row>,
): (db: Db, values: Values) => CompiledQuery<Row> {
  const names = new Map<unknown, keyof Values>();
  const placeholders = new Proxy({} as Placeholders<Values>, {
    get(_, name) {
      const mark = Object.freeze({ name });
      names.set(mark, name as keyof Values);
      return sql`${mark}`;
    },
  });
  let statement: CompiledQuery<Row> | undefined;
  return (db, values) => {
    statement ??= build(db, placeholders).compile();
    const parameters = statement.parameters.map((parameter) => {
      const name = names.get(parameter);
      return name === undefined ? parameter : values[name];
    });
    return { ...statement, parameters };
  };
}
