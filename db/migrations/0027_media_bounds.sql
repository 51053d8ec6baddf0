-- What is needed to count unfinished uploads, to join the rungs of a film, and to tell languages apart.

-- Upload-Metadata as it was sent, which the protocol has told again; null: it did not come by tus.
alter table media_assets add column upload_metadata text;

alter table media_uploads
  -- whose it is: each moderator may have so many unfinished ones
  add column begun_by uuid,
  add constraint media_uploads_begun_by_fkey foreign key (begun_by) references users on delete set null;

alter table media_files
  -- at the playlist of a rung: what the master playlist says of it. The master is written of these
  add column stream_info text,
  add constraint media_files_stream_info_check check (stream_info is null or kind = 'hls');

-- One language has one spelling: en-US, zh-Hant. Of captions that were there in two, one stays.
create function pg_temp.spell_language(tag text) returns text language sql immutable as $$
  select string_agg(
    case
      when place > 1 and part ~* '^[a-z]{2}$' then upper(part)
      when place > 1 and part ~* '^[a-z]{4}$' then initcap(part)
      else lower(part)
    end, '-' order by place)
  from regexp_split_to_table(tag, '-') with ordinality as parts (part, place)
$$;
delete from media_files file using media_tracks track, media_tracks other
where track.asset_id = file.asset_id and track.path = file.path and other.asset_id = track.asset_id
  and other.language < track.language
  and pg_temp.spell_language(other.language) = pg_temp.spell_language(track.language);
update media_tracks set language = pg_temp.spell_language(language)
where language <> pg_temp.spell_language(language);
drop function pg_temp.spell_language;
