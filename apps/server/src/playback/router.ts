import { Nothing } from '@online-cinema/contract/common';
import { Playback, PlayInput, ProgressInput } from '@online-cinema/contract/playback';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { saveProgress, startPlayback, startTrailer } from './service.ts';

/** `playback`: watch a film or its trailer, and keep how far one has come. */
export const playbackRouter = router({
  start: userProcedure
    .meta(rest('POST', '/library/{movieId}/play', 'Start to watch a film you own', { noStore: true }))
    .input(PlayInput)
    .output(Playback)
    .mutation(({ ctx, input }) => startPlayback(ctx.deps, ctx.caller.userId, input.movieId)),

  trailer: anyProcedure
    .meta(rest('POST', '/movies/{movieId}/trailer/play', 'Start to watch a trailer', { noStore: true }))
    .input(PlayInput)
    .output(Playback)
    .mutation(({ ctx, input }) => startTrailer(ctx.deps, input.movieId)),

  progress: userProcedure
    .meta(rest('PUT', '/library/{movieId}/progress', 'Keep how far you have come', { status: 204 }))
    .input(ProgressInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => saveProgress(ctx.deps, ctx.caller.userId, input)),
});
