-- Being told something in the app: at once, without loss, as each user prefers.

-- How far a user has been told. Each notification takes the next number under a lock of this row, which is held until
-- the commit: numbers come into sight in their order, so that a reader who has seen one has seen all before it.
create table notification_inboxes (
  user_id        uuid        not null,
  last_event_id  bigint      not null default 0,
  -- when the last mail about several of them went out
  last_digest_at timestamptz,
  constraint notification_inboxes_pkey primary key (user_id),
  constraint notification_inboxes_user_id_fkey foreign key (user_id) references users on delete cascade
);

alter table notifications
  add column event_id bigint,
  -- false: it is there for a mail only
  add column in_app boolean not null default true;
update notifications set event_id = numbered.number
from (
  select id, row_number() over (partition by user_id order by created_at, id) as number from notifications
) numbered
where numbered.id = notifications.id;
insert into notification_inboxes (user_id, last_event_id)
select user_id, max(event_id) from notifications group by user_id;
alter table notifications
  alter column event_id set not null,
  -- as long as the trigger below gives one, whoever inserts need not
  alter column event_id set default 0,
  add constraint notifications_event_id_key unique (user_id, event_id);
drop index notifications_user_id_idx;
create index notifications_unread_idx on notifications (user_id, event_id) where read_at is null and in_app;
-- What the next mail about several is made from.
create index notifications_digest_idx on notifications (kind, user_id) where mailed_at is null and read_at is null;

create function number_notification() returns trigger language plpgsql as $$
begin
  insert into notification_inboxes as inbox (user_id, last_event_id) values (new.user_id, 1)
  on conflict (user_id) do update set last_event_id = inbox.last_event_id + 1
  returning last_event_id into new.event_id;
  return new;
end $$;
create trigger notifications_number before insert on notifications
  for each row execute function number_notification();

-- Wakes whoever waits for a user's notifications, in every process. Postgres sends it at the commit, and once.
create function wake_user() returns trigger language plpgsql as $$
begin
  perform pg_notify('notifications', coalesce(new.user_id, old.user_id)::text);
  return null;
end $$;
create trigger notifications_wake after insert on notifications
  for each row when (new.in_app) execute function wake_user();
-- Whoever waits with a session that has ended is sent away at once.
create trigger sessions_wake after delete on sessions
  for each row execute function wake_user();

-- What a user wants to be told, and how; kinds without a row are told in every way.
create table notification_preferences (
  user_id uuid    not null,
  kind    text    not null,
  in_app  boolean not null,
  email   boolean not null,
  constraint notification_preferences_pkey primary key (user_id, kind),
  constraint notification_preferences_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint notification_preferences_kind_check check (kind ~ '^[a-z]+(_[a-z]+)*$')
);

-- Lets a session open one stream within seconds: a browser can send no header there. The ticket is derived from the id.
create table stream_tickets (
  id         uuid        not null default uuidv7(),
  session_id uuid        not null,
  expires_at timestamptz not null,
  constraint stream_tickets_pkey primary key (id),
  constraint stream_tickets_session_id_fkey foreign key (session_id) references sessions on delete cascade
);
create index stream_tickets_session_id_idx on stream_tickets (session_id);
