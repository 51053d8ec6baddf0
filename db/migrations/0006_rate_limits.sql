-- How often somebody has done what may not be done too often, counted for all processes together.
-- Unlogged: a crash forgets the counts, which costs a minute of patience with a guesser, and each try is spared the
-- wait for the disk.
create unlogged table rate_limits (
  name       text          not null,
  -- whom it is counted for, as a keyed hash: neither addresses of mail nor of machines stand here
  subject    bytea         not null,
  -- the moments that count, newest first; no more of them than the rule looks back on
  hits       timestamptz[] not null,
  -- the next try is refused before it
  free_at    timestamptz   not null,
  -- the row means nothing after it
  expires_at timestamptz   not null,
  constraint rate_limits_pkey primary key (name, subject)
);
create index rate_limits_expires_at_idx on rate_limits (expires_at);
