import type { ImportProblem } from '@online-cinema/contract/imports';
import { CreateMovie } from '@online-cinema/contract/moderation';
import { RELATED_KINDS } from '@online-cinema/contract/related';
import { AppError } from '../lib/errors.ts';
import { assertSoundInput } from '../lib/sound-input.ts';
import { isUuid } from '../lib/uuid.ts';
import { type ColumnSet, type ImportedFilm, OUR_COLUMNS } from './import-columns.ts';
import { openRecords, readText, UnreadableFile } from './import-records.ts';
import { THEATER_SET } from './import-theater.ts';
import { nameKeyOf } from './movie-writes.ts';

/** A row of a file: its film, or what is wrong with it. Rows are counted from 1, however many lines they have. */
export type ImportRow = { number: number; film: ImportedFilm | null; problems: ImportProblem[] };

const MOST_ROWS = 500_000;
const NOT_UTF8 = 'This is not UTF-8.';

type Reading = Pick<ColumnSet, 'schema' | 'columnOf'>;

const JSON_READING: Reading = {
  schema: CreateMovie,
  columnOf: (path) => (path.length === 0 ? null : path.join('.')),
};

/**
 * Reads the rows of a file, CSV or JSON, one by one; those up to `after` are passed over.
 *
 * @throws UnreadableFile where it can't be read on.
 */
export async function* readRows(bytes: AsyncIterable<Uint8Array>, after = 0): AsyncGenerator<ImportRow> {
  const file = await openRecords(bytes);
  let number = 0;
  if (file.format === 'ndjson') {
    for await (const line of file.records) {
      number = nextRow(number);
      if (number > after) yield readLine(number, line);
    }
    return;
  }
  let header: { set: ColumnSet; columns: string[] } | undefined;
  for await (const record of file.records) {
    if (!header) {
      header = readHeader(record);
      continue;
    }
    number = nextRow(number);
    if (number > after) yield readRecord(number, record, header);
  }
}

function nextRow(number: number): number {
  if (number === MOST_ROWS) throw new UnreadableFile(number + 1, `A file has at most ${MOST_ROWS} rows.`);
  return number + 1;
}

function readHeader(record: Buffer[]): { set: ColumnSet; columns: string[] } {
  const columns = record.map((cell) => readText(cell)?.trim() ?? '');
  // The set that is meant is the one with the most columns here.
  const hits = (set: ColumnSet) => set.columns.filter((column) => columns.includes(column)).length;
  const set = hits(THEATER_SET) > hits(OUR_COLUMNS) ? THEATER_SET : OUR_COLUMNS;
  const missing = set.columns.filter((column) => !columns.includes(column));
  const unknown = columns.filter((column, index) => !set.columns.includes(column) || columns.indexOf(column) < index);
  if (missing.length === 0 && unknown.length === 0) return { set, columns };
  const faults = [
    ...(missing.length > 0 ? [`These columns are missing: ${missing.join(', ')}.`] : []),
    ...(unknown.length > 0 ? [`These columns are unknown, or there twice: ${unknown.map(quote).join(', ')}.`] : []),
  ];
  throw new UnreadableFile(null, faults.join(' '));
}

function quote(column: string): string {
  return JSON.stringify(column.slice(0, 100));
}

function readRecord(
  number: number,
  record: Buffer[],
  { set, columns }: { set: ColumnSet; columns: string[] },
): ImportRow {
  if (record.length !== columns.length) {
    return refuse(number, null, `The row has ${record.length} cells, and the header ${columns.length}.`);
  }
  const problems: ImportProblem[] = [];
  const complain = (column: string, message: string) => problems.push({ row: number, column, message });
  const cells: Record<string, string> = {};
  for (const [index, column] of columns.entries()) {
    const text = readText(record[index] ?? Buffer.alloc(0));
    if (text === undefined) complain(column, NOT_UTF8);
    cells[column] = text ?? '';
  }
  if (problems.length > 0) return { number, film: null, problems };
  return check(number, set, set.toInput(cells, complain), problems);
}

function readLine(number: number, line: Buffer): ImportRow {
  const text = readText(line);
  if (text === undefined) return refuse(number, null, NOT_UTF8);
  try {
    return check(number, JSON_READING, JSON.parse(text), []);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return refuse(number, null, 'This is not JSON.');
  }
}

function check(number: number, { schema, columnOf }: Reading, input: unknown, found: ImportProblem[]): ImportRow {
  const problems = [...found];
  const add = (path: readonly PropertyKey[], message: string) => {
    const column = columnOf(path);
    // What was said of the cell is clearer than what the schema makes of it.
    if (!found.some((problem) => problem.column === column)) problems.push({ row: number, column, message });
  };
  try {
    assertSoundInput(input);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    for (const { path, message } of error.options.issues ?? []) add(path, message);
    return { number, film: null, problems };
  }
  const result = schema.safeParse(input);
  for (const issue of result.error?.issues ?? []) {
    if (issue.code === 'unrecognized_keys') issue.keys.forEach((key) => add([...issue.path, key], 'Unknown field.'));
    else add(issue.path, issue.message);
  }
  for (const kind of RELATED_KINDS) {
    const field = kind === 'certifications' ? 'certification' : kind;
    // In a new film it would be an id. Files outlive ids.
    if ([result.data?.[field] ?? []].flat().some(isUuid)) add([field], 'Must be a name.');
  }
  return { number, film: result.success && problems.length === 0 ? withoutRepeats(result.data) : null, problems };
}

// Whoever plays two characters is a star once.
function withoutRepeats(film: ImportedFilm): ImportedFilm {
  const lists = Object.entries(film).flatMap(([kind, names]) => (Array.isArray(names) ? [[kind, once(names)]] : []));
  return { ...film, ...Object.fromEntries(lists) };
}

function once(names: string[]): string[] {
  const byKey = new Map<string, string>();
  for (const name of names) if (!byKey.has(nameKeyOf(name))) byKey.set(nameKeyOf(name), name);
  return [...byKey.values()];
}

function refuse(number: number, column: string | null, message: string): ImportRow {
  return { number, film: null, problems: [{ row: number, column, message }] };
}
