import { MOVIE_COLUMNS } from '@online-cinema/contract/imports';
import { CreateMovie } from '@online-cinema/contract/moderation';
import type { z } from 'zod';
import { joinList, splitList, toCsvLine, unguard } from '../lib/csv.ts';

type Untold = 'time' | 'votes' | 'metaScore' | 'price' | 'certification' | 'directors';

/** A film of a file. What its columns do not tell is absent: a film that is there keeps its own. */
export type ImportedFilm = Omit<CreateMovie, Untold> & Partial<Pick<CreateMovie, Untold>>;

/** The cells of a row by their columns. */
type Cells = Readonly<Record<string, string>>;

/** What is wrong with a cell, for a person. */
export type Complain = (column: string, message: string) => void;

/** What the columns of a file mean. */
export type ColumnSet = {
  columns: readonly string[];
  /** Makes of cells what `schema` reads; what can't be made is complained of, or left for the schema to refuse. */
  toInput(cells: Cells, complain: Complain): Record<string, unknown>;
  schema: z.ZodType<ImportedFilm>;
  /** The column a field came from; `path` is where it stands in the input. */
  columnOf(path: readonly PropertyKey[]): string | null;
};

const LISTS = ['genres', 'stars', 'directors', 'countries', 'languages'] as const;
const MONEY = ['gross', 'budget', 'price'] as const;

/** The columns of our own exports. */
export const OUR_COLUMNS: ColumnSet = {
  columns: MOVIE_COLUMNS,
  schema: CreateMovie,
  toInput(cells, complain) {
    const text = (column: string) => unguard(cells[column] ?? '');
    const number = (column: string) => readNumber(cells, column, complain);
    const money = (field: string) => {
      const [amount, currency] = [number(`${field}Amount`), cells[`${field}Currency`] ?? ''];
      return amount === null && currency === '' ? null : { amount: amount ?? undefined, currency };
    };
    return {
      name: text('name'),
      year: number('year') ?? undefined,
      time: number('time') ?? undefined,
      releaseDate: cells['releaseDate'] === '' ? null : cells['releaseDate'],
      imdb: number('imdb') ?? undefined,
      votes: number('votes') ?? undefined,
      metaScore: number('metaScore'),
      description: text('description'),
      status: cells['status'] === '' ? undefined : cells['status'],
      certification: text('certification'),
      ...Object.fromEntries(MONEY.map((field) => [field, money(field)])),
      ...Object.fromEntries(LISTS.map((kind) => [kind, splitList(text(kind))])),
    };
  },
  columnOf([field, part]) {
    if (typeof field !== 'string') return null;
    if (!(MONEY as readonly string[]).includes(field)) return field;
    return part === 'currency' ? `${field}Currency` : `${field}Amount`;
  },
};

/** The line a CSV of ours begins with. */
export const CSV_HEADER = toCsvLine(MOVIE_COLUMNS);

/** A film as a line of CSV with our columns. */
export function toFilmLine(film: CreateMovie): string {
  const cells: Record<(typeof MOVIE_COLUMNS)[number], string | number | null> = {
    ...film,
    grossAmount: film.gross?.amount ?? null,
    grossCurrency: film.gross?.currency ?? null,
    budgetAmount: film.budget?.amount ?? null,
    budgetCurrency: film.budget?.currency ?? null,
    priceAmount: film.price?.amount ?? null,
    priceCurrency: film.price?.currency ?? null,
    genres: joinList(film.genres),
    stars: joinList(film.stars),
    directors: joinList(film.directors),
    countries: joinList(film.countries),
    languages: joinList(film.languages),
  };
  return toCsvLine(MOVIE_COLUMNS.map((column) => cells[column]));
}

/** Reads a number; `null` where the cell is empty, and where it holds none, which is complained of. */
export function readNumber(cells: Cells, column: string, complain: Complain): number | null {
  const text = (cells[column] ?? '').trim();
  if (text === '') return null;
  if (/^-?\d{1,16}(\.\d{1,10})?$/.test(text)) return Number(text);
  complain(column, 'Must be a number.');
  return null;
}
