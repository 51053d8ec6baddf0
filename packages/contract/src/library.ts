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

export const LibraryItem = z.object({
  movie: MovieCard,
  boughtAt: Moment,
  progress: Progress.nullable(),
});
export type LibraryItem = z.infer<typeof LibraryItem>;

export const LibraryInput = PageInput;
export const LibraryPage = pageOf(LibraryItem).meta({ id: 'LibraryPage' });
