-- How the files of a film come in, what is made of them, and which there are.

-- Without a slash at its end: the object of a file is at folder/path.
alter table media_assets rename column storage_prefix to folder;
alter table media_assets rename constraint media_assets_storage_prefix_key to media_assets_folder_key;
alter table media_assets rename column byte_count to size_bytes;
alter table media_assets rename constraint media_assets_byte_count_check to media_assets_size_bytes_check;

alter table media_assets
  -- uploading: bytes are still to come; processing: it does not play yet; ready: it plays, and more may be made of it
  add column status        text        not null default 'ready',
  -- in percent, of what the status says: received, made playable, made into ladder and storyboard
  add column progress      integer     not null default 100,
  -- what went wrong last, as a sentence for moderators
  add column error         text,
  -- what the moderator's file was called
  add column original_name text,
  add column video_codec   text,
  add column audio_codec   text,
  -- bits a second
  add column bitrate       bigint,
  add column updated_at    timestamptz not null default now(),
  -- known when the file was looked into
  alter column duration_seconds drop not null,
  add constraint media_assets_status_check check (status in ('uploading', 'processing', 'ready', 'failed')),
  add constraint media_assets_progress_check check (progress between 0 and 100),
  add constraint media_assets_bitrate_check check (bitrate >= 0),
  -- A player needs the length; without it nothing is ready.
  add constraint media_assets_ready_check check (status <> 'ready' or duration_seconds is not null);
alter table media_assets alter column status drop default, alter column progress set default 0;

create table media_files (
  asset_id     uuid   not null,
  -- below the asset's folder: movie.mp4, hls/master.m3u8, storyboard/storyboard.vtt, tracks/en.vtt
  path         text   not null,
  -- source: what was uploaded, where no player takes it as it is
  kind         text   not null,
  content_type text   not null,
  size_bytes   bigint not null,
  constraint media_files_pkey primary key (asset_id, path),
  constraint media_files_asset_id_fkey foreign key (asset_id) references media_assets on delete cascade,
  constraint media_files_kind_check check (kind in ('mp4', 'hls', 'storyboard', 'track', 'source')),
  constraint media_files_path_check check (path ~ '^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$'),
  constraint media_files_size_bytes_check check (size_bytes >= 0)
);

insert into media_files (asset_id, path, kind, content_type, size_bytes)
  select id, file_name, 'mp4', content_type, size_bytes from media_assets;
-- How large the captions are that were there before, nobody has noted.
insert into media_files (asset_id, path, kind, content_type, size_bytes)
  select asset_id, file_name, 'track', 'text/vtt; charset=utf-8', 0 from media_tracks;
alter table media_assets drop column file_name, drop column content_type;

alter table media_tracks rename column file_name to path;
alter table media_tracks
  drop constraint media_tracks_asset_id_fkey,
  add constraint media_tracks_path_fkey foreign key (asset_id, path) references media_files on delete cascade;

-- An upload that can be resumed, until its parts are joined to one file.
create table media_uploads (
  asset_id   uuid        not null,
  -- moves on with each part
  expires_at timestamptz not null,
  constraint media_uploads_pkey primary key (asset_id),
  constraint media_uploads_asset_id_fkey foreign key (asset_id) references media_assets on delete cascade
);
create index media_uploads_expires_at_idx on media_uploads (expires_at);

-- Of two requests that send on from one place, the first to finish a part has it: the other is refused by the key.
create table media_upload_parts (
  asset_id    uuid   not null,
  start_bytes bigint not null,
  size_bytes  bigint not null,
  -- the object is at uploads/<asset>/<id>
  id          uuid   not null,
  constraint media_upload_parts_pkey primary key (asset_id, start_bytes),
  constraint media_upload_parts_asset_id_fkey foreign key (asset_id) references media_uploads on delete cascade,
  constraint media_upload_parts_start_bytes_check check (start_bytes >= 0),
  constraint media_upload_parts_size_bytes_check check (size_bytes > 0)
);

-- A film has a video while a feature of it is ready. The film is locked first: of two assets that change at once, the
-- later sees what became of the earlier.
create function refresh_has_video() returns trigger language plpgsql as $$
declare
  changed uuid := coalesce(new.movie_id, old.movie_id);
begin
  perform from movies where id = changed for no key update;
  update movies set has_video = not has_video
  where id = changed and has_video is distinct from exists (
    select from media_assets where movie_id = changed and kind = 'feature' and status = 'ready'
  );
  return null;
end $$;
create trigger media_assets_has_video after insert or delete or update of status on media_assets
  for each row execute function refresh_has_video();

-- Progress is nothing viewers see: it moves every few seconds while a film is worked on.
drop trigger media_assets_changed on media_assets;
create trigger media_assets_changed after insert or delete or truncate or update of status, kind, movie_id on media_assets
  for each statement execute function tell_catalogue_changed();
