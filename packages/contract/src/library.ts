import { z } from 'zod';
import { MovieCard } from './catalogue.ts';
import { Moment, PageInput, pageOf } from './common.ts';

/** How far a viewer has come in a film, in seconds. */
export const Progress = z.object({
  position: z.number(),
  duration: z.number(),
  watchedAt: Moment.nullable(),
  updatedAt: Moment,
});

/** A film a viewer owns, also one that has left the catalogue. `progress` is null until it is first watched. */
export const LibraryItem = z.object({
  movie: MovieCard,
  boughtAt: Moment,
  progress: Progress.nullable(),
});
export type LibraryItem = z.infer<typeof LibraryItem>;

/** Asks for a page of the caller's library. */
export const LibraryInput = PageInput;
/** A page of a library, last bought first. */
export const LibraryPage = pageOf(LibraryItem).meta({ id: 'LibraryPage' });
