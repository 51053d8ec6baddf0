import type { Comment, CreateComment, EditComment } from '@online-cinema/contract/comments';
import { hasRole } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import { inTransaction } from '@online-cinema/db/transaction';
import { type Actor, audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import type { Limit } from '../lib/rate-limit.ts';
import { getComment } from './comments-list.ts';
import {
  addToLikeCount,
  type CommentRow,
  holdMovie,
  holdUsers,
  insertComment,
  lockLivingComment,
  lockThread,
  selectAnyLivingComment,
  selectLivingComment,
  selectTalkedAboutMovie,
  takeLikeBack,
  type TalkedAboutMovie,
  updateComment,
  upsertLike,
} from './comments-queries.ts';
import { removeComments } from './comments-removal.ts';
import type { Onlooker } from './comments-view.ts';
import { tell } from './notifications.ts';

const COMMENTS_A_MINUTE: Limit = { windows: [{ count: 10, seconds: 60 }] };
/** Likes, and changes of what was said. */
const ACTS_A_MINUTE: Limit = { windows: [{ count: 60, seconds: 60 }] };

type CommentDeps = Pick<Deps, 'db' | 'config' | 'limits'>;

/**
 * Says something about a film, or answers what was said. A reply to a reply joins its thread. The author of what is
 * answered is told.
 *
 * @throws AppError `not_found` (the film, or what is answered), `wrong_parent`, `too_many_requests`.
 */
export async function createComment(
  deps: CommentDeps & Pick<Deps, 'queue'>,
  caller: NonNullable<Onlooker>,
  input: CreateComment,
): Promise<Comment> {
  await deps.limits.take('comments.user', caller.userId, COMMENTS_A_MINUTE);
  try {
    const id = await inTransaction(deps.db, async (trx) => await writeComment(deps, trx, caller.userId, input));
    return await getComment(deps, caller, id);
  } catch (error) {
    await deps.limits.giveBack('comments.user', caller.userId);
    throw error;
  }
}

/** Changes what its author said. @throws AppError `not_found`, `not_author`, `too_many_requests`. */
export async function editComment(
  deps: CommentDeps,
  caller: NonNullable<Onlooker>,
  { commentId, text, spoiler }: EditComment,
): Promise<Comment> {
  await takeAct(deps, caller.userId);
  await inTransaction(deps.db, async (trx) => {
    const comment = await lockLivingComment(trx, commentId);
    if (!comment) throw new AppError('not_found');
    if (comment.userId !== caller.userId) throw new AppError('not_author');
    await updateComment(trx, commentId, { text, spoiler });
  });
  return await getComment(deps, caller, commentId);
}

/**
 * Deletes a comment, for its author or for the staff. One with replies leaves a tombstone.
 *
 * @throws AppError `not_found`, `not_author`.
 */
export async function deleteComment(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  actor: NonNullable<Actor>,
  commentId: string,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const comment = await selectAnyLivingComment(trx, commentId);
    if (!comment) throw new AppError('not_found');
    const isOwn = comment.userId === actor.userId;
    if (!isOwn && !hasRole(actor.role, 'moderator')) throw new AppError('not_author');
    if ((await removeComments(trx, [commentId], clock.now())) === 0) throw new AppError('not_found');
    if (isOwn) return;
    const target = { kind: 'comment', id: commentId };
    await audit(trx, { actor, action: 'comments.delete', target, details: { movieId: comment.movieId } });
  });
}

/**
 * Likes a comment; its author is told of the first like of each person.
 *
 * @throws AppError `not_found`, `too_many_requests`.
 */
export async function likeComment(
  { db, queue, limits }: Pick<Deps, 'db' | 'queue' | 'limits'>,
  userId: string,
  commentId: string,
): Promise<void> {
  await takeAct({ limits }, userId);
  await inTransaction(db, async (trx) => {
    const { userId: authorId } = await findComment(trx, commentId);
    await holdUsers(trx, [userId, authorId]);
    const comment = await lockLivingComment(trx, commentId);
    if (!comment) throw new AppError('not_found');
    const liked = await upsertLike(trx, commentId, userId);
    if (liked === null) return;
    await addToLikeCount(trx, commentId, 1);
    if (liked === 'again' || authorId === userId) return;
    const movie = await selectTalkedAboutMovie(trx, comment.movieId);
    const text = `Somebody likes your comment on ${titleOf(movie)}.`;
    await tell({ queue }, trx, [authorId], { kind: 'comment_like', text, link: linkTo(movie, commentId) });
  });
}

/** Takes a like back; fine when there is none. @throws AppError `not_found`, `too_many_requests`. */
export async function unlikeComment(
  { db, clock, limits }: Pick<Deps, 'db' | 'clock' | 'limits'>,
  userId: string,
  commentId: string,
): Promise<void> {
  await takeAct({ limits }, userId);
  await inTransaction(db, async (trx) => {
    if (!(await lockLivingComment(trx, commentId))) throw new AppError('not_found');
    if (await takeLikeBack(trx, commentId, userId, clock.now())) await addToLikeCount(trx, commentId, -1);
  });
}

/** A comment that is not deleted, of a film of the catalogue. @throws AppError `not_found`. */
export async function findComment(db: Db, commentId: string): Promise<CommentRow> {
  const comment = await selectLivingComment(db, commentId);
  if (!comment) throw new AppError('not_found');
  return comment;
}

async function takeAct({ limits }: Pick<Deps, 'limits'>, userId: string): Promise<void> {
  await limits.take('comments.acts', userId, ACTS_A_MINUTE);
}

async function writeComment(
  { queue }: Pick<Deps, 'queue'>,
  trx: Db,
  userId: string,
  input: CreateComment,
): Promise<string> {
  const answered = input.parentId === undefined ? null : await selectLivingComment(trx, input.parentId);
  await holdUsers(trx, [userId, ...(answered ? [answered.userId] : [])]);
  const movie = await holdMovie(trx, input.movieId);
  if (!movie || answered === undefined) throw new AppError('not_found');
  if (answered && answered.movieId !== movie.id) throw new AppError('wrong_parent');
  if (answered) await lockAnswered(trx, answered);
  const id = await insertComment(trx, {
    movieId: movie.id,
    userId,
    parentId: answered && (answered.parentId ?? answered.id),
    replyToId: answered?.parentId ? answered.id : null,
    text: input.text,
    spoiler: input.spoiler,
  });
  if (answered && answered.userId !== userId) {
    const text = `There is a reply to your comment on ${titleOf(movie)}.`;
    await tell({ queue }, trx, [answered.userId], { kind: 'comment_reply', text, link: linkTo(movie, id) });
  }
  return id;
}

// Nothing in a thread is deleted while it is locked.
async function lockAnswered(trx: Db, { id, parentId }: CommentRow): Promise<void> {
  const isThere = (await lockThread(trx, parentId ?? id)) && (await selectLivingComment(trx, id));
  if (!isThere) throw new AppError('not_found');
}

// Notices tell no names and no words of others: they could not be taken back.
function titleOf({ name, year }: TalkedAboutMovie): string {
  return `${name} (${year})`;
}

function linkTo({ slug }: TalkedAboutMovie, commentId: string): `/${string}` {
  return `/movies/${slug}#comment-${commentId}`;
}
