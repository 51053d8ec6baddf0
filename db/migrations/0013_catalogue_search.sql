-- Search that forgives: words before they are typed to their end, titles made of stop words, typing errors.

-- As "cinema", but without stems and stop words: what is typed half, and films like "It" or "The Who", are found by it.
create text search configuration cinema_names (copy = simple);
alter text search configuration cinema_names
  alter mapping for hword, hword_part, word with unaccent, simple;

-- Title (A), people (B) and description (C) by their stems; title and people as they are written (D).
create function search_document(title text, people text, description text) returns tsvector
language sql immutable parallel safe
return setweight(to_tsvector('public.cinema', title), 'A')
    || setweight(to_tsvector('public.cinema', people), 'B')
    || setweight(to_tsvector('public.cinema', description), 'C')
    || setweight(to_tsvector('public.cinema_names', title || ' ' || people), 'D');

create or replace function movie_search_document(movie_id uuid) returns tsvector
language sql stable
return (
  select search_document(movie.name, coalesce(people.names, ''), movie.description)
  from movies movie
  cross join lateral (
    select string_agg(person.name, ' ' order by person.line, person.position) as names
    from (
      select star.name, 1 as line, link.position from movie_stars link join stars star on star.id = link.star_id
      where link.movie_id = movie.id
      union all
      select director.name, 2, link.position from movie_directors link join directors director on director.id = link.director_id
      where link.movie_id = movie.id
    ) person
  ) people
  where movie.id = movie_search_document.movie_id
);

-- The words of a name in lower case, without accents and marks, each with a blank before it: '% god%' is "a word begins
-- with god", and nobody's percent sign is more than a blank. The dictionary is named in full: it is that which makes
-- unaccent immutable, whatever the search path.
create function search_key(name text) returns text
language sql immutable strict parallel safe
return ' ' || btrim(regexp_replace(
  translate(lower(public.unaccent('public.unaccent', name)), '''’', ''), '[^[:alnum:]]+', ' ', 'g'
));

-- Stored, because a search by trigrams looks at thousands of them.
alter table movies    add column title_key text not null generated always as (search_key(name)) stored;
alter table stars     add column name_key  text not null generated always as (search_key(name)) stored;
alter table directors add column name_key  text not null generated always as (search_key(name)) stored;

-- Whole titles, and what titles begin with; the popular ones of one title first.
create index movies_title_key_idx on movies (title_key collate "C", votes desc, id desc) where withdrawn_at is null;
-- Beginnings of words within, and typing errors.
create index movies_title_key_trgm_idx on movies using gin (title_key gin_trgm_ops) where withdrawn_at is null;
create index stars_name_key_trgm_idx on stars using gin (name_key gin_trgm_ops);
create index directors_name_key_trgm_idx on directors using gin (name_key gin_trgm_ops);
-- What short beginnings are looked up in: those who made most films.
create index stars_movie_count_idx on stars (movie_count desc, id desc);
create index directors_movie_count_idx on directors (movie_count desc, id desc);

update movies set search = movie_search_document(id);
