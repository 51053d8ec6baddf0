-- The reports of 0022, the same figures for a fraction of the work. Each film of an order is read once, whether the order
-- was placed on these days, paid, or both. The days are compared with the functions themselves, not with a subselect of
-- them: Postgres asks a stable function while it plans, and so knows how many orders they are. A day's films are then
-- found by their orders, a year's by reading all of them, in parallel.

drop view sales_by_genre, sales_by_movie, sales_by_day, sales_lines;

-- Each film of each order that was placed or paid on these days, at its price less its share of the discount.
create view sales_lines as
  select
    orders.id as order_id, orders.currency, order_items.movie_id,
    order_items.price_amount - order_items.discount_amount as amount,
    orders.created_at >= (select sales_from()) and orders.created_at < (select sales_until()) as is_placed,
    coalesce(orders.paid_at >= (select sales_from()) and orders.paid_at < (select sales_until()), false) as is_sold,
    orders.paid_at is not null as is_paid
  from orders
  join order_items on order_items.order_id = orders.id
  where (orders.created_at >= sales_from() and orders.created_at < sales_until())
    or (orders.paid_at >= sales_from() and orders.paid_at < sales_until());

-- What went back on these days for each film. A refund falls to its films, or without any to all of the order, in
-- proportion to what was paid for each. Rounded are the sums up to each film: so the parts are whole, and together what
-- went back. Money that bought nothing is no sale: what was paid twice, or came too late and went back, is not here.
create view refund_lines as
  select
    currency, movie_id,
    (div(amount * weight_until, weight_in_all) - div(amount * (weight_until - weight), weight_in_all))::bigint as amount
  from (
    select
      weighed.*,
      sum(weight) over (partition by refund_id order by position) as weight_until,
      sum(weight) over (partition by refund_id) as weight_in_all
    from (
      select
        refunds.id as refund_id, refunds.amount::numeric, orders.currency, order_items.movie_id, order_items.position,
        -- of films that cost nothing, each the same
        case when sum(order_items.price_amount - order_items.discount_amount) over (partition by refunds.id) = 0
          then 1 else order_items.price_amount - order_items.discount_amount end as weight
      from refunds
      join receipts on receipts.payment_id = refunds.payment_id
      join orders on orders.id = receipts.order_id
      join order_items on order_items.order_id = orders.id
      where refunds.status = 'succeeded'
        and refunds.finished_at >= sales_from() and refunds.finished_at < sales_until()
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
-- The sums are those of the lines; orders know them without their films: there an index is right for any span, and the
-- functions are asked once.
create view sales_by_day as
  select
    day, currency, sum(revenue)::bigint as revenue, sum(refunds)::bigint as refunds, sum(orders)::bigint as orders,
    sum(items)::bigint as items, sum(placed)::bigint as placed, sum(converted)::bigint as converted
  from (
    select
      created_at::date as day, currency, 0 as revenue, 0 as refunds, 0 as orders, 0 as items,
      count(*) as placed, count(paid_at) as converted
    from orders
    where created_at >= (select sales_from()) and created_at < (select sales_until())
    group by created_at::date, currency
  union all
    select paid_at::date, currency, sum(total_amount), 0, count(*), 0, 0, 0
    from orders
    where paid_at >= (select sales_from()) and paid_at < (select sales_until())
    group by paid_at::date, currency
  union all
    select orders.paid_at::date, orders.currency, 0, 0, 0, count(*), 0, 0
    from orders
    join order_items on order_items.order_id = orders.id
    where orders.paid_at >= sales_from() and orders.paid_at < sales_until()
    group by orders.paid_at::date, orders.currency
  union all
    select refunds.finished_at::date, payments.currency, 0, sum(refunds.amount), 0, 0, 0, 0
    from refunds
    join receipts on receipts.payment_id = refunds.payment_id
    join payments on payments.id = refunds.payment_id
    where refunds.status = 'succeeded'
      and refunds.finished_at >= sales_from() and refunds.finished_at < sales_until()
    group by refunds.finished_at::date, payments.currency
  ) as happened
  group by day, currency;

create view sales_by_movie as
  select
    movies.id as movie_id, movies.slug, movies.name, movies.year, sums.currency,
    sums.revenue, sums.refunds, sums.orders, sums.orders as items, sums.placed, sums.converted
  from (
    select
      movie_id, currency, sum(revenue)::bigint as revenue, sum(refunds)::bigint as refunds,
      sum(orders)::bigint as orders, sum(placed)::bigint as placed, sum(converted)::bigint as converted
    from (
      select
        movie_id, currency, coalesce(sum(amount) filter (where is_sold), 0) as revenue, 0 as refunds,
        count(*) filter (where is_sold) as orders,
        count(*) filter (where is_placed) as placed,
        count(*) filter (where is_placed and is_paid) as converted
      from sales_lines
      group by movie_id, currency
    union all
      select movie_id, currency, 0, sum(amount), 0, 0, 0 from refund_lines group by movie_id, currency
    ) as happened
    group by movie_id, currency
  ) as sums
  join movies on movies.id = sums.movie_id;

-- A film of several genres counts whole in each: the rows add up to more than was sold. One without any has a row too.
-- An order of several films of a genre is one order of it.
create view sales_by_genre as
  select
    genres.id as genre_id, genres.name, sums.currency,
    sums.revenue, sums.refunds, sums.orders, sums.items, sums.placed, sums.converted
  from (
    select
      genre_id, currency, sum(revenue)::bigint as revenue, sum(refunds)::bigint as refunds,
      sum(orders)::bigint as orders, sum(items)::bigint as items, sum(placed)::bigint as placed,
      sum(converted)::bigint as converted
    from (
      select
        genre_id, currency, coalesce(sum(amount) filter (where is_sold), 0) as revenue, 0 as refunds,
        count(*) filter (where is_sold) as orders,
        coalesce(sum(films) filter (where is_sold), 0) as items,
        count(*) filter (where is_placed) as placed,
        count(*) filter (where is_placed and is_paid) as converted
      from (
        select
          movie_genres.genre_id, sales_lines.order_id, sales_lines.currency, sales_lines.is_placed, sales_lines.is_sold,
          sales_lines.is_paid, count(*) as films, sum(sales_lines.amount) as amount
        from sales_lines
        left join movie_genres on movie_genres.movie_id = sales_lines.movie_id
        group by
          movie_genres.genre_id, sales_lines.order_id, sales_lines.currency, sales_lines.is_placed, sales_lines.is_sold,
          sales_lines.is_paid
      ) as of_orders
      group by genre_id, currency
    union all
      select movie_genres.genre_id, refund_lines.currency, 0, sum(refund_lines.amount), 0, 0, 0, 0
      from refund_lines
      left join movie_genres on movie_genres.movie_id = refund_lines.movie_id
      group by movie_genres.genre_id, refund_lines.currency
    ) as happened
    group by genre_id, currency
  ) as sums
  left join genres on genres.id = sums.genre_id;
