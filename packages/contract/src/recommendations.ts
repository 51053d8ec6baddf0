import { z } from 'zod';
import { MovieCard } from './catalogue.ts';

/** Asks for some films; there are no further pages. */
export const RecommendationInput = z.strictObject({
  limit: z.int().min(1).max(50).default(20).meta({ description: 'How many films at most.' }),
});

/** Why a film is shown, and the sentence to show. */
export const RecommendationWhy = z
  .object({
    kind: z
      .enum(['director', 'star', 'genres', 'viewers', 'trending', 'popular', 'rated', 'new'])
      .meta({ description: '`viewers`: who likes the named film likes this one too.' }),
    names: z.array(z.string()).meta({ description: 'The directors, stars, genres or films it is about, if any.' }),
    text: z.string().meta({ examples: ['Crime and drama, because you liked Heat'] }),
  })
  .meta({ id: 'RecommendationWhy' });
export type RecommendationWhy = z.infer<typeof RecommendationWhy>;

/** A film that is recommended. */
export const Recommendation = MovieCard.extend({ why: RecommendationWhy }).meta({ id: 'Recommendation' });
export type Recommendation = z.infer<typeof Recommendation>;

/** Films that are recommended, the best first. */
export const Recommendations = z.object({ items: z.array(Recommendation).max(50) }).meta({ id: 'Recommendations' });
