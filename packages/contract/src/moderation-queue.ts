import { z } from 'zod';
import { Comment, Note, ReportReason } from './comments.ts';
import { Id, Moment, PageInput, pageOf } from './common.ts';

/** A comment that viewers have reported, and what they say. Who they are, nobody is told. */
export const ReportedComment = z
  .object({
    comment: Comment,
    movie: z.object({ id: Id, slug: z.string(), name: z.string(), year: z.int() }),
    reportCount: z.int().meta({ description: 'How many viewers have reported it since it was last decided about.' }),
    reasons: z.array(z.object({ reason: ReportReason, count: z.int() })).meta({ description: 'The most given first.' }),
    notes: z
      .array(z.object({ reason: ReportReason, note: z.string(), createdAt: Moment }))
      .max(20)
      .meta({ description: 'What the last twenty who wrote something wrote, the newest first.' }),
    firstReportedAt: Moment,
  })
  .meta({ id: 'ReportedComment' });
export type ReportedComment = z.infer<typeof ReportedComment>;

export const ModerationQueueInput = PageInput;
export const ReportedCommentPage = pageOf(ReportedComment).meta({ id: 'ReportedCommentPage' });

export const DecideReports = z.strictObject({
  commentId: Id,
  decision: z.enum(['keep', 'remove']).meta({
    description: '`keep` shows the comment again and closes its reports, `remove` deletes it.',
  }),
  note: Note.meta({ description: 'Why, for the staff.' }),
});
export type DecideReports = z.infer<typeof DecideReports>;

/** What was decided about a reported comment. */
export const ModerationDecision = z
  .object({
    id: Id,
    commentId: Id,
    decision: DecideReports.shape.decision,
    note: z.string(),
    reportCount: z.int(),
    decidedAt: Moment,
  })
  .meta({ id: 'ModerationDecision' });
export type ModerationDecision = z.infer<typeof ModerationDecision>;
