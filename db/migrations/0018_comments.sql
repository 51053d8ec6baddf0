-- What viewers say about films, and what the staff decides about it.

-- A thread is a comment and the replies to it: one level, as a page shows it. A reply to a reply belongs to the same
-- thread and remembers whom it answers.
create table comments (
  id          uuid        not null default uuidv7(),
  movie_id    uuid        not null,
  -- null: a tombstone, which stands for a deleted comment as long as it has replies
  user_id     uuid,
  -- the comment the thread begins with; null: this one begins it
  parent_id   uuid,
  -- the reply that is answered; null: the comment the thread begins with is
  reply_to_id uuid,
  -- as it was typed; null: a tombstone
  text        text,
  spoiler     boolean     not null default false,
  -- Counters are written in the transaction of the act they count.
  like_count  integer     not null default 0,
  reply_count integer     not null default 0,
  created_at  timestamptz not null default now(),
  edited_at   timestamptz,
  -- when enough viewers had reported it; a moderator's decision clears it
  hidden_at   timestamptz,
  deleted_at  timestamptz,
  constraint comments_pkey primary key (id),
  -- What replies refer to; and the way to all comments of a film.
  constraint comments_movie_id_id_key unique (movie_id, id),
  constraint comments_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint comments_user_id_fkey foreign key (user_id) references users,
  -- A reply belongs to its parent's film. Without a cascade: replies go with the film, never with the comment alone.
  constraint comments_parent_id_fkey foreign key (movie_id, parent_id) references comments (movie_id, id),
  constraint comments_reply_to_id_fkey foreign key (reply_to_id) references comments on delete set null,
  constraint comments_reply_to_id_check check (reply_to_id is null or parent_id is not null),
  constraint comments_text_check check (char_length(text) between 1 and 2000),
  constraint comments_deleted_at_check check (
    (deleted_at is null) = (text is not null) and (deleted_at is null) = (user_id is not null)
  ),
  constraint comments_counters_check check (
    like_count >= 0 and reply_count >= 0 and (parent_id is null or reply_count = 0)
  )
);
create index comments_newest_idx on comments (movie_id, created_at desc, id desc) where parent_id is null;
create index comments_top_idx on comments (movie_id, like_count desc, id desc) where parent_id is null;
create index comments_replies_idx on comments (parent_id, created_at, id) where parent_id is not null;
create index comments_reply_to_id_idx on comments (reply_to_id) where reply_to_id is not null;
create index comments_user_id_idx on comments (user_id) where user_id is not null;

-- One that was taken back stays: its author is told of a person's like once.
create table comment_likes (
  comment_id    uuid        not null,
  user_id       uuid        not null,
  created_at    timestamptz not null default now(),
  taken_back_at timestamptz,
  constraint comment_likes_pkey primary key (comment_id, user_id),
  constraint comment_likes_comment_id_fkey foreign key (comment_id) references comments on delete cascade,
  constraint comment_likes_user_id_fkey foreign key (user_id) references users on delete cascade
);
create index comment_likes_user_id_idx on comment_likes (user_id);

-- What viewers report of a comment, from the first report to a decision; the next report begins another case. It tells
-- what was decided also when the comment is gone, so nothing refers to that.
create table moderation_cases (
  id           uuid        not null default uuidv7(),
  comment_id   uuid        not null,
  movie_id     uuid        not null,
  report_count integer     not null default 1,
  opened_at    timestamptz not null default now(),
  -- null: still open
  decision     text,
  -- the moderator's, for the staff
  note         text,
  decided_by   uuid,
  decided_at   timestamptz,
  constraint moderation_cases_pkey primary key (id),
  constraint moderation_cases_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint moderation_cases_decided_by_fkey foreign key (decided_by) references users,
  constraint moderation_cases_report_count_check check (report_count > 0),
  constraint moderation_cases_decision_check check (decision in ('keep', 'remove')),
  constraint moderation_cases_note_check check (char_length(note) between 1 and 1000),
  constraint moderation_cases_decided_at_check check (
    (decision is null) = (decided_at is null) and (decision is null) = (decided_by is null)
    and (decision is null) = (note is null)
  )
);
create unique index moderation_cases_open_key on moderation_cases (comment_id) where decision is null;
create index moderation_cases_comment_id_idx on moderation_cases (comment_id);
create index moderation_cases_movie_id_idx on moderation_cases (movie_id);
-- The queue: most reports first, then the oldest case; both keys ascend.
create index moderation_cases_queue_idx on moderation_cases ((-report_count), id) where decision is null;

create table comment_reports (
  id         uuid        not null default uuidv7(),
  comment_id uuid        not null,
  -- null: the account is gone. The report still counts.
  user_id    uuid,
  case_id    uuid        not null,
  reason     text        not null,
  note       text,
  created_at timestamptz not null default now(),
  constraint comment_reports_pkey primary key (id),
  -- Nobody reports a comment twice, not even after a decision.
  constraint comment_reports_comment_id_user_id_key unique (comment_id, user_id),
  constraint comment_reports_comment_id_fkey foreign key (comment_id) references comments on delete cascade,
  constraint comment_reports_user_id_fkey foreign key (user_id) references users,
  constraint comment_reports_case_id_fkey foreign key (case_id) references moderation_cases on delete cascade,
  constraint comment_reports_reason_check check (reason in ('spam', 'abuse', 'spoiler', 'illegal', 'other')),
  constraint comment_reports_note_check check (char_length(note) between 1 and 1000)
);
create index comment_reports_case_id_idx on comment_reports (case_id);
create index comment_reports_user_id_idx on comment_reports (user_id) where user_id is not null;
