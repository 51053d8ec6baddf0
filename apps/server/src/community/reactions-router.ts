import { Nothing } from '@online-cinema/contract/common';
import { ActInput, RatingSummary, ReactionCounts, SetRating, SetReaction } from '@online-cinema/contract/reactions';
import { rest, router, userProcedure } from '../trpc.ts';
import { clearRating, clearReaction, setRating, setReaction } from './acts.ts';

/** `reactions`: likes and dislikes. */
export const reactionsRouter = router({
  set: userProcedure
    .meta(rest('PUT', '/movies/{movieId}/reaction', 'Like or dislike a film'))
    .input(SetReaction)
    .output(ReactionCounts)
    .mutation(({ ctx, input }) => setReaction(ctx.deps, ctx.caller.userId, input)),

  clear: userProcedure
    .meta(rest('DELETE', '/movies/{movieId}/reaction', 'Take back your like or dislike', { status: 204 }))
    .input(ActInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => clearReaction(ctx.deps, ctx.caller.userId, input.movieId)),
});

/** `ratings`: points from one to ten. */
export const ratingsRouter = router({
  set: userProcedure
    .meta(rest('PUT', '/movies/{movieId}/rating', 'Rate a film from 1 to 10'))
    .input(SetRating)
    .output(RatingSummary)
    .mutation(({ ctx, input }) => setRating(ctx.deps, ctx.caller.userId, input)),

  clear: userProcedure
    .meta(rest('DELETE', '/movies/{movieId}/rating', 'Take back your rating'))
    .input(ActInput)
    .output(RatingSummary)
    .mutation(({ ctx, input }) => clearRating(ctx.deps, ctx.caller.userId, input.movieId)),
});
