-- Tells every process that what it remembers of the catalogue may be no more true. A transaction's tellings are one,
-- and come when it is committed.

create function tell_catalogue_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('catalogue_changed', '');
  return null;
end $$;

-- Only what viewers see of a film. Counters (votes of viewers, likes, comments) are left out: they move all the time,
-- and may be told a second late. A column that is added to what viewers see belongs here.
create trigger movies_changed after insert or delete or truncate or update of
    slug, name, year, time, release_date, imdb, votes, meta_score, gross_amount, gross_currency, budget_amount,
    budget_currency, description, price_amount, price_currency, status, certification_id, poster_key, withdrawn_at,
    has_video, search, tag_ids
  on movies for each statement execute function tell_catalogue_changed();

create trigger movie_genres_changed after insert or update or delete or truncate on movie_genres
  for each statement execute function tell_catalogue_changed();
create trigger movie_stars_changed after insert or update or delete or truncate on movie_stars
  for each statement execute function tell_catalogue_changed();
create trigger movie_directors_changed after insert or update or delete or truncate on movie_directors
  for each statement execute function tell_catalogue_changed();
create trigger movie_countries_changed after insert or update or delete or truncate on movie_countries
  for each statement execute function tell_catalogue_changed();
create trigger movie_languages_changed after insert or update or delete or truncate on movie_languages
  for each statement execute function tell_catalogue_changed();
-- Whether there is a trailer.
create trigger media_assets_changed after insert or update or delete or truncate on media_assets
  for each statement execute function tell_catalogue_changed();

-- How many films a name has changes with the films.
create trigger genres_changed after insert or delete or truncate or update of name on genres
  for each statement execute function tell_catalogue_changed();
create trigger stars_changed after insert or delete or truncate or update of name on stars
  for each statement execute function tell_catalogue_changed();
create trigger directors_changed after insert or delete or truncate or update of name on directors
  for each statement execute function tell_catalogue_changed();
create trigger certifications_changed after insert or delete or truncate or update of name on certifications
  for each statement execute function tell_catalogue_changed();
create trigger countries_changed after insert or delete or truncate or update of name on countries
  for each statement execute function tell_catalogue_changed();
create trigger languages_changed after insert or delete or truncate or update of name on languages
  for each statement execute function tell_catalogue_changed();
