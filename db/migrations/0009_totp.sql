-- The second step of a sign-in: the codes of an authenticator app, and codes on paper for when the app is gone.
-- `users.totp_enabled_at` says whether an account asks for it; until then its secret waits for the first right code.

create table totp_secrets (
  user_id    uuid        not null,
  -- encrypted under a key the database never sees; good in this row only
  sealed     bytea       not null,
  -- the time step of the last code that was used: no code of this step or an earlier one is good any more
  last_step  integer,
  created_at timestamptz not null default now(),
  constraint totp_secrets_pkey primary key (user_id),
  constraint totp_secrets_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint totp_secrets_last_step_check check (last_step >= 0)
);

-- One row for each code that was not used yet; they go with the secret.
create table recovery_codes (
  user_id   uuid  not null,
  -- a keyed hash
  code_hash bytea not null,
  constraint recovery_codes_pkey primary key (user_id, code_hash),
  constraint recovery_codes_user_id_fkey foreign key (user_id) references totp_secrets on delete cascade
);
