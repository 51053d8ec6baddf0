-- What somebody may ask of the cinema about the own account: a copy of what is kept, and its deletion.

alter table users
  -- when the account is deleted, unless its owner thinks better of it
  add column deletes_at timestamptz,
  -- when it was. The row stays, for orders and payments hang on it, and tells nothing of anybody.
  add column deleted_at timestamptz,
  add constraint users_deleted_at_check check (
    deleted_at is null
    or (
      email = 'deleted-' || id || '@deleted.invalid'
      and password_hash is null and role = 'user' and not is_active and deletes_at is null
    )
  );
create index users_deletes_at_idx on users (deletes_at) where deletes_at is not null;
create index users_deleted_at_idx on users (deleted_at) where deleted_at is not null;

-- A copy of an account's data. Its row comes before its object and names the object's random key, so that whatever lies
-- in the storage without a row belongs to nobody. The link in the mail is derived from the id.
create table exports (
  id           uuid        not null default uuidv7(),
  user_id      uuid        not null,
  storage_key  text        not null,
  requested_at timestamptz not null,
  -- when the object was there, whole; null: the job is not done
  ready_at     timestamptz,
  expires_at   timestamptz not null,
  constraint exports_pkey primary key (id),
  constraint exports_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint exports_storage_key_key unique (storage_key)
);
create index exports_user_id_idx on exports (user_id, requested_at desc);
create index exports_expires_at_idx on exports (expires_at);

-- Whoever is deleted is deleted from what the gateway told us too.
create index stripe_events_order_id_idx on stripe_events ((payload #>> '{data,object,metadata,orderId}'));
