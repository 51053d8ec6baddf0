-- The catalogue: films and what they are described by.

create extension if not exists unaccent;
create extension if not exists pg_trgm;

-- English stemming without accents: "Amelie" finds "Amélie".
create text search configuration cinema (copy = english);
alter text search configuration cinema
  alter mapping for hword, hword_part, word with unaccent, english_stem;

create table certifications (
  id   uuid not null default uuidv7(),
  name text not null,
  constraint certifications_pkey primary key (id),
  constraint certifications_name_check check (char_length(name) between 1 and 100)
);
create unique index certifications_name_key on certifications (lower(name));

create table genres (
  id   uuid not null default uuidv7(),
  name text not null,
  constraint genres_pkey primary key (id),
  constraint genres_name_check check (char_length(name) between 1 and 100)
);
create unique index genres_name_key on genres (lower(name));

create table stars (
  id   uuid not null default uuidv7(),
  name text not null,
  constraint stars_pkey primary key (id),
  constraint stars_name_check check (char_length(name) between 1 and 200)
);
create unique index stars_name_key on stars (lower(name));

create table directors (
  id   uuid not null default uuidv7(),
  name text not null,
  constraint directors_pkey primary key (id),
  constraint directors_name_check check (char_length(name) between 1 and 200)
);
create unique index directors_name_key on directors (lower(name));

create table countries (
  id   uuid not null default uuidv7(),
  name text not null,
  constraint countries_pkey primary key (id),
  constraint countries_name_check check (char_length(name) between 1 and 100)
);
create unique index countries_name_key on countries (lower(name));

create table languages (
  id   uuid not null default uuidv7(),
  name text not null,
  constraint languages_pkey primary key (id),
  constraint languages_name_check check (char_length(name) between 1 and 100)
);
create unique index languages_name_key on languages (lower(name));

create table movies (
  id               uuid         not null default uuidv7(),
  slug             text         not null,
  name             text         not null,
  year             smallint     not null,
  -- minutes
  time             smallint     not null,
  release_date     date,
  imdb             numeric(3,1) not null,
  votes            integer      not null default 0,
  meta_score       smallint,
  gross_amount     bigint,
  gross_currency   text,
  budget_amount    bigint,
  budget_currency  text,
  description      text         not null,
  -- null: not for sale
  price_amount     integer,
  price_currency   text,
  status           text         not null default 'released',
  certification_id uuid         not null,
  poster_key       text,
  -- Withdrawn films leave the lists and stay in libraries, orders and receipts.
  withdrawn_at     timestamptz,
  -- Counters are written in the transaction of the act they count.
  rating_sum       bigint       not null default 0,
  rating_count     integer      not null default 0,
  rating_average   numeric(4,2) generated always as (round(rating_sum::numeric / nullif(rating_count, 0), 2)) stored,
  like_count       integer      not null default 0,
  dislike_count    integer      not null default 0,
  favorite_count   integer      not null default 0,
  comment_count    integer      not null default 0,
  has_video        boolean      not null default false,
  -- Title (A), people (B), description (C): one document a film, so that a search reads one index.
  search           tsvector     not null default '',
  created_at       timestamptz  not null default now(),
  updated_at       timestamptz  not null default now(),
  constraint movies_pkey primary key (id),
  constraint movies_slug_key unique (slug),
  constraint movies_certification_id_fkey foreign key (certification_id) references certifications,
  constraint movies_slug_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  constraint movies_name_check check (char_length(name) between 1 and 250),
  constraint movies_year_check check (year between 1888 and 2200),
  constraint movies_time_check check (time > 0),
  constraint movies_imdb_check check (imdb between 0 and 10),
  constraint movies_votes_check check (votes >= 0),
  constraint movies_meta_score_check check (meta_score between 0 and 100),
  constraint movies_gross_check check ((gross_amount is null) = (gross_currency is null) and gross_amount >= 0),
  constraint movies_budget_check check ((budget_amount is null) = (budget_currency is null) and budget_amount >= 0),
  constraint movies_price_check check ((price_amount is null) = (price_currency is null) and price_amount >= 0),
  constraint movies_currency_check check (
    gross_currency ~ '^[A-Z]{3}$' and budget_currency ~ '^[A-Z]{3}$' and price_currency ~ '^[A-Z]{3}$'
  ),
  constraint movies_status_check check (status in ('released', 'in_production', 'post_production')),
  constraint movies_counters_check check (
    rating_sum >= 0 and rating_count >= 0 and like_count >= 0 and dislike_count >= 0
    and favorite_count >= 0 and comment_count >= 0
  )
);

-- One film in the catalogue; a withdrawn one does not stand in the way of its return.
create unique index movies_name_year_time_key on movies (name, year, time) where withdrawn_at is null;

create table movie_genres (
  movie_id uuid     not null,
  genre_id uuid     not null,
  position smallint not null,
  constraint movie_genres_pkey primary key (movie_id, genre_id),
  constraint movie_genres_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint movie_genres_genre_id_fkey foreign key (genre_id) references genres
);
create index movie_genres_genre_id_idx on movie_genres (genre_id, movie_id);

create table movie_stars (
  movie_id uuid     not null,
  star_id  uuid     not null,
  position smallint not null,
  constraint movie_stars_pkey primary key (movie_id, star_id),
  constraint movie_stars_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint movie_stars_star_id_fkey foreign key (star_id) references stars
);
create index movie_stars_star_id_idx on movie_stars (star_id, movie_id);

create table movie_directors (
  movie_id    uuid     not null,
  director_id uuid     not null,
  position    smallint not null,
  constraint movie_directors_pkey primary key (movie_id, director_id),
  constraint movie_directors_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint movie_directors_director_id_fkey foreign key (director_id) references directors
);
create index movie_directors_director_id_idx on movie_directors (director_id, movie_id);

create table movie_countries (
  movie_id   uuid     not null,
  country_id uuid     not null,
  position   smallint not null,
  constraint movie_countries_pkey primary key (movie_id, country_id),
  constraint movie_countries_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint movie_countries_country_id_fkey foreign key (country_id) references countries
);
create index movie_countries_country_id_idx on movie_countries (country_id, movie_id);

create table movie_languages (
  movie_id    uuid     not null,
  language_id uuid     not null,
  position    smallint not null,
  constraint movie_languages_pkey primary key (movie_id, language_id),
  constraint movie_languages_movie_id_fkey foreign key (movie_id) references movies on delete cascade,
  constraint movie_languages_language_id_fkey foreign key (language_id) references languages
);
create index movie_languages_language_id_idx on movie_languages (language_id, movie_id);

-- Each sort of the list can walk an index; the id makes the order total. Withdrawn films are in none of them. Where a
-- key may be missing, its film comes last in both orders, which takes an index for each.
create index movies_imdb_idx on movies (imdb desc, id desc) where withdrawn_at is null;
create index movies_votes_idx on movies (votes desc, id desc) where withdrawn_at is null;
create index movies_year_idx on movies (year desc, id desc) where withdrawn_at is null;
create index movies_created_at_idx on movies (created_at desc, id desc) where withdrawn_at is null;
create index movies_price_asc_idx on movies (price_amount, id) where withdrawn_at is null;
create index movies_price_desc_idx on movies (price_amount desc nulls last, id desc) where withdrawn_at is null;
create index movies_rating_asc_idx on movies (rating_average, id) where withdrawn_at is null;
create index movies_rating_desc_idx on movies (rating_average desc nulls last, id desc) where withdrawn_at is null;
-- The collation is named, so that titles sort alike on every host.
create index movies_name_idx on movies ((lower(name) collate "C"), id) where withdrawn_at is null;
create index movies_search_idx on movies using gin (search);

-- What a search looks through. Written by whoever changes a film or the name of somebody in it.
create function movie_search_document(movie_id uuid) returns tsvector
language sql stable
return (
  select setweight(to_tsvector('cinema', movie.name), 'A')
      || setweight(to_tsvector('cinema', coalesce(people.names, '')), 'B')
      || setweight(to_tsvector('cinema', movie.description), 'C')
  from movies movie
  cross join lateral (
    select string_agg(person.name, ' ') as names
    from (
      select star.name from movie_stars link join stars star on star.id = link.star_id
      where link.movie_id = movie.id
      union all
      select director.name from movie_directors link join directors director on director.id = link.director_id
      where link.movie_id = movie.id
    ) person
  ) people
  where movie.id = movie_search_document.movie_id
);
