import {
  Comment,
  CommentInput,
  CommentPage,
  CommentReport,
  CommentThreadPage,
  CreateComment,
  EditComment,
  ListComments,
  ListReplies,
  ReportComment,
} from '@online-cinema/contract/comments';
import { Nothing } from '@online-cinema/contract/common';
import { actorOf } from '../audit.ts';
import { rest, router, userProcedure, viewerProcedure } from '../trpc.ts';
import { createComment, deleteComment, editComment, likeComment, unlikeComment } from './comments.ts';
import { listReplies, listThreads } from './comments-list.ts';
import { reportComment } from './reports.ts';

export const commentsRouter = router({
  list: viewerProcedure
    .meta(
      rest('GET', '/movies/{movieId}/comments', 'What viewers say about a film', {
        description: 'Each comment comes with the first three replies to it; ask for the replies to get them all.',
      }),
    )
    .input(ListComments)
    .output(CommentThreadPage)
    .query(({ ctx, input }) => listThreads(ctx.deps, ctx.caller, input)),

  replies: viewerProcedure
    .meta(rest('GET', '/comments/{commentId}/replies', 'The replies to a comment, the oldest first'))
    .input(ListReplies)
    .output(CommentPage)
    .query(({ ctx, input }) => listReplies(ctx.deps, ctx.caller, input)),

  create: userProcedure
    .meta(
      rest('POST', '/movies/{movieId}/comments', 'Say something about a film, or answer a comment', {
        status: 201,
        description: 'At most ten a minute. The author of what is answered is told.',
      }),
    )
    .input(CreateComment)
    .output(Comment)
    .mutation(({ ctx, input }) => createComment(ctx.deps, ctx.caller, input)),

  edit: userProcedure
    .meta(
      rest('PATCH', '/comments/{commentId}', 'Change what you said', {
        description: 'What is left out stays.',
      }),
    )
    .input(EditComment)
    .output(Comment)
    .mutation(({ ctx, input }) => editComment(ctx.deps, ctx.caller, input)),

  delete: userProcedure
    .meta(
      rest('DELETE', '/comments/{commentId}', 'Delete a comment', {
        status: 204,
        description: 'Your own; moderators delete those of others too. One with replies leaves a tombstone.',
      }),
    )
    .input(CommentInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => deleteComment(ctx.deps, actorOf(ctx), input.commentId)),

  like: userProcedure
    .meta(rest('PUT', '/comments/{commentId}/like', 'Like a comment', { status: 204 }))
    .input(CommentInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => likeComment(ctx.deps, ctx.caller.userId, input.commentId)),

  unlike: userProcedure
    .meta(rest('DELETE', '/comments/{commentId}/like', 'Take a like back', { status: 204 }))
    .input(CommentInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => unlikeComment(ctx.deps, ctx.caller.userId, input.commentId)),

  report: userProcedure
    .meta(
      rest('POST', '/comments/{commentId}/reports', 'Report a comment to the moderators', {
        status: 201,
        description: 'Once, whatever they decide. Three viewers hide a comment until a moderator has looked at it.',
      }),
    )
    .input(ReportComment)
    .output(CommentReport)
    .mutation(({ ctx, input }) => reportComment(ctx.deps, ctx.caller.userId, input)),
});
