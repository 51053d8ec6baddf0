import { isUtf8 } from 'node:buffer';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse, type Parser } from 'csv-parse';

/** A file that can't be read on, from some row. */
export class UnreadableFile extends Error {
  /** The first row that can't be read; `null`: the file as a whole. */
  readonly row: number | null;

  constructor(row: number | null, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UnreadableFile';
    this.row = row;
  }
}

const LONGEST_RECORD_BYTES = 1_000_000;
const SLICE_BYTES = 65_536;
const TOO_LONG = 'A row has at most 1 MB.';
const LINE_FEED = 10;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

const CSV_FAULTS: Record<string, string> = {
  CSV_QUOTE_NOT_CLOSED: 'A quote is opened and not closed.',
  CSV_INVALID_CLOSING_QUOTE: 'Something follows a closing quote.',
  INVALID_OPENING_QUOTE: 'A quote stands within a cell that is not quoted.',
};

/**
 * Cuts a file of films in its records, and says which format it is: what begins with `{` is JSON.
 *
 * @throws UnreadableFile when it is empty.
 */
export async function openRecords(
  bytes: AsyncIterable<Uint8Array>,
): Promise<
  { format: 'csv'; records: AsyncGenerator<Buffer[]> } | { format: 'ndjson'; records: AsyncGenerator<Buffer> }
> {
  const slices = cut(bytes);
  let first = await slices.next();
  while (!first.done && isBlank(first.value)) first = await slices.next();
  if (first.done) throw new UnreadableFile(null, 'The file is empty.');
  const isJson = first.value.toString('latin1').trimStart().startsWith('{');
  const chunks = startWith(first.value, slices);
  return isJson ? { format: 'ndjson', records: readLines(chunks) } : { format: 'csv', records: readCsv(chunks) };
}

/** Reads text; nothing when it is no UTF-8. */
export function readText(bytes: Buffer): string | undefined {
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

/** Lines that are not blank. */
async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rows = 0;
  let begun: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer) => {
    begun.push(part);
    length += part.length;
    if (length > LONGEST_RECORD_BYTES) throw new UnreadableFile(rows + 1, TOO_LONG);
  };
  const take = (): Buffer | null => {
    const line = Buffer.concat(begun);
    begun = [];
    length = 0;
    if (isBlank(line)) return null;
    rows += 1;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      const line = take();
      if (line) yield line;
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  const line = take();
  if (line) yield line;
}

async function* refuseLongRecords(chunks: AsyncIterable<Buffer>, { info }: Parser): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    yield chunk;
    if (info.bytes - info.bytes_records > LONGEST_RECORD_BYTES) throw new UnreadableFile(nextRow(info), TOO_LONG);
  }
}

/** Records of CSV, the header first. Their cells are bytes, so that each tells whether it is UTF-8. */
async function* readCsv(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  const parser = parse({
    encoding: null,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    // It counts the cells it has whole as nothing where they are bytes: see below.
    max_record_size: 0,
  });
  pipeline(Readable.from(refuseLongRecords(chunks, parser)), parser, () => {});
  try {
    for await (const record of parser) yield record;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new UnreadableFile(nextRow(parser.info), CSV_FAULTS[error.code] ?? 'This is not CSV.', { cause: error });
  }
}

// The header is a record too, so that those read are the number of the next row.
function nextRow({ records }: Parser['info']): number | null {
  return records === 0 ? null : records;
}

async function* cut(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const { buffer, byteOffset, byteLength } of bytes) {
    const chunk = Buffer.from(buffer, byteOffset, byteLength);
    const hasMark = isFirst && chunk.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK);
    for (let start = hasMark ? BYTE_ORDER_MARK.length : 0; start < chunk.length; start += SLICE_BYTES) {
      yield chunk.subarray(start, start + SLICE_BYTES);
    }
    isFirst = false;
  }
}

async function* startWith(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* rest;
}

function isBlank(bytes: Buffer): boolean {
  return bytes.toString('latin1').trim() === '';
}
