-- What the staff looks up about sales: lists of orders and payments, and the reports.

create index orders_created_at_idx on orders (created_at desc, id desc);
create index orders_status_idx on orders (status, created_at desc, id desc);
create index orders_paid_at_idx on orders (paid_at) where paid_at is not null;
create index payments_created_at_idx on payments (created_at desc, id desc);
create index payments_status_idx on payments (status, created_at desc, id desc);

-- The reports tell of whole days, as the time zone of the transaction has them: `set local timezone`, then
-- `set local cinema.sales_from` and `cinema.sales_to`, the first and the last day; without these two, of all days. The
-- views ask these functions once, in a subselect, and find those days by an index, whatever the statistics say.
create function sales_from() returns timestamptz language sql stable parallel safe return
  coalesce(nullif(current_setting('cinema.sales_from', true), '')::date::timestamptz, '-infinity');
create function sales_until() returns timestamptz language sql stable parallel safe return
  coalesce((nullif(current_setting('cinema.sales_to', true), '')::date + 1)::timestamptz, 'infinity');

-- What happened to each film of each order, and when: it was placed with its order; it was paid, at its price less its
-- share of the discount; money for it went back. Money that bought nothing is no sale: what was paid twice, or came too
-- late and went back, is not here. `offset 0` has the films of an order looked up by its id: without it, a month's are
-- found by reading the films of all orders.
create view sales_lines as
  select
    orders.created_at as happened_at, orders.currency, orders.id as order_id, bought.movie_id,
    'placed' as kind, orders.paid_at is not null as is_paid, 0::bigint as amount
  from orders cross join lateral (select movie_id from order_items where order_id = orders.id offset 0) as bought
  where orders.created_at >= (select sales_from()) and orders.created_at < (select sales_until())
union all
  select orders.paid_at, orders.currency, orders.id, bought.movie_id, 'paid', true, bought.amount
  from orders
  cross join lateral (
    select movie_id, price_amount - discount_amount as amount from order_items where order_id = orders.id offset 0
  ) as bought
  where orders.paid_at >= (select sales_from()) and orders.paid_at < (select sales_until())
union all
  -- A refund falls to its films, or without any to all of the order, in proportion to what was paid for each. Rounded
  -- are the sums up to each film: so the parts are whole, and together what went back.
  select
    finished_at, currency, order_id, movie_id, 'refunded', true,
    (div(amount * weight_until, weight_in_all) - div(amount * (weight_until - weight), weight_in_all))::bigint
  from (
    select
      weighed.*,
      sum(weight) over (partition by refund_id order by position) as weight_until,
      sum(weight) over (partition by refund_id) as weight_in_all
    from (
      select
        refunds.id as refund_id, refunds.finished_at, refunds.amount::numeric, orders.currency, orders.id as order_id,
        order_items.movie_id, order_items.position,
        -- of films that cost nothing, each the same
        case when sum(order_items.price_amount - order_items.discount_amount) over (partition by refunds.id) = 0
          then 1 else order_items.price_amount - order_items.discount_amount end as weight
      from refunds
      join receipts on receipts.payment_id = refunds.payment_id
      join orders on orders.id = receipts.order_id
      join order_items on order_items.order_id = orders.id
      where refunds.status = 'succeeded'
        and refunds.finished_at >= (select sales_from()) and refunds.finished_at < (select sales_until())
        and (
          not exists (select from refund_items where refund_items.refund_id = refunds.id)
          or exists (
            select from refund_items
            where refund_items.refund_id = refunds.id and refund_items.movie_id = order_items.movie_id
          )
        )
    ) as weighed
  ) as shared;

-- `placed` and `converted` tell of the orders placed on these days: how many, and how many of them were paid, whenever.
-- The sums are those of the lines; orders know them without their films.
create view sales_by_day as
  select
    day, currency, sum(revenue)::bigint as revenue, sum(refunds)::bigint as refunds, sum(orders)::bigint as orders,
    sum(items)::bigint as items, sum(placed)::bigint as placed, sum(converted)::bigint as converted
  from (
    select
      created_at::date as day, currency, 0 as revenue, 0 as refunds, 0 as orders, 0 as items,
      1 as placed, (paid_at is not null)::int as converted
    from orders
    where created_at >= (select sales_from()) and created_at < (select sales_until())
  union all
    select
      paid_at::date, currency, total_amount, 0, 1,
      (select count(*) from order_items where order_items.order_id = orders.id), 0, 0
    from orders
    where paid_at >= (select sales_from()) and paid_at < (select sales_until())
  union all
    select refunds.finished_at::date, payments.currency, 0, refunds.amount, 0, 0, 0, 0
    from refunds
    join receipts on receipts.payment_id = refunds.payment_id
    join payments on payments.id = refunds.payment_id
    where refunds.status = 'succeeded'
      and refunds.finished_at >= (select sales_from()) and refunds.finished_at < (select sales_until())
  ) as happened
  group by day, currency;

create view sales_by_movie as
  select
    movies.id as movie_id, movies.slug, movies.name, movies.year, sums.currency,
    sums.revenue, sums.refunds, sums.orders, sums.orders as items, sums.placed, sums.converted
  from (
    select
      movie_id, currency,
      coalesce(sum(amount) filter (where kind = 'paid'), 0)::bigint as revenue,
      coalesce(sum(amount) filter (where kind = 'refunded'), 0)::bigint as refunds,
      count(*) filter (where kind = 'paid') as orders,
      count(*) filter (where kind = 'placed') as placed,
      count(*) filter (where kind = 'placed' and is_paid) as converted
    from sales_lines
    group by movie_id, currency
  ) as sums
  join movies on movies.id = sums.movie_id;

-- A film of several genres counts whole in each: the rows add up to more than was sold. One without any has a row too.
create view sales_by_genre as
  select
    genres.id as genre_id, genres.name, sums.currency,
    sums.revenue, sums.refunds, sums.orders, sums.items, sums.placed, sums.converted
  from (
    select
      genre_id, currency,
      coalesce(sum(amount) filter (where kind = 'paid'), 0)::bigint as revenue,
      coalesce(sum(amount) filter (where kind = 'refunded'), 0)::bigint as refunds,
      count(*) filter (where kind = 'paid') as orders,
      coalesce(sum(films) filter (where kind = 'paid'), 0)::bigint as items,
      count(*) filter (where kind = 'placed') as placed,
      count(*) filter (where kind = 'placed' and is_paid) as converted
    from (
      select
        movie_genres.genre_id, sales_lines.currency, sales_lines.kind, sales_lines.order_id, sales_lines.is_paid,
        count(*) as films, sum(sales_lines.amount) as amount
      from sales_lines
      left join movie_genres on movie_genres.movie_id = sales_lines.movie_id
      group by movie_genres.genre_id, sales_lines.currency, sales_lines.kind, sales_lines.order_id, sales_lines.is_paid
    ) as of_orders
    group by genre_id, currency
  ) as sums
  left join genres on genres.id = sums.genre_id;
