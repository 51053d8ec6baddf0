-- The shop: what a viewer is about to buy, has ordered, has paid, and owns.
-- Money is an integer in the currency's minor unit, never without its currency.

-- A film a viewer owns. Bought with an order, or given by an admin (no order).
create table library_movies (
  user_id   uuid        not null,
  movie_id  uuid        not null,
  order_id  uuid,
  added_at  timestamptz not null default now(),
  constraint library_movies_pkey primary key (user_id, movie_id),
  constraint library_movies_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint library_movies_movie_id_fkey foreign key (movie_id) references movies
);
create index library_movies_added_at_idx on library_movies (user_id, added_at desc, movie_id desc);
create index library_movies_movie_id_idx on library_movies (movie_id);

-- A cart is the set of a user's cart items: it needs no row of its own.
create table cart_items (
  user_id  uuid        not null,
  movie_id uuid        not null,
  added_at timestamptz not null default now(),
  constraint cart_items_pkey primary key (user_id, movie_id),
  constraint cart_items_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint cart_items_movie_id_fkey foreign key (movie_id) references movies
);
create index cart_items_movie_id_idx on cart_items (movie_id);

create table orders (
  id           uuid        not null default uuidv7(),
  number       bigint      not null generated always as identity (start with 1001),
  user_id      uuid        not null,
  status       text        not null default 'pending',
  total_amount bigint      not null,
  -- what a promotion takes off the items' prices
  discount_amount bigint   not null default 0,
  currency     text        not null,
  created_at   timestamptz not null default now(),
  -- until when a pending order waits for its money
  expires_at   timestamptz not null,
  paid_at      timestamptz,
  canceled_at  timestamptz,
  constraint orders_pkey primary key (id),
  constraint orders_number_key unique (number),
  constraint orders_user_id_fkey foreign key (user_id) references users,
  constraint orders_status_check check (status in ('pending', 'paid', 'canceled', 'refunded')),
  constraint orders_total_amount_check check (total_amount >= 0 and discount_amount >= 0),
  constraint orders_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint orders_paid_at_check check ((paid_at is not null) = (status in ('paid', 'refunded'))),
  constraint orders_canceled_at_check check ((canceled_at is not null) = (status = 'canceled'))
);
create index orders_user_id_idx on orders (user_id, created_at desc, id desc);
create index orders_pending_idx on orders (expires_at) where status = 'pending';

alter table library_movies
  add constraint library_movies_order_id_fkey foreign key (order_id) references orders;

-- Title and price are those of the moment of ordering, whatever becomes of the film.
create table order_items (
  order_id     uuid     not null,
  movie_id     uuid     not null,
  position     smallint not null,
  name         text     not null,
  year         smallint not null,
  price_amount integer  not null,
  constraint order_items_pkey primary key (order_id, movie_id),
  constraint order_items_order_id_fkey foreign key (order_id) references orders on delete cascade,
  constraint order_items_movie_id_fkey foreign key (movie_id) references movies,
  constraint order_items_price_amount_check check (price_amount >= 0)
);
create index order_items_movie_id_idx on order_items (movie_id);

-- An order is worth what its items are worth, less its discount. Checked when the transaction that wrote them commits.
create function check_order_total() returns trigger language plpgsql as $$
declare
  checked_id uuid;
  order_amount bigint;
  items_amount bigint;
begin
  if tg_table_name = 'orders' then
    checked_id := new.id;
  else
    checked_id := coalesce(new.order_id, old.order_id);
  end if;
  select total_amount + discount_amount into order_amount from orders where id = checked_id;
  select coalesce(sum(price_amount), 0) into items_amount from order_items where order_id = checked_id;
  if order_amount <> items_amount then
    raise exception 'order % is worth % before discount, its items %', checked_id, order_amount, items_amount
      using errcode = 'check_violation', constraint = 'orders_total_is_sum_of_items';
  end if;
  return null;
end $$;
create constraint trigger orders_total_is_sum_of_items
  after insert or update of total_amount, discount_amount on orders
  deferrable initially deferred for each row execute function check_order_total();
create constraint trigger order_items_sum_is_order_total
  after insert or update or delete on order_items
  deferrable initially deferred for each row execute function check_order_total();

-- A payment is one attempt to pay an order. Its row is written before the gateway is asked, and its id is the
-- idempotency key, so that a lost answer can be asked for again.
create table payments (
  id                       uuid        not null default uuidv7(),
  order_id                 uuid        not null,
  user_id                  uuid        not null,
  gateway                  text        not null,
  status                   text        not null default 'pending',
  amount                   bigint      not null,
  currency                 text        not null,
  stripe_session_id        text,
  stripe_payment_intent_id text,
  checkout_url             text,
  receipt_url              text,
  decline_code             text,
  -- why a person must look at it: the gateway's word and ours differ
  review_reason            text,
  created_at               timestamptz not null default now(),
  expires_at               timestamptz not null,
  -- when nothing more can come of it; until then it is the order's one active attempt
  closed_at                timestamptz,
  constraint payments_pkey primary key (id),
  constraint payments_order_id_fkey foreign key (order_id) references orders,
  constraint payments_user_id_fkey foreign key (user_id) references users,
  constraint payments_stripe_session_id_key unique (stripe_session_id),
  constraint payments_stripe_payment_intent_id_key unique (stripe_payment_intent_id),
  constraint payments_gateway_check check (gateway in ('stripe', 'none')),
  constraint payments_status_check check (
    status in ('pending', 'successful', 'declined', 'canceled', 'refunded', 'partially_refunded')
  ),
  constraint payments_amount_check check (amount >= 0),
  constraint payments_currency_check check (currency ~ '^[A-Z]{3}$'),
  -- What is worth nothing needs no gateway, and only that.
  constraint payments_gateway_amount_check check ((gateway = 'none') = (amount = 0)),
  constraint payments_closed_at_check check (closed_at is not null or status in ('pending', 'declined'))
);
create index payments_order_id_idx on payments (order_id, created_at desc, id desc);
create unique index payments_one_active_attempt on payments (order_id) where closed_at is null;
create index payments_user_id_idx on payments (user_id, created_at desc, id desc);
create index payments_open_idx on payments (created_at) where closed_at is null;

-- What the gateway told us, as it said it. A row and its job are written together, before the gateway gets its 200.
create table stripe_events (
  id           text        not null,
  type         text        not null,
  payload      jsonb       not null,
  received_at  timestamptz not null default now(),
  processed_at timestamptz,
  constraint stripe_events_pkey primary key (id)
);
