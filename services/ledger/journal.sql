-- name: opened
insert into funds (fund_id, division, place, year, position) values ($1, $2, $3, $4, $5)

-- name: terms
update funds set mode = $3, quota_fen = $4, retained_fen = $5, draw_order = $6, alert_permille = $7
where fund_id = $1 and division = $2

-- name: low
update funds set is_low = $3 where fund_id = $1 and division = $2

-- name: touched
update funds f set position = told.position
from (select fund_id, division, max(position) as position
      from unnest($1::fund_touched[]) group by 1, 2) told
where f.fund_id = told.fund_id and f.division = told.division

-- name: quota
insert into quotas values ($1, $2, $3) on conflict (fund_id, township) do update set quota_fen = excluded.quota_fen

-- What the sources of a fund gain or lose: one that is named, or each that a hold has drawn, by what it has drawn;
-- in the books, and held. A source may be new to the fund. Only what comes of many changes at once must be there.
-- name: moved
with told as (
    select * from unnest($1::pots_moved[])
), moved as (
    select fund_id, source, sum(book_fen)::bigint as book_fen, sum(held_fen)::bigint as held_fen from (
        select fund_id, source, book_fen, held_fen from told where source is not null
        union all
        select t.fund_id, d.source, t.book_fen * d.amount_fen, t.held_fen * d.amount_fen
        from told t join hold_draws d using (division, hold_id) where t.source is null) of_both
    group by fund_id, source
)
merge into pots p using moved m on p.fund_id = m.fund_id and p.source = m.source
when matched then update set book_fen = p.book_fen + m.book_fen, held_fen = p.held_fen + m.held_fen
when not matched then insert (fund_id, source, book_fen, held_fen) values (m.fund_id, m.source, m.book_fen, m.held_fen)

-- name: draws_of_payment
update pots p set book_fen = p.book_fen + d.amount_fen
from payments y join hold_draws d using (division, hold_id)
where p.fund_id = $1 and y.division = $2 and y.payment_id = $3 and p.source = d.source

-- name: drawn
insert into hold_draws select * from unnest($1::hold_drawn[])

-- name: less
update hold_draws set amount_fen = amount_fen - $4 where division = $1 and hold_id = $2 and source = $3

-- name: left
insert into leavings values ($1, $2, $3, $4, $5)

-- name: sent
insert into transfers values ($1, $3, $2, $4, $5, $6, $7, true, $8)

-- name: arrived
update transfers set in_transit = false, position = $3 where division = $1 and transfer_id = $2

-- Lines in the order of posting, each with its account's balance after it.
-- name: posted
with told as (
    select *, sum(debit_fen - credit_fen) over (partition by fund_id, account order by ordinal) as running_fen
    from unnest($1::posted_line[])
        with ordinality as t (fund_id, position, line, dated, number, summary, account, debit_fen, credit_fen,
                              case_id, about, word, source, functional, economic, towards, basis, made_by, signed_by,
                              happened_on, reverses, ordinal)
), moved as (
    insert into balances as b
    select fund_id, account, sum(debit_fen - credit_fen)::bigint from told group by fund_id, account
    on conflict (fund_id, account) do update set balance_fen = b.balance_fen + excluded.balance_fen
), on_days as (
    insert into daily as d
    select fund_id, account, coalesce(source, ''), dated, sum(debit_fen)::bigint, sum(credit_fen)::bigint
    from told group by 1, 2, 3, 4
    on conflict (fund_id, account, source, dated) do update
    set debit_fen = d.debit_fen + excluded.debit_fen, credit_fen = d.credit_fen + excluded.credit_fen
)
insert into entries
select t.fund_id, t.position, t.line, t.dated, t.number, t.summary, t.account, t.debit_fen, t.credit_fen,
       coalesce(b.balance_fen, 0) + t.running_fen, t.case_id, t.about, t.word, t.source, t.functional, t.economic,
       t.towards, t.basis, t.made_by, t.signed_by, t.happened_on, t.reverses
from told t left join balances b on b.fund_id = t.fund_id and b.account = t.account

-- A decision that was short may be asked again, of the same fund or another.
-- name: reserved
insert into holds (division, hold_id, fund_id, place, case_id, correlation, amount_fen, decided_by, standing,
                   expires_at, position, used_by, by_county, cause)
select distinct on (division, hold_id)
       division, hold_id, fund_id, place, case_id, correlation, amount_fen, decided_by, 'reserved', expires_at, position,
       used_by, by_county, cause
from unnest($1::hold_reserved[])
order by division, hold_id, position desc
on conflict (division, hold_id) do update
set fund_id = excluded.fund_id, place = excluded.place, correlation = excluded.correlation,
    amount_fen = excluded.amount_fen, decided_by = excluded.decided_by, standing = 'reserved',
    available_fen = null, shortfall_fen = null, position = excluded.position, expires_at = excluded.expires_at,
    used_by = excluded.used_by, by_county = excluded.by_county, cause = excluded.cause

-- name: committed
insert into holds values ($1, $2, $3, $4, $5, $6, $7, $8, 'committed', null, null, $9)

-- name: short
insert into holds as h values ($1, $2, $3, $4, $5, $6, $7, null, 'short', $8, $9, $10)
on conflict (division, hold_id) do update
set fund_id = excluded.fund_id, place = excluded.place, correlation = excluded.correlation,
    amount_fen = excluded.amount_fen, available_fen = excluded.available_fen,
    shortfall_fen = excluded.shortfall_fen, position = excluded.position
where h.standing = 'short'

-- name: short_let_go
delete from holds where division = $1 and hold_id = $2 and fund_id = $3 and standing = 'short'

-- name: stands
update holds h set standing = t.standing, position = t.position
from (select distinct on (division, hold_id) *
      from unnest($1::hold_standing[])
      order by division, hold_id, position desc) t
where h.division = t.division and h.hold_id = t.hold_id

-- name: instructed
insert into payments (division, payment_id, hold_id, amount_fen, method, payee_ref, instructed_by, payment_number,
                      standing, position)
select division, payment_id, hold_id, amount_fen, method, payee_ref, instructed_by, payment_number, 'instructed', position
from unnest($1::payment_instructed[])

-- name: received
update payments p set standing = 'received', received_at = t.received_at, evidence = t.evidence,
                      amount_fen = t.amount_fen, attachments = t.attachments, position = t.position
from (select distinct on (division, payment_id) *
      from unnest($1::payment_received[])
      order by division, payment_id, position desc) t
where p.division = t.division and p.payment_id = t.payment_id

-- name: suspended
update payments set standing = 'suspended', received_at = $3, evidence = $4, amount_fen = $5, position = $6
where division = $1 and payment_id = $2

-- name: returned
update payments set standing = 'returned', papers = 'unfiled', reason = $3, position = $4
where division = $1 and payment_id = $2

-- name: handed
update payments set handed_by = $3, position = $4 where division = $1 and payment_id = $2

-- name: cleared
update payments set standing = $3, position = $4 where division = $1 and payment_id = $2

-- name: papers
update payments set papers = $3, position = $4 where division = $1 and payment_id = $2

-- name: recovery
insert into recoveries values ($1, $2, $3, $4, $5, $6, 0, false, $7)

-- name: recovery_found
insert into recoveries
select $3::text, $2::text, $1::text, payment_id, case_id, p.amount_fen, 0, false, $5::bigint
from payments p join holds h using (division, hold_id) where division = $3 and payment_id = $4

-- name: recovered
update recoveries set received_fen = received_fen + $3, position = $4 where division = $1 and recovery_id = $2

-- name: ended
update recoveries set ended_fen = ended_fen + $3, position = $4 where division = $1 and recovery_id = $2

-- name: waived
update recoveries set waived = true, position = $3 where division = $1 and recovery_id = $2

-- name: stocked
insert into stock values ($1, $2, $3, $4, $5)

-- name: issued
update stock set quantity = quantity - $3, cost_fen = cost_fen - $4 where fund_id = $1 and batch_id = $2

-- name: unstocked
update stock set quantity = 0, cost_fen = 0 where fund_id = $1 and batch_id = $2

-- name: proposed
insert into acts values ($1, $2, $3, $4, $5, $6, $7, 'proposed', null, $8)

-- name: settled
update acts set standing = $3, settled_by = $4, position = $5 where division = $1 and act_id = $2

-- name: month
insert into months values ($1, $2, $3, $4, $5, $6)

-- name: checked
insert into months values ($1, $2, 'checked', null, $3, $4)

-- What can be promised is the free money of the sources that may be drawn, less what is kept back.
-- name: funds
select fund_id, f.division as county, nullif(f.place, f.division) as township, f.year, f.mode, f.quota_fen,
       coalesce(p.book_fen, 0)::bigint as book_fen, coalesce(p.held_fen, 0)::bigint as reserved_fen,
       greatest(0, coalesce(p.free_fen, 0) - f.retained_fen)::bigint as available_fen, f.is_low,
       f.division || ':' || f.position as position
from funds f left join lateral (
    select sum(book_fen) as book_fen, sum(held_fen) as held_fen,
           sum(free_fen) filter (where source = any(f.draw_order)) as free_fen
    from pots where fund_id = f.fund_id) p on true
where starts_with(f.place, $1) and ($2::text is null or fund_id = $2) order by f.place, f.year

-- name: pots
select source, book_fen, held_fen, free_fen from pots where fund_id = $1 order by source

-- The journal (明细账) a page at a time, from behind a line.
-- name: entries
select position, line, dated, number, summary, account, debit_fen, credit_fen, balance_fen, case_id, about,
       word, source, functional, economic, towards, basis, made_by, signed_by, happened_on, reverses
from entries where fund_id = $1 and (position, line) > ($2, $3) order by position, line limit $4

-- name: holds_of
select division, hold_id, fund_id, case_id, amount_fen, decided_by, standing, available_fen, shortfall_fen, expires_at
from holds where case_id = $1 and starts_with(place, $2) order by division, position

-- name: payments_of
select p.hold_id, p.payment_id, p.payment_number, p.method, p.payee_ref, p.instructed_by, p.standing, p.amount_fen,
       p.papers, p.received_at, p.evidence, p.handed_by, p.reason
from payments p join holds h using (division, hold_id)
where h.case_id = $1 and starts_with(h.place, $2) order by p.division, p.position

-- name: payments_of_fund
select p.payment_number, p.payment_id, p.hold_id, h.case_id, p.payee_ref, p.method, p.amount_fen, p.standing, p.papers,
       p.received_at, p.reason, p.instructed_by
from payments p join holds h using (division, hold_id)
where h.fund_id = $1 and ($2::text is null or p.standing = $2) and p.payment_number > $3
order by p.payment_number limit $4

-- An id is the word of another service, so two counties may have used it: the caller's own comes first.
-- name: hold
select division, fund_id, place, case_id, correlation from holds
where hold_id = $1 and standing <> 'short' order by starts_with(place, $2) desc limit 1

-- name: hold_asked_for
select division, fund_id, place, case_id, correlation from holds
where hold_id = $1 order by starts_with(place, $2) desc limit 1

-- name: hold_of_payment
select h.division, h.fund_id, h.place, h.case_id, h.correlation
from payments p join holds h using (division, hold_id)
where p.payment_id = $1 order by starts_with(h.place, $2) desc limit 1

-- name: transfer
select from_fund_id, to_fund_id, amount_fen, source, document from transfers where transfer_id = $1

-- name: recoveries_of_fund
select * from (
    select r.recovery_id, r.payment_id, p.payment_number, r.case_id, r.ordered_fen, r.received_fen, r.ended_fen, r.waived,
           case when r.waived then 0 else r.ordered_fen - r.received_fen - r.ended_fen end as owed_fen
    from recoveries r left join payments p using (division, payment_id) where r.fund_id = $1
) claims
where (not $2 or owed_fen > 0) and recovery_id > $3 order by recovery_id limit $4

-- name: recovery_of
select division, fund_id from recoveries where recovery_id = $1

-- name: expired
select division, fund_id, hold_id from holds where standing = 'reserved' and expires_at <= $1 order by expires_at limit 100

-- What can be promised and what is held in each county, over the funds of its latest budget year, up to
-- the present one: a fund that is opened in December for the next says nothing of what there is now.
-- name: totals
select f.division as county, coalesce(sum(p.free_fen), 0)::bigint as available_fen,
       coalesce(sum(p.held_fen), 0)::bigint as reserved_fen
from funds f left join pots p using (fund_id)
where f.year = (select max(year) from funds where division = f.division and year <= $1) group by f.division

-- A month's lines as the books stood at a position of the log, by the day on which they are booked; or, without one,
-- corrected as of now, by the day on which they happened. Lines are never changed.
-- name: month_entries
select position, line, dated, happened_on, word, number, summary, account, source, debit_fen, credit_fen, case_id, about,
       functional, economic, towards, basis, made_by, signed_by, reverses
from entries
where fund_id = $1 and dated >= $2::date and dated < $2::date + interval '1 month'
  and case when $3::bigint is null then happened_on is null else position <= $3 end
union all
select position, line, dated, happened_on, word, number, summary, account, source, debit_fen, credit_fen, case_id, about,
       functional, economic, towards, basis, made_by, signed_by, reverses
from entries
where $3::bigint is null and fund_id = $1 and happened_on >= $2::date and happened_on < $2::date + interval '1 month'
order by position, line

-- The sums of days: at a position, without what came behind it; corrected, with what came late on its own day.
-- name: month_accounts
with moved as (
    select account, dated as day, debit_fen, credit_fen from daily where fund_id = $1
    union all
    select account, dated, -debit_fen, -credit_fen from entries
    where $3::bigint is not null and fund_id = $1 and position > $3
    union all
    select e.account, way.day, way.sign * e.debit_fen, way.sign * e.credit_fen
    from entries e cross join lateral (values (e.dated, -1), (e.happened_on, 1)) as way (day, sign)
    where $3::bigint is null and e.fund_id = $1 and e.happened_on is not null
)
select account,
       coalesce(sum(debit_fen - credit_fen) filter (where day < $2), 0)::bigint as opening_fen,
       coalesce(sum(debit_fen) filter (where day >= $2), 0)::bigint as debit_fen,
       coalesce(sum(credit_fen) filter (where day >= $2), 0)::bigint as credit_fen,
       sum(debit_fen - credit_fen)::bigint as closing_fen
from moved where day < $2::date + interval '1 month'
group by account having sum(debit_fen) <> 0 or sum(credit_fen) <> 0 order by account

-- name: month_sources
with moved as (
    select source, dated as day, debit_fen, credit_fen from daily
    where fund_id = $1 and account in ('100', '101') and source <> ''
    union all
    select source, dated, -debit_fen, -credit_fen from entries
    where $3::bigint is not null and fund_id = $1 and position > $3
          and account in ('100', '101') and source is not null
    union all
    select e.source, way.day, way.sign * e.debit_fen, way.sign * e.credit_fen
    from entries e cross join lateral (values (e.dated, -1), (e.happened_on, 1)) as way (day, sign)
    where $3::bigint is null and e.fund_id = $1 and e.happened_on is not null
          and e.account in ('100', '101') and e.source is not null
)
select source,
       coalesce(sum(debit_fen - credit_fen) filter (where day < $2), 0)::bigint as opening_fen,
       coalesce(sum(debit_fen) filter (where day >= $2), 0)::bigint as in_fen,
       coalesce(sum(credit_fen) filter (where day >= $2), 0)::bigint as out_fen,
       sum(debit_fen - credit_fen)::bigint as closing_fen
from moved where day < $2::date + interval '1 month'
group by source having sum(debit_fen) <> 0 or sum(credit_fen) <> 0 order by source

-- name: month_vouchers
select count(distinct position) from entries
where fund_id = $1 and position <= $3 and date_trunc('month', dated::timestamp) = $2::date

-- name: months
select month, standing, seal, by, position from months where fund_id = $1 order by position

-- name: seal
select seal from months where fund_id = $1 and month = $2 and seal is not null order by position desc limit 1

-- The seal of a month that is closed now.
-- name: closed_under
select seal from months where fund_id = $1 and month = $2 order by position desc limit 1

-- Households and fen of each township in a span of days, paid by itself and by the county; what came back is not among
-- them. What the county paid for no known township stands under the county.
-- name: usage
with given as (
    select h.used_by as place, h.by_county, h.case_id, p.amount_fen
    from payments p join holds h using (division, hold_id)
    where h.division = $1 and p.standing = 'received'
      and (p.received_at at time zone 'Asia/Shanghai')::date between $2 and $3
    union all
    -- Goods at cost: of the township whose stock they are, or of the county's for the household that the case is of.
    select case when f.place <> f.division then f.place else coalesce(
               (select max(h.used_by) from holds h where h.division = $1 and h.case_id = e.case_id), f.place) end,
           f.place = f.division, e.case_id, e.debit_fen - e.credit_fen
    from funds f join entries e using (fund_id)
    where f.division = $1 and e.account = '301' and coalesce(e.happened_on, e.dated) between $2 and $3
)
select place,
       count(distinct case_id) filter (where not by_county) as town_households,
       coalesce(sum(amount_fen) filter (where not by_county), 0)::bigint as town_fen,
       count(distinct case_id) filter (where by_county) as county_households,
       coalesce(sum(amount_fen) filter (where by_county), 0)::bigint as county_fen
from given group by place order by place

-- What is settled and what is not (核销): payments by the standing of their papers.
-- name: papers_of
select p.papers, count(*) as payments, sum(p.amount_fen)::bigint as amount_fen
from payments p join holds h using (division, hold_id)
where h.fund_id = $1 and p.standing = 'received' group by p.papers order by p.papers

-- After how many days a payment of the fund without papers is overdue, by its latest terms.
-- name: overdue_days
select (data -> 'terms' ->> 'overdue_days')::integer from facts_readable
where division = left($1, 6) and stream = 'fund:' || $1 and name in ('ledger.fund_opened', 'ledger.terms_set')
order by position desc limit 1

-- name: account_opening
select coalesce(sum(debit_fen - credit_fen), 0)::bigint from daily where fund_id = $1 and account = $2 and dated < $3

-- What each account has at the end of a day, debit positive, by source.
-- name: balances_on
select account, nullif(source, '') as source, sum(debit_fen - credit_fen)::bigint as balance_fen
from daily where fund_id = $1 and dated <= $2 group by account, daily.source
having sum(debit_fen - credit_fen) <> 0 order by account, daily.source

-- name: payments_in
select p.payment_number, h.case_id, p.payee_ref, p.method, p.amount_fen, p.standing, p.evidence, p.instructed_by, p.received_at
from payments p join holds h using (division, hold_id)
where h.fund_id = $1 and (p.standing = 'instructed'
                          or (p.received_at at time zone 'Asia/Shanghai')::date between $2 and $3)
order by p.received_at nulls last, p.payment_id

-- When each payment was held, instructed and received: the facts know, the tables keep only how things stand.
-- name: timeliness
select p.payment_number, held.occurred_at as held_at, told.occurred_at as instructed_at, p.received_at,
       (select min(filed.occurred_at) from facts_readable filed
        where filed.division = h.division and filed.stream = 'fund:' || h.fund_id
              and filed.name = 'ledger.papers_marked' and filed.data ->> 'payment_id' = p.payment_id
              and filed.data ->> 'standing' = 'filed') as filed_at
from payments p join holds h using (division, hold_id)
join facts_readable held on held.division = h.division and held.stream = 'fund:' || h.fund_id
     and held.name = 'ledger.reserved' and held.data ->> 'hold_id' = h.hold_id
join facts_readable told on told.division = h.division and told.stream = 'fund:' || h.fund_id
     and told.name = 'ledger.payment_instructed' and told.data ->> 'payment_id' = p.payment_id
where h.fund_id = $1 and p.standing = 'received'
      and (p.received_at at time zone 'Asia/Shanghai')::date between $2 and $3
order by p.received_at, p.payment_id

-- name: request_drafted
insert into requests values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'drafted', null, 0, $12)

-- name: request_submitted
update requests set standing = 'submitted', amount_fen = $3, submitted_by = $4, figures = $5, position = $6
where division = $1 and request_id = $2

-- With the county's finance desk it is granted.
-- name: request_signed
with signed as (
    insert into request_steps (division, request_id, step, by, amount_fen, opinion, document, at, position)
    values ($1, $2, $3, $4, $5, $6, nullif($7, ''), $8, $9)
)
update requests set amount_fen = $5, position = $9,
       standing = case when $3 = 'county_finance' then 'granted' else standing end
where division = $1 and request_id = $2

-- name: request_declined
update requests set standing = 'declined', declined_by = $3, declined_because = $4, position = $5
where division = $1 and request_id = $2

-- name: request_arrived
with came as (
    insert into request_steps (division, request_id, step, move_id, voucher, amount_fen, at, position)
    values ($1, $2, 'arrived', $4, $5, $3, $6, $7)
)
update requests set arrived_fen = arrived_fen + $3, position = $7,
       standing = case when arrived_fen + $3 >= amount_fen then 'arrived' else standing end
where division = $1 and request_id = $2

-- Requests for more money (补充申请), what is most pressing first, each with its signatures and what came.
-- name: requests
select r.request_id, r.fund_id, r.cause, r.standing, r.amount_fen, r.arrived_fen, r.case_id, r.hold_id, r.township, r.due_at,
       r.figures, r.submitted_by, r.declined_by, r.declined_because, r.division || ':' || r.position as position,
       coalesce((select json_agg(json_strip_nulls(json_build_object(
           'step', s.step, 'by', s.by, 'amount_fen', s.amount_fen, 'opinion', s.opinion, 'document', s.document,
           'move_id', s.move_id, 'voucher', s.voucher, 'at', s.at)) order by s.position, s.step)
        from request_steps s where s.division = r.division and s.request_id = r.request_id), '[]')::text as steps
from requests r
where starts_with(r.place, $1) and ($2::text is null or r.standing = $2) and ($3::text is null or r.request_id = $3)
order by r.due_at nulls last, r.fund_id, r.position, r.request_id
