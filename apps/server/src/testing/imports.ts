import type { ImportStatus } from '@online-cinema/contract/imports';
import type { CreateMovie } from '@online-cinema/contract/moderation';
import { setTimeout } from 'node:timers/promises';
import type { Viewer } from './app.ts';

/** A film as a file of films has it: what is not said is plain. */
export function aFilm(film: Partial<CreateMovie> & { name: string }): CreateMovie {
  return {
    year: 1995,
    time: 100,
    releaseDate: null,
    imdb: 7.5,
    votes: 0,
    metaScore: null,
    description: 'A film made for a test.',
    status: 'released',
    certification: 'PG-13',
    gross: null,
    budget: null,
    price: null,
    genres: [],
    stars: [],
    directors: [],
    countries: [],
    languages: [],
    ...film,
  };
}

/** Films as lines of JSON. */
export function toLines(films: object[]): string {
  return films.map((film) => `${JSON.stringify(film)}\n`).join('');
}

/** Imports a file and waits until that has ended. */
export async function importFile(
  { client }: Viewer,
  file: string | Uint8Array<ArrayBuffer>,
  options: { dryRun?: boolean } = {},
): Promise<ImportStatus> {
  const { jobId } = await client.movies.import.mutate({ file: new Blob([file]), ...options });
  for (;;) {
    const status = await client.movies.importStatus.query({ jobId });
    if (status.finishedAt !== null) return status;
    await setTimeout(20);
  }
}

/** Exports the catalogue. */
export async function exportText({ client }: Viewer, format: 'csv' | 'ndjson'): Promise<string> {
  let text = '';
  for await (const piece of await client.movies.export.query({ format })) text += piece;
  return text;
}

/** Exports the catalogue as films. */
export async function exportFilms(viewer: Viewer): Promise<CreateMovie[]> {
  const lines = (await exportText(viewer, 'ndjson')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as CreateMovie);
}
