import type { ExportFormat } from '@online-cinema/contract/imports';
import type { Deps } from '../deps.ts';
import { selectFilmsAfter, type StoredFilm } from './export-queries.ts';
import { CSV_HEADER, toFilmLine } from './import-columns.ts';

const BATCH = 250;

/** How an export is sent over REST. */
export const EXPORT_FILE = {
  name: 'movies',
  contentTypes: { csv: 'text/csv; charset=utf-8', ndjson: 'application/x-ndjson; charset=utf-8' },
} as const;

/**
 * Writes the films of the catalogue down, in the order they came; each as it is when its turn comes. Nothing is held
 * open between two pieces, however slowly they are taken.
 */
export async function exportMovies(
  { db }: Pick<Deps, 'db'>,
  format: ExportFormat,
): Promise<AsyncGenerator<string, void>> {
  // Read at once, so that a database that is away is a refusal, and not an answer that breaks off.
  const first = await selectFilmsAfter(db, null, BATCH);
  return writeFilms(first);

  async function* writeFilms(films: StoredFilm[]): AsyncGenerator<string, void> {
    if (format === 'csv') yield CSV_HEADER;
    for (let batch = films; batch.length > 0; batch = await selectFilmsAfter(db, batch.at(-1)?.id ?? null, BATCH)) {
      yield batch.map(({ film }) => (format === 'csv' ? toFilmLine(film) : `${JSON.stringify(film)}\n`)).join('');
    }
  }
}
