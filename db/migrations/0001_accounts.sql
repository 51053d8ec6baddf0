-- Accounts: who may come in, and what is remembered about a visit.
-- Nothing in these tables lets its reader in: passwords are hashes, and tokens are derived from ids with a key the
-- database never sees.

create table users (
  id            uuid        not null default uuidv7(),
  email         text        not null,
  -- null until somebody made by an admin sets a password
  password_hash text,
  role          text        not null default 'user',
  is_active     boolean     not null default false,
  -- when the address was proven; null: still pending. Somebody deactivated later is not pending again.
  activated_at  timestamptz,
  totp_enabled_at timestamptz,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_email_key unique (email),
  -- The application trims, normalises (NFC) and lower-cases; the database refuses what it forgot.
  constraint users_email_check check (email = lower(btrim(email)) and char_length(email) between 3 and 254),
  constraint users_activated_at_check check (activated_at is not null or not is_active),
  constraint users_role_check check (role in ('user', 'moderator', 'admin'))
);

create table profiles (
  user_id       uuid        not null,
  first_name    text,
  last_name     text,
  gender        text,
  date_of_birth date,
  info          text,
  avatar_key    text,
  updated_at    timestamptz not null default now(),
  constraint profiles_pkey primary key (user_id),
  constraint profiles_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint profiles_first_name_check check (char_length(first_name) <= 100),
  constraint profiles_last_name_check check (char_length(last_name) <= 100),
  constraint profiles_gender_check check (gender in ('man', 'woman', 'other')),
  constraint profiles_date_of_birth_check check (date_of_birth >= date '1900-01-01'),
  constraint profiles_info_check check (char_length(info) <= 2000)
);

-- A session is one signed-in device. Its row is read with every authenticated call, so ending it acts at once.
create table sessions (
  id              uuid        not null default uuidv7(),
  user_id         uuid        not null,
  -- The refresh token that counts is the one of this generation.
  generation      integer     not null default 0,
  created_at      timestamptz not null default now(),
  rotated_at      timestamptz not null default now(),
  idle_expires_at timestamptz not null,
  expires_at      timestamptz not null,
  user_agent      text,
  ip              inet,
  constraint sessions_pkey primary key (id),
  constraint sessions_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint sessions_generation_check check (generation >= 0)
);
create index sessions_user_id_idx on sessions (user_id);
create index sessions_idle_expires_at_idx on sessions (idle_expires_at);

-- One live token per user and purpose: a new one replaces the old. The token itself is derived from the id.
create table one_time_tokens (
  id         uuid        not null default uuidv7(),
  user_id    uuid        not null,
  purpose    text        not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint one_time_tokens_pkey primary key (id),
  constraint one_time_tokens_user_id_purpose_key unique (user_id, purpose),
  constraint one_time_tokens_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint one_time_tokens_purpose_check check (purpose in ('activation', 'password_reset', 'email_change'))
);
create index one_time_tokens_expires_at_idx on one_time_tokens (expires_at);
