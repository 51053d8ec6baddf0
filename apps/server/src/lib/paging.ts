import { createHash } from 'node:crypto';
import type { Page } from '@online-cinema/contract/common';
import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely';
import { AppError } from './errors.ts';
import { isUuid } from './uuid.ts';

/** Where a page starts: after the row with this sort key (as text; null where the row has none) and id. */
export type Position = { key: string | null; id: string };

/** How a list is sorted: by an expression, then by id, so that the order is total. */
export type Sort = {
  /** The sort key, such as `sql.ref('movies.year')`. */
  by: RawBuilder<unknown>;
  /** The SQL type a key is cast to when it comes back in a cursor. */
  type: 'integer' | 'numeric' | 'real' | 'text' | 'timestamptz';
  order: 'asc' | 'desc';
  id: RawBuilder<unknown>;
  /** Rows without a key come last in both orders. */
  nullable?: boolean;
};

/** The most rows a total counts exactly. */
export const TOTAL_CAP = 10_000;

/** Gives what a cursor must agree with: a digest of everything that decides the order and the set. */
export function bindingOf(query: Record<string, unknown>): string {
  return createHash('sha256').update(JSON.stringify(query)).digest('base64url').slice(0, 10);
}

/**
 * Reads a cursor; `null` on the first page.
 *
 * @throws AppError `invalid_cursor` when it is none, or was made for another query.
 */
export function readCursor(cursor: string | undefined, binding: string): Position | null {
  if (cursor === undefined) return null;
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(parts)) throw new TypeError('not a list');
    const [madeFor, key, id] = parts as unknown[];
    const isKey = typeof key === 'string' || key === null;
    if (madeFor === binding && isKey && typeof id === 'string' && isUuid(id)) return { key, id };
  } catch {
    // not ours
  }
  throw new AppError('invalid_cursor');
}

/** The condition that a row comes after a position. */
export function isAfter(sort: Sort, position: Position): Expression<SqlBool> {
  const { by, id, nullable } = sort;
  const after = sql.raw(sort.order === 'asc' ? '>' : '<');
  const lastId = sql`${position.id}::uuid`;
  if (position.key === null) return sql<SqlBool>`(${by} is null and ${id} ${after} ${lastId})`;
  const compared = sql<SqlBool>`(${by}, ${id}) ${after} (${position.key}::${sql.raw(sort.type)}, ${lastId})`;
  return nullable ? sql<SqlBool>`(${compared} or ${by} is null)` : compared;
}

/** The `order by` list that {@link isAfter} walks along. */
export function orderBy({ by, id, order, nullable }: Sort): RawBuilder<unknown> {
  const direction = sql.raw(order);
  return nullable ? sql`${by} ${direction} nulls last, ${id} ${direction}` : sql`${by} ${direction}, ${id} ${direction}`;
}

/**
 * Makes a page of rows that were asked for with one more than `limit`, each with its sort key as `cursorKey`.
 *
 * @param total how many rows there are, counted up to one above {@link TOTAL_CAP}; null on later pages.
 */
export function toPage<Row extends { cursorId: string; cursorKey: string | null }, Item>(
  rows: Row[],
  { limit, binding, total }: { limit: number; binding: string; total: number | null },
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: shown.map(toItem),
    nextCursor: hasMore
      ? Buffer.from(JSON.stringify([binding, last.cursorKey, last.cursorId])).toString('base64url')
      : null,
    total: total === null ? null : Math.min(total, TOTAL_CAP),
    ...(total !== null && total > TOTAL_CAP && { totalIsCapped: true as const }),
  };
}
