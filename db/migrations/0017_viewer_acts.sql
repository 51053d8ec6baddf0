-- What viewers think of films, and what is recommended to them for it.

-- Counters of all three stand in the film's row and are written in the transaction of the act they count.
create table reactions (
  user_id    uuid        not null,
  movie_id   uuid        not null,
  kind       text        not null,
  reacted_at timestamptz not null default now(),
  constraint reactions_pkey primary key (user_id, movie_id),
  constraint reactions_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint reactions_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint reactions_kind_check check (kind in ('like', 'dislike'))
);
-- A film's likers, without a look at the rows.
create index reactions_movie_id_idx on reactions (movie_id, kind, user_id);
create index reactions_reacted_at_idx on reactions (reacted_at);

create table ratings (
  user_id  uuid        not null,
  movie_id uuid        not null,
  score    smallint    not null,
  rated_at timestamptz not null default now(),
  constraint ratings_pkey primary key (user_id, movie_id),
  constraint ratings_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint ratings_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint ratings_score_check check (score between 1 and 10)
);
create index ratings_movie_id_idx on ratings (movie_id);
create index ratings_rated_at_idx on ratings (rated_at);

create table favorites (
  user_id  uuid        not null,
  movie_id uuid        not null,
  added_at timestamptz not null default now(),
  constraint favorites_pkey primary key (user_id, movie_id),
  constraint favorites_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint favorites_movie_id_fkey foreign key (movie_id) references movies on delete cascade
);
create index favorites_movie_id_idx on favorites (movie_id);
create index favorites_added_at_idx on favorites (added_at);

create index library_movies_lately_added_idx on library_movies (added_at);

-- When a viewer last did something that tells what he likes, and what has been made of it.
create table viewer_acts (
  user_id     uuid        not null,
  acted_at    timestamptz not null,
  -- since when a job waits that recommends him films anew; null: none does
  queued_at   timestamptz,
  computed_at timestamptz,
  constraint viewer_acts_pkey primary key (user_id),
  constraint viewer_acts_user_id_fkey foreign key (user_id) references users on delete cascade
);

-- What is recommended to a viewer, best first. It names films without a reference: what is derived must not stand in
-- the way of a film that goes, and whoever reads it joins the film anyway.
create table recommendations (
  user_id  uuid     not null,
  rank     smallint not null,
  movie_id uuid     not null,
  why      jsonb    not null,
  constraint recommendations_pkey primary key (user_id, rank),
  constraint recommendations_user_id_fkey foreign key (user_id) references users on delete cascade
);

-- The films of the last days, best first; names films as the table above does.
create table trending_movies (
  rank         smallint not null,
  movie_id     uuid     not null,
  viewer_count integer  not null,
  constraint trending_movies_pkey primary key (rank)
);

-- What is bought, given or watched to its end is told by the database: those who write it know nothing of taste. Not
-- the time the transaction began: a computation may have begun and ended since.
create function note_viewer_act() returns trigger language plpgsql as $$
begin
  insert into viewer_acts (user_id, acted_at) values (new.user_id, clock_timestamp())
  on conflict (user_id) do update set acted_at = clock_timestamp();
  return null;
end $$;
create trigger library_movies_note_act after insert on library_movies
  for each row execute function note_viewer_act();
create trigger watch_progress_note_act after insert or update of watched_at on watch_progress
  for each row when (new.watched_at is not null) execute function note_viewer_act();
insert into viewer_acts (user_id, acted_at) select user_id, max(added_at) from library_movies group by user_id;

-- New films: since they are both out and here. A day is that of UTC, so that an index can hold it.
create function available_since(release_date date, year smallint, created_at timestamptz) returns date
language sql immutable parallel safe
return greatest(coalesce(release_date, make_date(year, 1, 1)), (created_at at time zone 'UTC')::date);

create index movies_available_idx on movies (
  available_since(release_date, year, created_at) desc, coalesce(release_date, make_date(year, 1, 1)) desc, id desc
) where withdrawn_at is null and price_amount is not null and status = 'released';
