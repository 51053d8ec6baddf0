import { z } from 'zod';
import { MovieCard } from './catalogue.ts';
import { Id, MovieRef } from './common.ts';

/** Asks for what somebody who types this may be looking for. */
export const SuggestInput = z.strictObject({
  query: z
    .string()
    .trim()
    .min(2)
    .max(100)
    .meta({ description: 'The beginning of a word of the title or name.', examples: ['godf'] }),
});

/** A film or person to choose while typing. People are stars or directors: each leads to the filter of that name. */
export const Suggestion = z
  .discriminatedUnion('kind', [
    z
      .object({
        kind: z.literal('movie'),
        id: Id,
        slug: z.string(),
        name: z.string(),
        year: z.int(),
        posterUrl: z.string().nullable(),
      })
      .meta({ id: 'SuggestedMovie' }),
    z.object({ kind: z.literal('star'), id: Id, name: z.string() }).meta({ id: 'SuggestedStar' }),
    z.object({ kind: z.literal('director'), id: Id, name: z.string() }).meta({ id: 'SuggestedDirector' }),
  ])
  .meta({ id: 'Suggestion' });
export type Suggestion = z.infer<typeof Suggestion>;

/** What may be meant, the likeliest first. */
export const Suggestions = z.object({ items: z.array(Suggestion).max(10) }).meta({ id: 'Suggestions' });

/** Names the film that others are like. */
export const SimilarInput = z.strictObject({ movieId: MovieRef });

/** Why a film is shown beside another: what they share most, and the sentence to show. */
export const Why = z
  .object({
    kind: z.enum(['director', 'star', 'genres']),
    names: z.array(z.string()).meta({ description: 'The shared directors, stars or genres.' }),
    text: z.string().meta({ examples: ['Same director: Michael Mann'] }),
  })
  .meta({ id: 'Why' });
export type Why = z.infer<typeof Why>;

/** Films like another, the most alike first. */
export const SimilarMovies = z
  .object({ items: z.array(MovieCard.extend({ why: Why }).meta({ id: 'SimilarMovie' })).max(12) })
  .meta({ id: 'SimilarMovies' });
