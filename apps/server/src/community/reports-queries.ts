import type { CommentReport, ReportReason } from '@online-cinema/contract/comments';
import type { ModerationDecision } from '@online-cinema/contract/moderation-queue';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';

export async function hasReported(db: Db, commentId: string, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('commentReports')
    .where('commentId', '=', commentId)
    .where('userId', '=', userId)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Counts a report in the open case of a locked comment, which it opens if there is none. */
export async function countReport(
  trx: Db,
  { id, movieId }: { id: string; movieId: string },
): Promise<{ id: string; reportCount: number }> {
  return await trx
    .insertInto('moderationCases')
    .values({ commentId: id, movieId })
    .onConflict((conflict) =>
      conflict
        .column('commentId')
        .where('decision', 'is', null)
        .doUpdateSet({ reportCount: sql`moderation_cases.report_count + 1` }),
    )
    .returning(['id', 'reportCount'])
    .executeTakeFirstOrThrow();
}

export async function insertReport(
  trx: Db,
  report: { commentId: string; userId: string; caseId: string; reason: ReportReason; note: string | null },
): Promise<CommentReport> {
  return await trx
    .insertInto('commentReports')
    .values(report)
    .returning(['id', 'commentId', 'reason', 'note', 'createdAt'])
    .executeTakeFirstOrThrow();
}

/** Hides a comment, unless it is hidden, or shows it again. */
export async function setHidden(trx: Db, commentId: string, hiddenAt: Date | null): Promise<void> {
  await trx
    .updateTable('comments')
    .set({ hiddenAt: hiddenAt && sql`coalesce(hidden_at, ${hiddenAt})` })
    .where('id', '=', commentId)
    .execute();
}

/** Closes the open case of a comment; nothing when there is none. */
export async function decideCase(
  trx: Db,
  commentId: string,
  decided: { decision: 'keep' | 'remove'; note: string; decidedBy: string; decidedAt: Date },
): Promise<Pick<ModerationDecision, 'id' | 'reportCount'> | undefined> {
  return await trx
    .updateTable('moderationCases')
    .set(decided)
    .where('commentId', '=', commentId)
    .where('decision', 'is', null)
    .returning(['id', 'reportCount'])
    .executeTakeFirst();
}

export async function wasDecided(db: Db, commentId: string): Promise<boolean> {
  const row = await db
    .selectFrom('moderationCases')
    .where('commentId', '=', commentId)
    .where('decision', 'is not', null)
    .select('id')
    .executeTakeFirst();
  return row !== undefined;
}
