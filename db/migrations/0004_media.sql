-- Media: the files of a film, and how far each viewer has come.

create table media_assets (
  id               uuid        not null default uuidv7(),
  movie_id         uuid        not null,
  kind             text        not null,
  -- the folder in object storage: random, so that a key tells nothing and can't be guessed
  storage_prefix   text        not null,
  file_name        text        not null,
  content_type     text        not null,
  byte_count       bigint      not null,
  duration_seconds numeric(9,3) not null,
  width            integer,
  height           integer,
  created_at       timestamptz not null default now(),
  constraint media_assets_pkey primary key (id),
  constraint media_assets_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint media_assets_storage_prefix_key unique (storage_prefix),
  constraint media_assets_kind_check check (kind in ('feature', 'trailer')),
  constraint media_assets_byte_count_check check (byte_count > 0),
  constraint media_assets_duration_seconds_check check (duration_seconds > 0)
);
create index media_assets_movie_id_idx on media_assets (movie_id, kind);

create table media_tracks (
  asset_id  uuid not null,
  language  text not null,
  label     text not null,
  file_name text not null,
  constraint media_tracks_pkey primary key (asset_id, language),
  constraint media_tracks_asset_id_fkey foreign key (asset_id) references media_assets on delete cascade,
  constraint media_tracks_language_check check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$')
);

create table watch_progress (
  user_id          uuid         not null,
  movie_id         uuid         not null,
  position_seconds numeric(9,3) not null,
  duration_seconds numeric(9,3) not null,
  watched_at       timestamptz,
  updated_at       timestamptz  not null default now(),
  constraint watch_progress_pkey primary key (user_id, movie_id),
  constraint watch_progress_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint watch_progress_movie_id_fkey foreign key (movie_id) references movies,
  constraint watch_progress_position_check check (position_seconds between 0 and duration_seconds)
);
