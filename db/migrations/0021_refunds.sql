-- Money that goes back, the receipts' numbers, and what the reconciler must know of a payment.

alter table payments
  -- when the gateway was last asked how it stands, and when it gave its final word: paid, or never to be paid
  add column asked_at   timestamptz,
  add column settled_at timestamptz;
update payments set settled_at = closed_at where status <> 'canceled';
create index payments_unsettled_idx on payments (created_at) where settled_at is null and gateway = 'stripe';
create index payments_settled_at_idx on payments (settled_at) where gateway = 'stripe';
create index payments_review_idx on payments (created_at desc, id desc) where review_reason is not null;

-- The last number of each series. Its row is locked until the transaction that took a number ends, so that a number is
-- given if and only if what it stands for has happened: no gaps, as a sequence would leave.
create table document_numbers (
  series      text   not null,
  last_number bigint not null default 0,
  constraint document_numbers_pkey primary key (series),
  constraint document_numbers_series_check check (series in ('receipts', 'credit_notes')),
  constraint document_numbers_last_number_check check (last_number >= 0)
);

-- The receipt of the payment that fulfilled its order: there is one for each such payment and for no other. What was
-- bought stands in order_items, which keep title and price of the moment; who sold it may change, and stands here. Who
-- bought it is read from the account, so that it goes with it.
create table receipts (
  payment_id       uuid        not null,
  order_id         uuid        not null,
  number           bigint      not null,
  issued_at        timestamptz not null,
  seller_name      text        not null,
  seller_address   text        not null,
  seller_tax_id    text        not null,
  -- included in the prices
  tax_rate_percent numeric(5, 2) not null,
  constraint receipts_pkey primary key (payment_id),
  constraint receipts_payment_id_fkey foreign key (payment_id) references payments,
  constraint receipts_order_id_fkey foreign key (order_id) references orders,
  -- An order is fulfilled once: what else is paid for it goes back.
  constraint receipts_order_id_key unique (order_id),
  constraint receipts_number_key unique (number),
  constraint receipts_tax_rate_percent_check check (tax_rate_percent >= 0 and tax_rate_percent < 100)
);

-- Those before this migration, in the order they were paid. The seller was not asked for then.
insert into receipts (payment_id, order_id, number, issued_at, seller_name, seller_address, seller_tax_id, tax_rate_percent)
  select id, order_id, row_number() over (order by paid_at, id), paid_at, 'Online Cinema', '', '', 0
  from (
    select distinct on (orders.id) payments.id, payments.order_id, orders.paid_at
    from payments join orders on orders.id = payments.order_id
    where payments.status = 'successful' and payments.review_reason is null and orders.status = 'paid'
    order by orders.id, payments.closed_at, payments.id
  ) as fulfilled;
insert into document_numbers (series, last_number)
  select 'receipts', count(*) from receipts union all select 'credit_notes', 0;

-- Money that goes back to a buyer. A row before the gateway is asked; its id is the idempotency key. Amounts are in the
-- currency of the payment.
create table refunds (
  id           uuid        not null default uuidv7(),
  payment_id   uuid        not null,
  -- Who began it: the buyer; the staff; the system, for money that bought nothing; somebody in the gateway's dashboard;
  -- the bank of the buyer, by a dispute that was lost.
  origin       text        not null,
  status       text        not null,
  amount       bigint      not null,
  -- in the words of who asked for it, or the system's; forgotten with the buyer's account
  reason       text        not null,
  -- in the words of who decided on it
  note         text,
  -- the gateway's refund, or its dispute
  stripe_id    text,
  failure_code text,
  -- the number of its credit note
  number       bigint,
  created_at   timestamptz not null,
  decided_at   timestamptz,
  -- when it succeeded, failed or was rejected
  finished_at  timestamptz,
  constraint refunds_pkey primary key (id),
  constraint refunds_payment_id_fkey foreign key (payment_id) references payments,
  constraint refunds_stripe_id_key unique (stripe_id),
  constraint refunds_number_key unique (number),
  constraint refunds_origin_check check (origin in ('buyer', 'staff', 'system', 'dashboard', 'dispute')),
  constraint refunds_status_check check (status in ('requested', 'pending', 'succeeded', 'failed', 'rejected')),
  constraint refunds_amount_check check (amount >= 0),
  constraint refunds_number_check check ((number is not null) = (status = 'succeeded')),
  constraint refunds_finished_at_check check ((finished_at is null) = (status in ('requested', 'pending')))
);
create index refunds_payment_id_idx on refunds (payment_id);
create index refunds_status_idx on refunds (status, created_at desc, id desc);
create index refunds_pending_idx on refunds (created_at) where status = 'pending';
create index refunds_finished_at_idx on refunds (finished_at) where status = 'succeeded';

-- The films a refund takes back. None: money only.
create table refund_items (
  refund_id uuid not null,
  movie_id  uuid not null,
  constraint refund_items_pkey primary key (refund_id, movie_id),
  constraint refund_items_refund_id_fkey foreign key (refund_id) references refunds on delete cascade,
  constraint refund_items_movie_id_fkey foreign key (movie_id) references movies
);
create index refund_items_movie_id_idx on refund_items (movie_id);

-- No payment is paid back more than it was, nor a film twice. Whoever changes a refund locks its payment first; so does
-- this, for whoever did not. A request that nobody has decided on takes nothing yet.
create function check_refunds() returns trigger language plpgsql as $$
declare
  checked_id uuid;
  paid bigint;
  refunded bigint;
begin
  if tg_table_name = 'refunds' then
    checked_id := new.payment_id;
  else
    select payment_id into checked_id from refunds where id = new.refund_id;
  end if;
  select amount into paid from payments where id = checked_id for no key update;
  select coalesce(sum(amount), 0) into refunded from refunds
    where payment_id = checked_id and status in ('pending', 'succeeded');
  if refunded > paid then
    raise exception 'payment % was % and would be refunded %', checked_id, paid, refunded
      using errcode = 'check_violation', constraint = 'refunds_within_payment';
  end if;
  if exists (
    select from refunds join refund_items on refund_items.refund_id = refunds.id
    where refunds.payment_id = checked_id and refunds.status in ('pending', 'succeeded')
    group by refund_items.movie_id having count(*) > 1
  ) then
    raise exception 'a film of payment % would be refunded twice', checked_id
      using errcode = 'check_violation', constraint = 'refunds_of_a_film_once';
  end if;
  return null;
end $$;
create constraint trigger refunds_within_payment
  after insert or update of amount, status, payment_id on refunds
  deferrable initially deferred for each row execute function check_refunds();
create constraint trigger refund_items_of_a_film_once
  after insert or update on refund_items
  deferrable initially deferred for each row execute function check_refunds();
