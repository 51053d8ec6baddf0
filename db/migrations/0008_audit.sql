-- Who of the staff did what to whom. Each row is written in the transaction of the act it tells of.
create table audit_entries (
  id          uuid        not null default uuidv7(),
  -- null: the command line, or the setup of the first admin. No foreign key: the entry outlives every account, and
  -- nothing may reach in to clear it.
  actor_id    uuid,
  -- as it was at that moment
  actor_role  text,
  action      text        not null,
  target_kind text        not null,
  target_id   uuid        not null,
  ip          inet,
  -- Small, and without names and addresses of people: those can be erased, an entry can't.
  details     jsonb       not null default '{}',
  created_at  timestamptz not null default now(),
  constraint audit_entries_pkey primary key (id),
  constraint audit_entries_actor_role_check check (actor_role in ('user', 'moderator', 'admin')),
  constraint audit_entries_actor_check check ((actor_id is null) = (actor_role is null)),
  constraint audit_entries_action_check check (action ~ '^[A-Za-z]+(\.[A-Za-z]+)+$'),
  constraint audit_entries_target_kind_check check (target_kind ~ '^[a-z_]+$'),
  constraint audit_entries_details_check check (
    jsonb_typeof(details) = 'object' and octet_length(details::text) <= 4000
  )
);
create index audit_entries_created_at_idx on audit_entries (created_at desc, id desc);
create index audit_entries_actor_id_idx on audit_entries (actor_id, created_at desc, id desc);
create index audit_entries_target_id_idx on audit_entries (target_id, created_at desc, id desc);

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit entries are written once: % is refused', lower(tg_op)
    using errcode = 'insufficient_privilege';
end $$;
-- Privileges would not bind the owner of the table, and the application is the owner. A trigger does; `always`: also a
-- session that replays another server's changes.
create trigger audit_entries_append_only
  before update or delete or truncate on audit_entries
  for each statement execute function refuse_audit_change();
alter table audit_entries enable always trigger audit_entries_append_only;

-- The administration finds users by any part of address or name.
create index users_email_trgm_idx on users using gin (email gin_trgm_ops);
create index profiles_name_trgm_idx on profiles
  using gin ((coalesce(first_name, '') || ' ' || coalesce(last_name, '')) gin_trgm_ops);
create index users_created_at_idx on users (created_at desc, id desc);
-- Few rows, locked together by every act that could take the last one away.
create index users_admins_idx on users (id) where role = 'admin';
