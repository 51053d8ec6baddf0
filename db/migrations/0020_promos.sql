-- Promotions, what they take off an order, and the answers that are given again when a request is repeated.

create table promos (
  id                uuid        not null default uuidv7(),
  -- In upper case: however somebody types it, it is one code.
  code              text        not null,
  -- What it takes off: a part of the prices, or an amount.
  percent           smallint,
  amount            bigint,
  -- What an order must be worth before the discount.
  min_total_amount  bigint,
  -- Of both amounts.
  currency          text,
  starts_at         timestamptz,
  ends_at           timestamptz,
  max_uses          integer,
  max_uses_per_user integer,
  -- The films it is limited to: these, and those of these genres. No foreign keys: a film or genre that is deleted stays
  -- here, or the last one would turn a limited promotion into one for everything.
  movie_ids         uuid[]      not null default '{}',
  genre_ids         uuid[]      not null default '{}',
  is_active         boolean     not null default true,
  created_at        timestamptz not null default now(),
  updated_at        timestamptz not null default now(),
  constraint promos_pkey primary key (id),
  constraint promos_code_key unique (code),
  constraint promos_code_check check (code ~ '^[A-Z0-9_-]{3,40}$'),
  constraint promos_discount_check check ((percent is null) <> (amount is null)),
  constraint promos_percent_check check (percent between 1 and 100),
  constraint promos_amounts_check check (amount > 0 and min_total_amount >= 0),
  constraint promos_currency_check check (currency ~ '^[A-Z]{3}$'),
  constraint promos_amounts_currency_check check (
    (currency is null) = (amount is null and min_total_amount is null)
  ),
  constraint promos_window_check check (starts_at < ends_at),
  constraint promos_max_uses_check check (max_uses > 0 and max_uses_per_user > 0)
);

-- The promotion of a cart, by its code: when it is deleted, the cart still tells that there was one.
create table cart_promos (
  user_id  uuid        not null,
  code     text        not null,
  added_at timestamptz not null default now(),
  constraint cart_promos_pkey primary key (user_id),
  constraint cart_promos_user_id_fkey foreign key (user_id) references users on delete cascade
);

-- A use of a promotion is an order that has it and was not canceled. They are counted under the lock of the promotion.
alter table orders
  add column promo_id uuid,
  add constraint orders_promo_id_fkey foreign key (promo_id) references promos,
  add constraint orders_discount_promo_check check (discount_amount = 0 or promo_id is not null);
create index orders_promo_id_idx on orders (promo_id, user_id) where promo_id is not null and status <> 'canceled';

-- What of the discount falls to each film, so that a refund of one knows what was paid for it.
alter table order_items
  add column discount_amount integer not null default 0,
  add constraint order_items_discount_amount_check check (discount_amount between 0 and price_amount);

create or replace function check_order_total() returns trigger language plpgsql as $$
declare
  checked_id uuid;
  ordered record;
  items record;
begin
  if tg_table_name = 'orders' then
    checked_id := new.id;
  else
    checked_id := coalesce(new.order_id, old.order_id);
  end if;
  select total_amount, discount_amount into ordered from orders where id = checked_id;
  select coalesce(sum(price_amount), 0) as price, coalesce(sum(discount_amount), 0) as discount into items
    from order_items where order_id = checked_id;
  if ordered.total_amount + ordered.discount_amount <> items.price then
    raise exception 'order % is worth % before discount, its items %',
      checked_id, ordered.total_amount + ordered.discount_amount, items.price
      using errcode = 'check_violation', constraint = 'orders_total_is_sum_of_items';
  end if;
  if ordered.discount_amount <> items.discount then
    raise exception 'order % has a discount of %, its items one of %', checked_id, ordered.discount_amount, items.discount
      using errcode = 'check_violation', constraint = 'orders_discount_is_sum_of_items';
  end if;
  return null;
end $$;

-- What was answered to a request that named a key, so that the same request gets the same answer and nothing is done
-- twice. Without an output the work is under way, or died on the way.
create table idempotency_keys (
  user_id       uuid        not null,
  key           text        not null,
  procedure     text        not null,
  -- of the input as the procedure understood it
  input_hash    bytea       not null,
  -- Who works on it, and until when nobody else may: changes with each try.
  claim_id      uuid        not null,
  claimed_until timestamptz not null,
  output        text,
  expires_at    timestamptz not null,
  constraint idempotency_keys_pkey primary key (user_id, key),
  constraint idempotency_keys_user_id_fkey foreign key (user_id) references users on delete cascade,
  constraint idempotency_keys_key_check check (char_length(key) between 1 and 255)
);
create index idempotency_keys_expires_at_idx on idempotency_keys (expires_at);
