import { z } from 'zod';
import { Id, Moment, MovieRef, PageInput, pageOf } from './common.ts';
import { UserCard } from './profile.ts';

const LONGEST_TEXT = 2_000;
const LONGEST_NOTE = 1_000;

/** What can be said in this many code points, as the database counts them. It is kept as it was typed. */
export function freeText(longest: number) {
  return z
    .string()
    .max(2 * longest, { abort: true })
    .regex(/[^\s\p{Cc}\p{Cf}]/u, { error: 'Say something.', abort: true })
    .refine((text) => [...text].length <= longest, `At most ${longest} characters.`)
    .meta({ maxLength: longest });
}

const CommentText = freeText(LONGEST_TEXT).meta({
  description: 'Plain text, kept as it was typed. Show it as text, never as HTML.',
});

/** The note a report or a decision may carry. */
export const Note = freeText(LONGEST_NOTE);

/** Why somebody reports a comment. */
export const ReportReason = z.enum(['spam', 'abuse', 'spoiler', 'illegal', 'other']);
export type ReportReason = z.infer<typeof ReportReason>;

/** What somebody said about a film, or answered to it. */
export const Comment = z
  .object({
    id: Id,
    movieId: Id,
    parentId: Id.nullable().meta({ description: 'The comment its thread begins with; null: it begins one.' }),
    replyTo: z
      .object({ id: Id, author: UserCard.nullable() })
      .nullable()
      .meta({ description: 'The reply it answers; null: it answers the comment its thread begins with, or nothing.' }),
    author: UserCard.nullable().meta({ description: 'Null when the comment is deleted, or the account is closed.' }),
    text: z.string().nullable().meta({
      description:
        'As it was typed. Null when it is deleted; when it is hidden, for all but its author and moderators.',
    }),
    spoiler: z.boolean(),
    likeCount: z.int(),
    likedByMe: z.boolean().optional().meta({ description: 'Signed in only.' }),
    replyCount: z.int(),
    createdAt: Moment,
    editedAt: Moment.nullable(),
    isDeleted: z.boolean().meta({ description: 'A tombstone: it stays as long as it has replies.' }),
    isHidden: z.boolean().meta({ description: 'Viewers have reported it, and no moderator has decided yet.' }),
  })
  .meta({ id: 'Comment' });
export type Comment = z.infer<typeof Comment>;

/** A comment with the first replies to it. */
export const CommentThread = Comment.extend({
  replies: z.array(Comment).max(3).meta({ description: 'The first three, the oldest first.' }),
}).meta({ id: 'CommentThread' });
export type CommentThread = z.infer<typeof CommentThread>;

/** What comments can be sorted by; `top` by likes. */
export const CommentSort = z.enum(['newest', 'oldest', 'top']);
export type CommentSort = z.infer<typeof CommentSort>;

export const ListComments = PageInput.extend({ movieId: MovieRef, sort: CommentSort.default('newest') });
export type ListComments = z.infer<typeof ListComments>;
export const CommentThreadPage = pageOf(CommentThread).meta({ id: 'CommentThreadPage' });

export const ListReplies = PageInput.extend({ commentId: Id });
export type ListReplies = z.infer<typeof ListReplies>;
export const CommentPage = pageOf(Comment).meta({ id: 'CommentPage' });

export const CreateComment = z.strictObject({
  movieId: MovieRef,
  text: CommentText,
  parentId: Id.optional().meta({ description: 'The comment that is answered. A reply to a reply joins its thread.' }),
  spoiler: z.boolean().default(false),
});
export type CreateComment = z.infer<typeof CreateComment>;

export const EditComment = z.strictObject({
  commentId: Id,
  text: CommentText.optional(),
  spoiler: z.boolean().optional(),
});
export type EditComment = z.infer<typeof EditComment>;

/** Names a comment. */
export const CommentInput = z.strictObject({ commentId: Id });

export const ReportComment = z.strictObject({ commentId: Id, reason: ReportReason, note: Note.optional() });
export type ReportComment = z.infer<typeof ReportComment>;

/** A report as it was taken. */
export const CommentReport = z
  .object({
    id: Id,
    commentId: Id,
    reason: ReportReason,
    note: z.string().nullable(),
    createdAt: Moment,
  })
  .meta({ id: 'CommentReport' });
export type CommentReport = z.infer<typeof CommentReport>;
