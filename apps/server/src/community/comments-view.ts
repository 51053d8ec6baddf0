import type { Comment } from '@online-cinema/contract/comments';
import { hasRole } from '@online-cinema/contract/roles';
import { type RawBuilder, sql } from 'kysely';
import { describeCard } from '../accounts/profile.ts';
import type { CardRow } from '../accounts/profile-queries.ts';
import type { Caller } from '../context.ts';
import type { Deps } from '../deps.ts';

/** Who looks at comments; null: nobody who is signed in. */
export type Onlooker = Pick<Caller, 'userId' | 'role'> | null;

/** What a comment is shown from. */
export type CommentViewRow = Omit<Comment, 'author' | 'replyTo' | 'likedByMe'> & {
  author: CardRow | null;
  replyTo: { id: string; author: CardRow | null } | null;
  /** null: nobody asks. */
  likedByMe: boolean | null;
};

/** The columns of a {@link CommentViewRow}, for any query that has `comments` in it, as they are for somebody. */
export function commentColumns(onlooker: Onlooker) {
  return [
    'comments.id',
    'comments.movieId',
    'comments.parentId',
    'comments.spoiler',
    'comments.likeCount',
    'comments.replyCount',
    'comments.createdAt',
    'comments.editedAt',
    sql<string | null>`case when comments.hidden_at is null or ${seesHidden(onlooker)} then comments.text end`.as(
      'text',
    ),
    sql<boolean>`comments.deleted_at is not null`.as('isDeleted'),
    sql<boolean>`comments.hidden_at is not null`.as('isHidden'),
    card(sql.ref('comments.userId')).as('author'),
    sql<CommentViewRow['replyTo']>`(
      select jsonb_build_object('id', answered.id, 'author', ${card(sql.ref('answered.userId'))})
      from comments answered where answered.id = comments.reply_to_id)`.as('replyTo'),
    isLikedBy(onlooker).as('likedByMe'),
  ] as const;
}

/** Makes the comment callers see out of its row. Other columns of the row pass through; the output schema drops them. */
export function toComment(
  config: Pick<Deps['config'], 'publicUrl'>,
  { author, replyTo, likedByMe, ...row }: CommentViewRow,
): Comment {
  return {
    ...row,
    author: author && describeCard(config, author),
    replyTo: replyTo && { id: replyTo.id, author: replyTo.author && describeCard(config, replyTo.author) },
    ...(likedByMe !== null && { likedByMe }),
  };
}

function seesHidden(onlooker: Onlooker): RawBuilder<boolean> {
  if (onlooker === null) return sql`false`;
  return hasRole(onlooker.role, 'moderator') ? sql`true` : sql`comments.user_id = ${onlooker.userId}`;
}

function isLikedBy(onlooker: Onlooker): RawBuilder<boolean | null> {
  if (onlooker === null) return sql`null::boolean`;
  return sql`exists (
    select from comment_likes liked
    where liked.comment_id = comments.id and liked.user_id = ${onlooker.userId} and liked.taken_back_at is null)`;
}

// Of an open account, as everywhere.
function card(userId: RawBuilder<unknown>): RawBuilder<CardRow | null> {
  return sql`(
    select jsonb_build_object('id', users.id, 'firstName', profiles.first_name, 'lastName', profiles.last_name,
      'avatarKey', profiles.avatar_key)
    from users left join profiles on profiles.user_id = users.id
    where users.id = ${userId} and users.is_active)`;
}
