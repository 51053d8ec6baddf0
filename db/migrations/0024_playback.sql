-- Playback: who is watching just now, and the order in which players tell how far they have come.

-- One row for each film that plays: a slot of its account. Whoever has said nothing for a minute holds none, but may come
-- back to it; a stream that was stopped has no row.
create table playback_streams (
  id           uuid        not null default uuidv7(),
  user_id      uuid        not null,
  movie_id     uuid        not null,
  -- What the player calls itself: when it starts anew, it needs no second slot.
  device_id    text,
  started_at   timestamptz not null,
  last_seen_at timestamptz not null,
  constraint playback_streams_pkey primary key (id),
  constraint playback_streams_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint playback_streams_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint playback_streams_user_id_device_id_key unique (user_id, device_id)
);
create index playback_streams_movie_id_idx on playback_streams (movie_id);
-- last_seen_at stands in no index: it changes all the time, and only there.
alter table playback_streams set (fillfactor = 70);

-- The number of the last word of each player about a film. Words overtake each other; one that comes late is not heard.
create table playback_devices (
  user_id   uuid        not null,
  movie_id  uuid        not null,
  device_id text        not null,
  sequence  bigint      not null,
  seen_at   timestamptz not null,
  constraint playback_devices_pkey primary key (user_id, movie_id, device_id),
  constraint playback_devices_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint playback_devices_movie_id_fkey foreign key (movie_id) references movies on delete cascade
);
create index playback_devices_movie_id_idx on playback_devices (movie_id);
create index playback_devices_seen_at_idx on playback_devices (seen_at);

-- Since when a viewer does not want to be asked whether to go on; watching on ends it.
alter table watch_progress add column hidden_at timestamptz;
create index watch_progress_updated_at_idx on watch_progress (user_id, updated_at desc, movie_id desc);
