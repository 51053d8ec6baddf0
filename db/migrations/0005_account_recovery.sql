-- Coming back into an account, and moving it to another address.

-- Counts the passwords an account has had. A sign-in that verified the one before must not end in a session: the hash
-- itself can't tell, for it changes too when the same password is hashed anew.
alter table users
  add column password_generation integer not null default 0,
  add constraint users_password_generation_check check (password_generation >= 0);

-- An address somebody asked for belongs to the token that was mailed to it, and goes with it. Once confirmed, it is
-- kept with the address before until that one has been told.
create table email_changes (
  id        uuid not null default uuidv7(),
  user_id   uuid not null,
  token_id  uuid,
  new_email text not null,
  old_email text,
  constraint email_changes_pkey primary key (id),
  constraint email_changes_token_id_key unique (token_id),
  constraint email_changes_user_id_fkey foreign key (user_id) references users on delete cascade,
  -- A token that is replaced gets another id.
  constraint email_changes_token_id_fkey foreign key (token_id) references one_time_tokens
    on update cascade on delete cascade,
  constraint email_changes_state_check check (num_nonnulls(token_id, old_email) = 1),
  constraint email_changes_new_email_check
    check (new_email = lower(btrim(new_email)) and char_length(new_email) between 3 and 254)
);
create index email_changes_user_id_idx on email_changes (user_id);
