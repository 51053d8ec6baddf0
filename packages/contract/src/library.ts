import { z } from 'zod';
import { MOVIE_SORTS, MovieCard, MovieFilters } from './catalogue.ts';
import { Moment, PageInput, pageOf } from './common.ts';

/** How far a viewer has come in a film, in seconds. */
export const Progress = z
  .object({
    position: z.number(),
    duration: z.number(),
    watchedAt: Moment.nullable(),
    updatedAt: Moment,
  })
  .meta({ id: 'Progress' });
export type Progress = z.infer<typeof Progress>;

/** A film a viewer owns, also one that has left the catalogue. `progress` is null until it is first watched. */
export const LibraryItem = z
  .object({
    movie: MovieCard,
    boughtAt: Moment,
    progress: Progress.nullable(),
  })
  .meta({ id: 'LibraryItem' });
export type LibraryItem = z.infer<typeof LibraryItem>;

/**
 * What a library can be sorted by: when a film came into it, when it was last watched, how much of it was watched, and
 * whatever films are. Films never watched come last in both orders.
 */
export const LIBRARY_SORTS = ['added', 'watched', 'progress', ...MOVIE_SORTS] as const;
/** One of {@link LIBRARY_SORTS}. */
export type LibrarySort = (typeof LIBRARY_SORTS)[number];

/** Asks for a page of the caller's library, narrowed and sorted as the catalogue is. */
export const LibraryInput = MovieFilters.safeExtend({
  sort: z
    .enum(LIBRARY_SORTS)
    .optional()
    .meta({ description: 'Default: relevance with a query, else added, the last one first.' }),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'Default: what one expects of the sort.' }),
  ...PageInput.shape,
});
export type LibraryInput = z.infer<typeof LibraryInput>;

/** A page of a library. */
export const LibraryPage = pageOf(LibraryItem).meta({ id: 'LibraryPage' });
