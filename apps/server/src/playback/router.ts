import { Nothing } from '@online-cinema/contract/common';
import {
  Playback,
  PlaybackInput,
  PlayInput,
  ProgressInput,
  StartInput,
  WatchedInput,
  WatchedListInput,
  WatchedPage,
} from '@online-cinema/contract/playback';
import { anyProcedure, rest, router, userProcedure } from '../trpc.ts';
import { hideFromContinueWatching, listWatched, markWatched, saveProgress } from './progress.ts';
import { renewPlayback, startPlayback, startTrailer, stopPlayback } from './service.ts';

/** `playback`: watch a film or its trailer, and keep how far one has come. */
export const playbackRouter = router({
  start: userProcedure
    .meta(
      rest('POST', '/library/{movieId}/play', 'Start to watch a film you own', {
        noStore: true,
        description:
          'Takes one of the streams of your account, until it is stopped or silent for a minute. When others have them all, `streams` of the refusal names them.',
      }),
    )
    .input(StartInput)
    .output(Playback)
    .mutation(({ ctx, input }) => startPlayback(ctx.deps, ctx.caller.userId, input)),

  renew: userProcedure
    .meta(
      rest('POST', '/library/{movieId}/renew', 'Get new addresses for what you watch', {
        noStore: true,
        description: 'Ask before `expiresAt`, and play on. After `not_found`, start anew.',
      }),
    )
    .input(PlaybackInput)
    .output(Playback)
    .mutation(({ ctx, input }) => renewPlayback(ctx.deps, ctx.caller.userId, input)),

  stop: userProcedure
    .meta(rest('POST', '/library/{movieId}/stop', 'Stop to watch, and free the stream', { status: 204 }))
    .input(PlaybackInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => stopPlayback(ctx.deps, ctx.caller.userId, input)),

  trailer: anyProcedure
    .meta(rest('POST', '/movies/{movieId}/trailer/play', 'Start to watch a trailer', { noStore: true }))
    .input(PlayInput)
    .output(Playback)
    .mutation(({ ctx, input }) => startTrailer(ctx.deps, input.movieId)),

  progress: userProcedure
    .meta(
      rest('PUT', '/library/{movieId}/progress', 'Keep how far you have come', {
        status: 204,
        description:
          'The last word counts. From its last 8 %, ten minutes at most, a film counts as watched. Of one device, a `sequence` not above the last one comes late and changes nothing.',
      }),
    )
    .input(ProgressInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => saveProgress(ctx.deps, ctx.caller.userId, input)),

  setWatched: userProcedure
    .meta(rest('PUT', '/library/{movieId}/watched', 'Say whether you have watched a film', { status: 204 }))
    .input(WatchedInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => markWatched(ctx.deps, ctx.caller.userId, input)),

  continueWatching: userProcedure
    .meta(
      rest('GET', '/library/continue-watching', 'The films to go on with', {
        description: 'Begun, by 30 seconds or 2 %, and not yet at their credits. The last one watched comes first.',
      }),
    )
    .input(WatchedListInput)
    .output(WatchedPage)
    .query(({ ctx, input }) => listWatched(ctx.deps, 'continue', ctx.caller.userId, input)),

  hide: userProcedure
    .meta(
      rest('DELETE', '/library/continue-watching/{movieId}', 'Hide a film from those to go on with', {
        status: 204,
        description: 'Its progress stays; when it is watched on, it comes back.',
      }),
    )
    .input(PlayInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => hideFromContinueWatching(ctx.deps, ctx.caller.userId, input.movieId)),

  history: userProcedure
    .meta(
      rest('GET', '/library/history', 'What you have watched', {
        description: 'Also what you do not own any more. The film watched last comes first.',
      }),
    )
    .input(WatchedListInput)
    .output(WatchedPage)
    .query(({ ctx, input }) => listWatched(ctx.deps, 'history', ctx.caller.userId, input)),
});
