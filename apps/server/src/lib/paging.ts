import { createHash } from 'node:crypto';
import type { Page } from '@online-cinema/contract/common';
import type { Db } from '@online-cinema/db/open';
import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely';
import { AppError } from './errors.ts';
import { isUuid } from './uuid.ts';

/**
 * Where a page starts: after the row with this sort key (as text; null where the row has none) and id. Without either
 * it starts at the first of the rows that have no key.
 */
export type Position = { key: string; id: string } | { key: null; id: string | null };

/** How a list is sorted: by an expression, then by id, so that the order is total. */
export type Sort = {
  /** The sort key, such as `sql.ref('movies.year')`. */
  by: RawBuilder<unknown>;
  /** The SQL type a key is cast to when it comes back in a cursor. */
  type: 'integer' | 'bigint' | 'numeric' | 'real' | 'text' | 'timestamptz';
  order: 'asc' | 'desc';
  id: RawBuilder<unknown>;
  /** Rows without a key come last in both orders. */
  nullable?: boolean;
};

/** The most rows a total counts exactly. */
export const TOTAL_CAP = 10_000;

/** A list as {@link readPage} reads it. */
export type List<Row, Item> = {
  /**
   * Everything beside the position that decides which rows there are and in which order: a cursor is good for it only.
   */
  query: Record<string, unknown>;
  sort: Sort;
  select(position: Position | null, limit: number): Promise<(Row & Cursor)[]>;
  count(): Promise<number>;
  toItem(row: Row): Item;
};

/** What each row brings along to be found again: its id and its sort key as text. */
type Cursor = { cursorId: string; cursorKey: string | null };

/**
 * Reads a page of a list: its items, the cursor of the next page, and on the first page the total.
 *
 * @throws AppError `invalid_cursor` when the cursor is none, or was made for another query.
 */
export async function readPage<Row extends object, Item>(
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  list: List<Row, Item>,
): Promise<Page<Item>> {
  const binding = bindingOf(list);
  const position = cursor === undefined ? null : readCursor(cursor, binding, list.sort);
  const [rows, total] = await Promise.all([selectRows(list, position, limit + 1), position ? null : list.count()]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ cursorId: _id, cursorKey: _key, ...row }) => list.toItem(row as unknown as Row)),
    nextCursor: rows.length > limit && last ? writeCursor(binding, last) : null,
    total: total === null ? null : Math.min(total, TOTAL_CAP),
    ...(total !== null && total > TOTAL_CAP && { totalIsCapped: true as const }),
  };
}

// The rows with a key and those without are two walks along an index: "or" between them would make it a scan.
async function selectRows<Row, Item>(
  list: List<Row, Item>,
  position: Position | null,
  limit: number,
): Promise<(Row & Cursor)[]> {
  const rows = await list.select(position, limit);
  if (!list.sort.nullable || position === null || position.key === null || rows.length === limit) return rows;
  return [...rows, ...(await list.select({ key: null, id: null }, limit - rows.length))];
}

/** Counts the rows of a query, up to one above the cap: what is more is said to be more, and costs no more. */
export async function countCapped(db: Db, query: { limit(count: number): Expression<unknown> }): Promise<number> {
  const counted = query.limit(TOTAL_CAP + 1);
  const result = await sql<{ total: number }>`select count(*)::int as total from ${counted} as counted`.execute(db);
  return result.rows[0]?.total ?? 0;
}

/** Tells whether a cursor was made for such a list. */
export function isCursorOf(cursor: string, list: Bound): boolean {
  return parseList(cursor)[0] === bindingOf(list);
}

/** What a cursor is bound to. */
type Bound = { query: Record<string, unknown>; sort: Pick<Sort, 'order'> };

function bindingOf({ query, sort }: Bound): string {
  const digest = createHash('sha256').update(JSON.stringify([query, sort.order]));
  return digest.digest('base64url').slice(0, 10);
}

function writeCursor(binding: string, { cursorKey, cursorId }: Cursor): string {
  return Buffer.from(JSON.stringify([binding, cursorKey, cursorId])).toString('base64url');
}

// What a key of each type looks like. A cursor can be made by hand; what the database could not read is refused here.
const KEYS: Record<Sort['type'], RegExp> = {
  integer: /^-?\d{1,9}$/,
  bigint: /^-?\d{1,18}$/,
  numeric: /^-?\d{1,9}(\.\d{1,9})?$/,
  real: /^-?\d{1,9}(\.\d{1,12})?(e[+-]?\d{1,2})?$/,
  text: /^[^\0]{0,1000}$/,
  timestamptz: /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?[+-]\d{2}(:\d{2})?$/,
};

function readCursor(cursor: string, binding: string, sort: Sort): Position {
  const [madeFor, key, id, ...more] = parseList(cursor);
  const isKey = key === null ? sort.nullable === true : typeof key === 'string' && KEYS[sort.type].test(key);
  if (madeFor !== binding || !isKey || typeof id !== 'string' || !isUuid(id) || more.length > 0) {
    throw new AppError('invalid_cursor');
  }
  return typeof key === 'string' ? { key, id } : { key: null, id };
}

function parseList(cursor: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/**
 * The condition that a row comes after a position. After a row with a key, rows without one are left to a second
 * select, which {@link readPage} makes.
 */
export function isAfter({ by, id, type, order }: Sort, position: Position): Expression<SqlBool> {
  const after = sql.raw(order === 'asc' ? '>' : '<');
  const lastId = sql`${position.id}::uuid`;
  if (position.key !== null) {
    return sql<SqlBool>`(${by}, ${id}) ${after} (${position.key}::${sql.raw(type)}, ${lastId})`;
  }
  return position.id === null
    ? sql<SqlBool>`${by} is null`
    : sql<SqlBool>`(${by} is null and ${id} ${after} ${lastId})`;
}

/** The `order by` list that {@link isAfter} walks along. */
export function orderBy({ by, id, order, nullable }: Sort): RawBuilder<unknown> {
  const direction = sql.raw(order);
  return nullable
    ? sql`${by} ${direction} nulls last, ${id} ${direction}`
    : sql`${by} ${direction}, ${id} ${direction}`;
}
