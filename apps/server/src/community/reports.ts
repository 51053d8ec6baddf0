import type { CommentReport, ReportComment } from '@online-cinema/contract/comments';
import type { DecideReports, ModerationDecision } from '@online-cinema/contract/moderation-queue';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import type { Limit } from '../lib/rate-limit.ts';
import { findComment } from './comments.ts';
import { holdUsers, lockLivingComment } from './comments-queries.ts';
import { lockForRemoval, removeComments } from './comments-removal.ts';
import { countReport, decideCase, hasReported, insertReport, setHidden, wasDecided } from './reports-queries.ts';

/** As many viewers hide a comment until somebody decides. */
const REPORTS_TO_HIDE = 3;

/** Three accounts hide a comment: they must not hide them all. */
const REPORTS_A_DAY: Limit = {
  windows: [
    { count: 10, seconds: 60 },
    { count: 50, seconds: 86_400 },
  ],
};

type ReportDeps = Pick<Deps, 'db' | 'clock'>;

/**
 * Reports a comment to the moderators, once for each viewer, also after they have decided about it.
 *
 * @throws AppError `not_found`, `own_comment`, `already_reported`, `too_many_requests`.
 */
export async function reportComment(
  { db, clock, limits }: ReportDeps & Pick<Deps, 'limits'>,
  userId: string,
  { commentId, reason, note }: ReportComment,
): Promise<CommentReport> {
  await limits.take('reports.user', userId, REPORTS_A_DAY);
  return await inTransaction(db, async (trx) => {
    await findComment(trx, commentId);
    await holdUsers(trx, [userId]);
    const comment = await lockLivingComment(trx, commentId);
    if (!comment) throw new AppError('not_found');
    if (comment.userId === userId) throw new AppError('own_comment');
    if (await hasReported(trx, commentId, userId)) throw new AppError('already_reported');
    const { id: caseId, reportCount } = await countReport(trx, comment);
    if (reportCount >= REPORTS_TO_HIDE) await setHidden(trx, commentId, clock.now());
    return await insertReport(trx, { commentId, userId, caseId, reason, note: note ?? null });
  });
}

/**
 * Decides about a reported comment: it is shown again, or deleted. Either way its reports are closed; to hide it again
 * takes as many other viewers as the first time.
 *
 * @throws AppError `not_found` when nobody has reported it, `decided`.
 */
export async function decideReports(
  { db, clock }: ReportDeps,
  actor: NonNullable<Actor>,
  { commentId, decision, note }: DecideReports,
): Promise<ModerationDecision> {
  const decidedAt = clock.now();
  return await inTransaction(db, async (trx) => {
    const [comment] = await lockForRemoval(trx, [commentId]);
    const closed =
      comment && (await decideCase(trx, commentId, { decision, note, decidedBy: actor.userId, decidedAt }));
    if (!closed) throw new AppError((await wasDecided(trx, commentId)) ? 'decided' : 'not_found');
    if (decision === 'keep') await setHidden(trx, commentId, null);
    else await removeComments(trx, [commentId], decidedAt);
    // The note may tell of people: it stays with the case, which can be changed.
    const details = { decision, caseId: closed.id, reportCount: closed.reportCount };
    await audit(trx, { actor, action: 'moderation.decide', target: { kind: 'comment', id: commentId }, details });
    return { ...closed, commentId, decision, note, decidedAt };
  });
}
