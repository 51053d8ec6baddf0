import { THEATER_COLUMNS } from '@online-cinema/contract/imports';
import { CreateMovie } from '@online-cinema/contract/moderation';
import { type ColumnSet, type Complain, readNumber } from './import-columns.ts';

const COLUMN_OF: Record<string, (typeof THEATER_COLUMNS)[number]> = {
  name: 'names',
  year: 'date_x',
  releaseDate: 'date_x',
  imdb: 'score',
  description: 'overview',
  status: 'status',
  genres: 'genre',
  stars: 'crew',
  countries: 'country',
  languages: 'orig_lang',
  budget: 'budget_x',
  gross: 'revenue',
};

const STATUSES: Record<string, CreateMovie['status']> = {
  released: 'released',
  'post production': 'post_production',
  'in production': 'in_production',
};

const CENTS = 100;
const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** The columns of the Movie Theater API's data set. */
export const THEATER_SET: ColumnSet = {
  columns: THEATER_COLUMNS,
  schema: CreateMovie.omit({
    time: true,
    votes: true,
    metaScore: true,
    price: true,
    certification: true,
    directors: true,
  }),
  toInput(cells, complain) {
    const list = (column: string) => listOf(cells[column] ?? '');
    const dollars = (column: string) => {
      const amount = readNumber(cells, column, complain);
      return amount === null ? null : { amount: Math.round(amount * CENTS), currency: 'USD' };
    };
    const releaseDate = readDate(cells['date_x'] ?? '', complain);
    return {
      name: cells['names'],
      releaseDate,
      year: Number(releaseDate?.slice(0, 4)),
      imdb: readScore(readNumber(cells, 'score', complain), complain),
      description: cells['overview'],
      status: readStatus(cells['status'] ?? '', complain),
      genres: list('genre'),
      // Actor, character, actor, character…
      stars: list('crew').filter((_, index) => index % 2 === 0),
      countries: list('country').map((code) => readCountry(code, complain)),
      languages: list('orig_lang'),
      budget: dollars('budget_x'),
      gross: dollars('revenue'),
    };
  },
  columnOf: ([field]) => COLUMN_OF[String(field)] ?? null,
};

// Commas, often with a no-break space behind them.
function listOf(cell: string): string[] {
  return cell.trim() === '' ? [] : cell.split(',').map((item) => item.trim());
}

function readDate(cell: string, complain: Complain): string | null {
  const [, month, day, year] = /^\s*(\d{2})\/(\d{2})\/(\d{4})\s*$/.exec(cell) ?? [];
  if (year !== undefined) return `${year}-${month}-${day}`;
  complain('date_x', 'Must be a day: MM/DD/YYYY.');
  return null;
}

function readScore(score: number | null, complain: Complain): number {
  if (score !== null && score >= 0 && score <= 100) return Math.round(score) / 10;
  complain('score', 'Must be a number from 0 to 100.');
  return 0;
}

function readStatus(cell: string, complain: Complain): CreateMovie['status'] {
  const status = STATUSES[cell.trim().toLowerCase()];
  if (status === undefined) complain('status', 'Must be Released, Post Production or In Production.');
  return status ?? 'released';
}

function readCountry(code: string, complain: Complain): string {
  const name = /^[a-z]{2}$/i.test(code) ? regions.of(code.toUpperCase()) : undefined;
  if (name === undefined) complain('country', `${JSON.stringify(code)} is no code of a country, like US.`);
  return name ?? code;
}
