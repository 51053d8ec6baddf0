import { RecommendationInput, Recommendations } from '@online-cinema/contract/recommendations';
import { COUNTED_MS } from '../lib/answer-memory.ts';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { newReleases, recommendFor, trendingMovies } from './recommendations.ts';

/** `recommendations`: films somebody may like, each with why. */
export const recommendationsRouter = router({
  forMe: userProcedure
    .meta(
      rest('GET', '/recommendations', 'Films you may like, and why', {
        description: 'From what you bought, watched, liked and rated; follows what you do within a minute.',
      }),
    )
    .input(RecommendationInput)
    .output(Recommendations)
    .query(async ({ ctx, input }) => ({ items: await recommendFor(ctx.deps, ctx.caller.userId, input) })),

  trending: anyProcedure
    .meta(rest('GET', '/movies/trending', 'What viewers watch and like these days', { rememberMs: COUNTED_MS }))
    .input(RecommendationInput)
    .output(Recommendations)
    .query(async ({ ctx, input }) => ({ items: await trendingMovies(ctx.deps, input) })),

  newReleases: anyProcedure
    .meta(rest('GET', '/movies/new', 'The newest films for sale', { rememberMs: COUNTED_MS }))
    .input(RecommendationInput)
    .output(Recommendations)
    .query(async ({ ctx, input }) => ({ items: await newReleases(ctx.deps, input) })),
});
