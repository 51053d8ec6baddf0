-- What the gateway took, where that is not what was asked for: so much goes back, in the currency it came in.
alter table payments
  add column taken_amount   bigint,
  add column taken_currency text,
  add constraint payments_taken_check check (
    (taken_amount is null) = (taken_currency is null) and taken_amount >= 0 and taken_currency ~ '^[A-Z]{3}$'
  );

-- As before, but for money that came otherwise than it was asked for: of that, no more goes back than came.
create or replace function check_refunds() returns trigger language plpgsql as $$
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
  select coalesce(taken_amount, amount) into paid from payments where id = checked_id for no key update;
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
