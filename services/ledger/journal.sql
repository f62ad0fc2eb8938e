-- name: opened
insert into funds (fund_id, division, place, year, book_fen, reserved_fen, position) values ($1, $2, $3, $4, 0, 0, $5)

-- name: moved
update funds set book_fen = book_fen + $3, reserved_fen = reserved_fen + $4, position = $5
where fund_id = $1 and division = $2

-- name: posted
with after as (
    insert into balances as b values ($1, $7, $8::bigint - $9::bigint)
    on conflict (fund_id, account) do update set balance_fen = b.balance_fen + excluded.balance_fen
    returning balance_fen
)
insert into entries select $1, $2, $3, $4, $5, $6, $7, $8, $9, after.balance_fen, $10, $11 from after

-- A decision that was short may be asked again, of the same fund or another.
-- name: reserved
insert into holds values ($1, $2, $3, $4, $5, $6, $7, $8, 'reserved', null, null, $9)
on conflict (division, hold_id) do update
set fund_id = excluded.fund_id, place = excluded.place, correlation = excluded.correlation,
    amount_fen = excluded.amount_fen, decided_by = excluded.decided_by, standing = 'reserved',
    available_fen = null, shortfall_fen = null, position = excluded.position

-- name: short
insert into holds as h values ($1, $2, $3, $4, $5, $6, $7, null, 'short', $8, $9, $10)
on conflict (division, hold_id) do update
set fund_id = excluded.fund_id, place = excluded.place, correlation = excluded.correlation,
    amount_fen = excluded.amount_fen, available_fen = excluded.available_fen,
    shortfall_fen = excluded.shortfall_fen, position = excluded.position
where h.standing = 'short'

-- name: stands
update holds set standing = $3, position = $4 where division = $1 and hold_id = $2

-- name: instructed
insert into payments values ($1, $2, $3, $4, $5, $6, $7, 'instructed', null, null, null, $8)

-- name: received
update payments set standing = 'received', received_at = $3, evidence = $4, position = $5
where division = $1 and payment_id = $2

-- name: returned
update payments set standing = 'returned', reason = $3, position = $4 where division = $1 and payment_id = $2

-- name: funds
select fund_id, division as county, nullif(place, division) as township, year, book_fen, reserved_fen, available_fen,
       division || ':' || position as position
from funds where starts_with(place, $1) order by place, year

-- name: fund
select fund_id, division as county, nullif(place, division) as township, year, book_fen, reserved_fen, available_fen,
       division || ':' || position as position
from funds where fund_id = $1

-- The journal (明细账) a page at a time, from behind a line.
-- name: entries
select position, line, dated, number, summary, account, debit_fen, credit_fen, balance_fen, case_id, about
from entries where fund_id = $1 and (position, line) > ($2, $3) order by position, line limit $4

-- name: holds_of
select division, hold_id, fund_id, case_id, amount_fen, decided_by, standing, available_fen, shortfall_fen
from holds where case_id = $1 and starts_with(place, $2) order by division, position

-- name: payments_of
select p.hold_id, p.payment_id, p.method, p.payee_ref, p.instructed_by, p.standing, p.received_at, p.evidence, p.reason
from payments p join holds h using (division, hold_id)
where h.case_id = $1 and starts_with(h.place, $2) order by p.division, p.position

-- An id is the word of another service, so two counties may have used it: the caller's own comes first.
-- name: hold
select division, fund_id, place, case_id, correlation from holds
where hold_id = $1 and standing <> 'short' order by starts_with(place, $2) desc limit 1

-- name: hold_of_payment
select h.division, h.fund_id, h.place, h.case_id, h.correlation
from payments p join holds h using (division, hold_id)
where p.payment_id = $1 order by starts_with(h.place, $2) desc limit 1

-- What can be promised and what is held in each county, over the funds of its latest budget year.
-- name: totals
select division as county, sum(available_fen)::bigint as available_fen, sum(reserved_fen)::bigint as reserved_fen
from funds f where year = (select max(year) from funds where division = f.division) group by division

-- Up to when the view tells everything: the first fact that it lacks, or now.
-- name: updated
select extract(epoch from coalesce(min(f.recorded_at), now()))::float8
from projection_slots s cross join log_heads h
left join projection_cursors c on c.name = s.name and c.slot = s.slot and c.division = h.division
join facts f on f.division = h.division and f.position = coalesce(c.position, 0) + 1
where s.name = 'journal'
