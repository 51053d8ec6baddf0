-- How much of each film the server has sent to a viewer: what a player says of itself, it need not say.

-- It outlives a refund: what is bought again was not unwatched meanwhile.
create table playback_served (
  user_id  uuid             not null,
  movie_id uuid             not null,
  -- of the film, 1 being as much as all of it; what goes out once it counts as watched is not counted any more
  share    double precision not null,
  constraint playback_served_pkey primary key (user_id, movie_id),
  constraint playback_served_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint playback_served_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint playback_served_share_check check (share > 0)
);
create index playback_served_movie_id_idx on playback_served (movie_id);
