import { type Cell, toCsvLine } from '../lib/csv.ts';
import type { Position } from '../lib/paging.ts';

/** The columns of a file, in their order: each by its name, with what it says of a row. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => Cell | Date>>;

/** How many rows are written, or read, at once. */
const BATCH = 250;

/** How tables are sent as files over REST. */
export const CSV_TYPE = { csv: 'text/csv; charset=utf-8' } as const;

/** Writes the rows of a list as CSV, page by page. Nothing is held open between two pieces, however slowly they are taken. */
export async function writeRows<Row extends { cursorId: string; cursorKey: string }>(
  columns: Columns<Row>,
  select: (position: Position | null, limit: number) => Promise<Row[]>,
): Promise<AsyncGenerator<string, void>> {
  // Read at once, so that a database that is away is a refusal, and not an answer that breaks off.
  const first = await select(null, BATCH);
  return write();

  async function* write(): AsyncGenerator<string, void> {
    yield toCsvLine(Object.keys(columns));
    let rows = first;
    while (rows.length > 0) {
      yield toLines(columns, rows);
      const last = rows.at(-1);
      if (rows.length < BATCH || !last) return;
      rows = await select({ key: last.cursorKey, id: last.cursorId }, BATCH);
    }
  }
}

/** Writes rows that are all there as CSV. */
export async function* writeTable<Row>(columns: Columns<Row>, rows: Row[]): AsyncGenerator<string, void> {
  yield toCsvLine(Object.keys(columns));
  for (let start = 0; start < rows.length; start += BATCH) yield toLines(columns, rows.slice(start, start + BATCH));
}

function toLines<Row>(columns: Columns<Row>, rows: Row[]): string {
  const cells = Object.values(columns);
  return rows.map((row) => toCsvLine(cells.map((cell) => toCell(cell(row))))).join('');
}

function toCell(value: Cell | Date): Cell {
  return value instanceof Date ? value.toISOString() : value;
}
