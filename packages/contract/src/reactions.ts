import { z } from 'zod';
import { MOVIE_SORTS, MovieFilters } from './catalogue.ts';
import { MovieRef, PageInput } from './common.ts';

/** What a viewer thinks of a film, in a word. */
export const Reaction = z.enum(['like', 'dislike']);
export type Reaction = z.infer<typeof Reaction>;

/** Names the film that is acted on. */
export const ActInput = z.strictObject({ movieId: MovieRef });

export const SetReaction = ActInput.extend({ reaction: Reaction });
export type SetReaction = z.infer<typeof SetReaction>;

/** How many viewers like and dislike a film, right after the caller did. */
export const ReactionCounts = z.object({ likeCount: z.int(), dislikeCount: z.int() }).meta({ id: 'ReactionCounts' });
export type ReactionCounts = z.infer<typeof ReactionCounts>;

/** How many points a film may get. */
export const Score = z.int().min(1).max(10);

export const SetRating = ActInput.extend({ score: Score });
export type SetRating = z.infer<typeof SetRating>;

/** What our viewers make of a film, right after the caller said so; IMDb has no part in it. */
export const RatingSummary = z
  .object({ ratingAverage: z.number().nullable(), ratingCount: z.int() })
  .meta({ id: 'RatingSummary' });
export type RatingSummary = z.infer<typeof RatingSummary>;

/** What favourites can be sorted by: whatever films are, and when they were added. */
export const FAVORITE_SORTS = ['added', ...MOVIE_SORTS] as const;

/** Asks for a page of the caller's favourites, narrowed and sorted as the catalogue is. */
export const FavoriteListInput = MovieFilters.safeExtend({
  sort: z
    .enum(FAVORITE_SORTS)
    .optional()
    .meta({ description: 'Default: relevance with a query, else added, the last one first.' }),
  order: z.enum(['asc', 'desc']).optional().meta({ description: 'Default: what one expects of the sort.' }),
  ...PageInput.shape,
});
export type FavoriteListInput = z.infer<typeof FavoriteListInput>;
