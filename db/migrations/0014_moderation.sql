-- What moderators need to keep the catalogue, and what they and viewers are told of it.

-- Something a user is told in the app; some of it by mail too.
create table notifications (
  id         uuid        not null default uuidv7(),
  user_id    uuid        not null,
  kind       text        not null,
  text       text        not null,
  -- where it leads: a path of the web app
  link       text,
  created_at timestamptz not null default now(),
  read_at    timestamptz,
  -- when it went out by mail too: a run that is repeated sends only what is left
  mailed_at  timestamptz,
  constraint notifications_pkey primary key (id),
  constraint notifications_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint notifications_kind_check check (kind ~ '^[a-z]+(_[a-z]+)*$'),
  constraint notifications_text_check check (char_length(text) between 1 and 1000),
  constraint notifications_link_check check (link ~ '^/[^/\\]')
);
create index notifications_user_id_idx on notifications (user_id, created_at desc, id desc);

alter table movies
  -- When the staff was last told that this film can't be deleted.
  add column delete_refused_at timestamptz,
  -- Changes with what a drawn poster shows, so that its address may be kept for long.
  add column poster_version text not null generated always as (
    to_hex(hash_array_extended(tag_ids, hashtextextended(name, year::bigint * 100000 + time)))
  ) virtual;
-- The sweep asks which of the stored posters a film names.
create index movies_poster_key_idx on movies (poster_key) where poster_key is not null;

-- The lists of people, sorted as titles are; those of the other names are short.
create index stars_name_idx on stars (name collate titles, id);
create index directors_name_idx on directors (name collate titles, id);
