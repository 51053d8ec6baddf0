import {
  DecideReports,
  ModerationDecision,
  ModerationQueueInput,
  ReportedCommentPage,
} from '@online-cinema/contract/moderation-queue';
import { actorOf } from '../audit.ts';
import { moderatorProcedure, rest, router } from '../trpc.ts';
import { listReported } from './moderation-queue.ts';
import { decideReports } from './reports.ts';

/** `moderation`: what viewers have reported. */
export const moderationQueueRouter = router({
  queue: moderatorProcedure
    .meta(
      rest('GET', '/moderation/reports', 'Reported comments that wait for a decision', {
        description: 'Those that most viewers have reported first, then those that wait longest.',
      }),
    )
    .input(ModerationQueueInput)
    .output(ReportedCommentPage)
    .query(({ ctx, input }) => listReported(ctx.deps, ctx.caller, input)),

  decide: moderatorProcedure
    .meta(rest('POST', '/moderation/reports/{commentId}', 'Keep or remove a reported comment'))
    .input(DecideReports)
    .output(ModerationDecision)
    .mutation(({ ctx, input }) => decideReports(ctx.deps, actorOf(ctx), input)),
});
