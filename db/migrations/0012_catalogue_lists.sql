-- Lists of a large catalogue: filters by what a film is tagged with, counts beside each name, estimates, sorted titles.

-- Titles as people look for them: capitals and accents beside their letters, "Alien 2" before "Alien 10", and alike on
-- every host. After an upgrade of ICU, Postgres tells to rebuild what was sorted by it.
create collation titles (provider = icu, locale = 'und-u-kn');

alter table movies
  -- Ids of its genres, stars, directors, countries, languages and certification: one index answers every combination,
  -- and the statistics of elements tell the planner which are rare.
  add column tag_ids uuid[] not null default '{}',
  -- A place in a fixed random order. The films of lowest lot are a fair sample of any filter.
  add column lot real not null default random();

create index movies_tag_ids_idx on movies using gin (tag_ids);
create index movies_lot_idx on movies (lot) where withdrawn_at is null;
create index movies_status_idx on movies (status) where withdrawn_at is null;

-- The indexes of the sorts bring along what is filtered by, so that a walk that passes many films reads no rows of them.
drop index movies_imdb_idx, movies_votes_idx, movies_year_idx, movies_created_at_idx, movies_name_idx,
  movies_price_asc_idx, movies_price_desc_idx, movies_rating_asc_idx, movies_rating_desc_idx;
create index movies_imdb_idx on movies (imdb desc, id desc)
  include (year, price_amount, price_currency, status) where withdrawn_at is null;
create index movies_votes_idx on movies (votes desc, id desc)
  include (year, imdb, price_amount, price_currency, status) where withdrawn_at is null;
create index movies_year_idx on movies (year desc, id desc)
  include (imdb, price_amount, price_currency, status) where withdrawn_at is null;
create index movies_created_at_idx on movies (created_at desc, id desc)
  include (year, imdb, price_amount, price_currency, status) where withdrawn_at is null;
create index movies_name_idx on movies (name collate titles, id)
  include (year, imdb, price_amount, price_currency, status) where withdrawn_at is null;
create index movies_price_asc_idx on movies (price_amount, id)
  include (year, imdb, price_currency, status) where withdrawn_at is null;
create index movies_price_desc_idx on movies (price_amount desc nulls last, id desc)
  include (year, imdb, price_currency, status) where withdrawn_at is null;
create index movies_rating_asc_idx on movies (rating_average, id)
  include (year, imdb, price_amount, price_currency, status) where withdrawn_at is null;
create index movies_rating_desc_idx on movies (rating_average desc nulls last, id desc)
  include (year, imdb, price_amount, price_currency, status) where withdrawn_at is null;

-- How many films of the lists each name has.
alter table genres         add column movie_count integer not null default 0;
alter table stars          add column movie_count integer not null default 0;
alter table directors      add column movie_count integer not null default 0;
alter table certifications add column movie_count integer not null default 0;
alter table countries      add column movie_count integer not null default 0;
alter table languages      add column movie_count integer not null default 0;

-- Adds to each name's counter; in one order, so that two who write films of the same names wait for each other.
create function add_movie_counts(tag_ids uuid[], deltas integer[]) returns void language plpgsql as $$
declare
  kind text;
begin
  foreach kind in array array['genres', 'stars', 'directors', 'certifications', 'countries', 'languages'] loop
    execute format('select from %I where id = any($1) order by id for no key update', kind) using tag_ids;
    execute format(
      'update %I named set movie_count = named.movie_count + change.delta
       from unnest($1, $2) change(id, delta) where named.id = change.id', kind
    ) using tag_ids, deltas;
  end loop;
end $$;

-- A trigger with transition tables can't be bound to columns: most updates (of a counter, say) end at the first look.
create function count_movies() returns trigger language plpgsql as $$
declare
  changed_ids uuid[];
  deltas integer[];
begin
  if tg_op = 'INSERT' then
    select array_agg(id), array_agg(delta) into changed_ids, deltas from (
      select tag as id, count(*)::int as delta
      from new_movies, unnest(tag_ids) tag where withdrawn_at is null group by tag
    ) change;
  elsif tg_op = 'DELETE' then
    select array_agg(id), array_agg(delta) into changed_ids, deltas from (
      select tag as id, -count(*)::int as delta
      from old_movies, unnest(tag_ids) tag where withdrawn_at is null group by tag
    ) change;
  else
    if not exists (
      select from new_movies after join old_movies before using (id)
      where before.tag_ids <> after.tag_ids or (before.withdrawn_at is null) <> (after.withdrawn_at is null)
    ) then
      return null;
    end if;
    select array_agg(id), array_agg(delta) into changed_ids, deltas from (
      select tag as id, sum(sign)::int as delta
      from (
        select unnest(tag_ids) as tag, 1 as sign from new_movies where withdrawn_at is null
        union all
        select unnest(tag_ids), -1 from old_movies where withdrawn_at is null
      ) counted
      group by tag having sum(sign) <> 0
    ) change;
  end if;
  if changed_ids is not null then
    perform add_movie_counts(changed_ids, deltas);
  end if;
  return null;
end $$;
create trigger movies_inserted_count after insert on movies
  referencing new table as new_movies for each statement execute function count_movies();
create trigger movies_updated_count after update on movies
  referencing old table as old_movies new table as new_movies for each statement execute function count_movies();
create trigger movies_deleted_count after delete on movies
  referencing old table as old_movies for each statement execute function count_movies();

-- What the lists filter by: all that a film is linked to.
create function movie_tag_ids(movie_id uuid) returns uuid[]
language sql stable
return (
  select coalesce(array_agg(tag.id order by tag.id), '{}')
  from (
    select movie.certification_id as id from movies movie where movie.id = movie_tag_ids.movie_id
    union select genre_id from movie_genres link where link.movie_id = movie_tag_ids.movie_id
    union select star_id from movie_stars link where link.movie_id = movie_tag_ids.movie_id
    union select director_id from movie_directors link where link.movie_id = movie_tag_ids.movie_id
    union select country_id from movie_countries link where link.movie_id = movie_tag_ids.movie_id
    union select language_id from movie_languages link where link.movie_id = movie_tag_ids.movie_id
  ) tag
);

-- Writes anew what is derived from a film and its links. Called in the transaction that changed them, once and last:
-- it holds the counters of every name it changes until the end. The second statement sees what others had written
-- while the first one waited for them.
create function refresh_movies(movie_ids uuid[]) returns void language plpgsql as $$
begin
  perform from movies where id = any(movie_ids) order by id for no key update;
  update movies movie
  set tag_ids = derived.tag_ids, search = derived.search
  from (
    select id, movie_tag_ids(id) as tag_ids, movie_search_document(id) as search
    from movies where id = any(movie_ids)
  ) derived
  where movie.id = derived.id and (movie.tag_ids <> derived.tag_ids or movie.search <> derived.search);
end $$;

select refresh_movies(array(select id from movies));
