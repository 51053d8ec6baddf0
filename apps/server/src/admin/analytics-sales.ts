import {
  DEFAULT_REPORT_DAYS,
  MOST_REPORT_DAYS,
  MOST_REPORT_ROWS,
  type SalesExport,
  type SalesFigures,
  type SalesInput,
  type SalesReport,
} from '@online-cinema/contract/analytics';
import type { Db } from '@online-cinema/db/open';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import {
  type DayFigures,
  type Figures,
  type GenreFigures,
  type MovieFigures,
  selectSalesByDay,
  selectSalesByGenre,
  selectSalesByMovie,
  setSpan,
} from './analytics-queries.ts';
import { type Columns, writeTable } from './table-file.ts';

type ReportDeps = Pick<Deps, 'db' | 'config' | 'clock'>;

/**
 * Tells what was sold between two days; where none is given, in the thirty days up to today.
 *
 * @throws AppError `invalid_input` (a reversed range, or too long a one).
 */
export async function reportSales(deps: ReportDeps, { by, ...given }: SalesInput): Promise<SalesReport> {
  const { from, to } = spanOf(deps, given);
  return await readSales(deps, { from, to }, async (trx) => {
    const byDay = await selectSalesByDay(trx);
    const about = { from, to, timeZone: deps.config.shopTimeZone, totals: sumUp(byDay).map(toFigures) };
    if (by === 'day') {
      const rows = fillDays(byDay, { from, to, currency: deps.config.currency });
      return { by, ...about, rows: rows.map((row) => ({ day: row.day, ...toFigures(row) })) };
    }
    if (by === 'movie') {
      const { rows, isCapped } = cap(await selectSalesByMovie(trx, MOST_REPORT_ROWS + 1));
      const shown = rows.map(({ movieId: id, slug, name, year, ...row }) => ({
        movie: { id, slug, name, year },
        ...toFigures(row),
      }));
      return { by, ...about, rows: shown, ...isCapped };
    }
    const { rows, isCapped } = cap(await selectSalesByGenre(trx, MOST_REPORT_ROWS + 1));
    const shown = rows.map(({ genreId: id, name, ...row }) => ({
      genre: id === null || name === null ? null : { id, name },
      ...toFigures(row),
    }));
    return { by, ...about, rows: shown, ...isCapped };
  });
}

/** All rows of a report as a CSV. @throws AppError `invalid_input`. */
export async function exportSales(
  deps: ReportDeps,
  { by, ...given }: SalesExport,
): Promise<AsyncGenerator<string, void>> {
  const { from, to } = spanOf(deps, given);
  return await readSales(deps, { from, to }, async (trx) => {
    if (by === 'day') {
      const rows = fillDays(await selectSalesByDay(trx), { from, to, currency: deps.config.currency });
      return writeTable(DAY_COLUMNS, rows);
    }
    if (by === 'movie') return writeTable(MOVIE_COLUMNS, await selectSalesByMovie(trx, null));
    return writeTable(GENRE_COLUMNS, await selectSalesByGenre(trx, null));
  });
}

// Amounts are in the minor unit of the currency.
const FIGURES: Columns<Figures> = {
  currency: (row) => row.currency,
  revenueAmount: (row) => row.revenue,
  refundsAmount: (row) => row.refunds,
  netAmount: (row) => row.revenue - row.refunds,
  orders: (row) => row.orders,
  items: (row) => row.items,
  placed: (row) => row.placed,
  converted: (row) => row.converted,
  conversion: conversionOf,
};
const DAY_COLUMNS: Columns<DayFigures> = { day: (row) => row.day, ...FIGURES };
const MOVIE_COLUMNS: Columns<MovieFigures> = {
  movieId: (row) => row.movieId,
  name: (row) => row.name,
  year: (row) => row.year,
  ...FIGURES,
};
const GENRE_COLUMNS: Columns<GenreFigures> = { genreId: (row) => row.genreId, genre: (row) => row.name, ...FIGURES };

function spanOf(
  { clock, config }: ReportDeps,
  given: { from?: string | undefined; to?: string | undefined },
): { from: string; to: string } {
  // The calendar of Sweden writes days as we do.
  const today = clock.now().toLocaleDateString('sv-SE', { timeZone: config.shopTimeZone });
  const { to = today } = given;
  return { from: given.from ?? dayAfter(to, 1 - DEFAULT_REPORT_DAYS), to };
}

async function readSales<Result>(
  { db, config }: ReportDeps,
  { from, to }: { from: string; to: string },
  read: (trx: Db) => Promise<Result>,
): Promise<Result> {
  const days = daysBetween(from, to);
  if (days < 1 || days > MOST_REPORT_DAYS) {
    const message =
      days < 1 ? 'Must not be before `from`.' : `Must be less than ${MOST_REPORT_DAYS} days after \`from\`.`;
    throw new AppError('invalid_input', { issues: [{ path: ['to'], message }] });
  }
  // One snapshot, so that rows and totals agree.
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return await transaction.execute(async (trx) => {
    await setSpan(trx, { from, to, timeZone: config.shopTimeZone });
    return await read(trx);
  });
}

function toFigures(row: Figures): SalesFigures {
  const { currency, revenue, refunds, orders, items, placed, converted } = row;
  return {
    revenue: { amount: revenue, currency },
    refunds: { amount: refunds, currency },
    net: { amount: revenue - refunds, currency },
    orders,
    items,
    placed,
    converted,
    conversion: conversionOf(row),
  };
}

function conversionOf({ placed, converted }: Figures): number | null {
  return placed === 0 ? null : Math.round((converted / placed) * 10_000) / 10_000;
}

const NOTHING = { revenue: 0, refunds: 0, orders: 0, items: 0, placed: 0, converted: 0 };

function sumUp(rows: Figures[]): Figures[] {
  const sums = new Map<string, Figures>();
  for (const row of rows) {
    const sum = sums.get(row.currency) ?? { currency: row.currency, ...NOTHING };
    for (const key of FIELDS) sum[key] += row[key];
    sums.set(row.currency, sum);
  }
  return [...sums.values()];
}

const FIELDS = Object.keys(NOTHING) as (keyof typeof NOTHING)[];

// Each currency in which anything happened has all days; where nothing did, the shop's own.
function fillDays(rows: DayFigures[], span: { from: string; to: string; currency: string }): DayFigures[] {
  const known = new Map(rows.map((row) => [`${row.currency} ${row.day}`, row]));
  const currencies = new Set(rows.map(({ currency }) => currency));
  const days = Array.from({ length: daysBetween(span.from, span.to) }, (_, index) => dayAfter(span.from, index));
  return [...(currencies.size === 0 ? [span.currency] : currencies)].flatMap((currency) =>
    days.map((day) => known.get(`${currency} ${day}`) ?? { day, currency, ...NOTHING }),
  );
}

function cap<Row extends Figures>(rows: Row[]): { rows: Row[]; isCapped: { rowsAreCapped?: true } } {
  const counts = new Map<string, number>();
  const shown = rows.filter(({ currency }) => {
    const count = (counts.get(currency) ?? 0) + 1;
    counts.set(currency, count);
    return count <= MOST_REPORT_ROWS;
  });
  return { rows: shown, isCapped: shown.length < rows.length ? { rowsAreCapped: true } : {} };
}

const DAY_MS = 86_400_000;

// Days of the calendar: in UTC each has the same length.
function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
}

function dayAfter(day: string, count: number): string {
  return new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
}
