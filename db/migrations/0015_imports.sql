-- Imports of films: where the file is, what was found in it, and how much of it is written.
create table imports (
  id          uuid        not null default uuidv7(),
  storage_key text        not null,
  byte_count  integer     not null,
  dry_run     boolean     not null,
  state       text        not null default 'waiting',
  -- Runs since the last progress: who kills every worker that takes it is given up.
  attempts    smallint    not null default 0,
  bytes_read  integer     not null default 0,
  -- Rows: in the file, known once all are checked; checked; of these wrong.
  rows        integer,
  checked     integer     not null default 0,
  failed      integer     not null default 0,
  -- Moved in the transaction that writes a batch of rows, so that the next run goes on behind the last written one.
  created     integer     not null default 0,
  updated     integer     not null default 0,
  unchanged   integer     not null default 0,
  -- [{ row, column, message }], the first thousand.
  errors      jsonb       not null default '[]',
  error_count integer     not null default 0,
  created_at  timestamptz not null default now(),
  finished_at timestamptz,
  constraint imports_pkey primary key (id),
  constraint imports_state_check check (state in ('waiting', 'checking', 'importing', 'done', 'failed', 'rejected')),
  constraint imports_finished_check check ((finished_at is null) = (state in ('waiting', 'checking', 'importing'))),
  constraint imports_counts_check check (
    byte_count >= 0 and bytes_read >= 0 and attempts >= 0 and checked >= 0 and failed between 0 and checked
    and created >= 0 and updated >= 0 and unchanged >= 0 and error_count >= 0
    and (state <> 'done' or created + updated + unchanged = rows)
  )
);
