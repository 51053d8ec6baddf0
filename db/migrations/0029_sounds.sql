-- A film is spoken in several languages: streams offer each of them.
alter table media_assets
  -- the sounds that can be read, in their order, as the file has them that streams are made of:
  -- [{"index": 1, "codec": "aac", "language": "fra", "title": null}]; null: nobody has looked for them
  add column sounds jsonb,
  add constraint media_assets_sounds_check check (jsonb_typeof(sounds) = 'array');
