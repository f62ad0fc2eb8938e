-- name: registered
insert into accounts (account_id, division, place, bank, other_fen, position) values ($1, $2, $3, $4, $5, $6)

-- name: imported
insert into statements values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: closes
update accounts set opening_fen = coalesce(opening_fen, $2), closing_fen = $3, through = $4, position = $5
where account_id = $1

-- name: line
insert into lines select * from unnest($1::statement_line[])

-- name: payee
insert into payees (payee_ref, name, account, division, case_id)
select payee_ref, name, account, division, case_id from unnest($1::payee_told[])
on conflict (payee_ref) do nothing

-- name: payees_of
select payee_ref from payees where division = $1 and case_id = $2 order by payee_ref

-- A payment has two legs: it goes out, and may come back.
-- name: instructed
insert into legs
select t.payment_id || ':' || way, t.payment_id, way, t.division, t.fund_id, t.place, sign * t.amount_fen, t.day, t.number,
       p.name, p.account, 'instructed', t.payee_ref
from unnest($1::payment_legs[]) as t cross join (values ('paid', -1), ('returned', 1)) as ways (way, sign)
left join payees p on p.payee_ref = t.payee_ref
on conflict (leg_id) do nothing

-- name: stands
update legs l set standing = t.standing
from (select distinct on (payment_id) payment_id, standing
      from unnest($1::payment_standing[]) with ordinality as t (payment_id, standing, ordinal)
      order by payment_id, ordinal desc) t
where l.payment_id = t.payment_id

-- name: drawn
insert into batches values ($1, $2, $3, $4, $5)

-- name: batched
update legs set batch = $2 where payment_id = any($1::text[])

-- name: resulted
update legs set serial = nullif($2, ''), failed = $3 where payment_id = $1

-- name: booked
insert into book (fund_id, place, position, line, dated, amount_fen, leg_id, summary, voucher)
select t.fund_id, t.place, t.position, t.line, t.dated, t.amount_fen,
       coalesce(l.leg_id, coalesce(t.about, t.fund_id || '.' || t.position)
                          || case when t.amount_fen > 0 then ':in' else ':out' end), t.summary, t.voucher
from unnest($1::line_booked[]) as t
left join legs l on l.payment_id = t.about and sign(l.amount_fen) = sign(t.amount_fen)

-- name: matched
insert into matches
select account_id, match_id, rule, string_to_array(evidence, ','), amount_fen, made_by, proposed_by, position, true
from unnest($1::match_made[])

-- A match's lines and legs, and the tasks that are over with it.
-- name: line_matched
with told as (
    select * from unnest($1::part_matched[])
), shown as (
    update lines l set match_id = t.match_id from told t where l.account_id = t.account_id and l.line_id = t.part_id
)
update tasks k set standing = 'cleared' from told t where k.account_id = t.account_id and k.exception_id = t.part_id

-- name: leg_matched
with told as (
    select * from unnest($1::part_matched[])
), taken as (
    insert into matched_legs (account_id, match_id, leg_id) select account_id, match_id, part_id from told
    on conflict (leg_id) do update set account_id = excluded.account_id, match_id = excluded.match_id
)
update tasks k set standing = 'cleared' from told t where k.account_id = t.account_id and k.exception_id = t.part_id

-- name: unmatched
update matches set active = false where account_id = $1 and match_id = $2

-- name: unmatch_lines
update lines set match_id = null where account_id = $1 and match_id = $2

-- name: unmatch_legs
delete from matched_legs where account_id = $1 and match_id = $2

-- name: opened
insert into tasks (account_id, exception_id, kind, amount_fen, since, standing, position)
select distinct on (account_id, exception_id) account_id, exception_id, kind, amount_fen, since, 'open', position
from unnest($1::task_opened[]) order by account_id, exception_id, position desc
on conflict (account_id, exception_id) do update
set kind = excluded.kind, standing = 'open', owner = null, treatment = null, reason = null, proposed_by = null,
    clears_by = null, escalated = null, position = excluded.position

-- name: assigned
update tasks set owner = $3, standing = case standing when 'open' then 'assigned' else standing end, position = $4
where account_id = $1 and exception_id = $2

-- name: escalated
update tasks set escalated = $3, position = $4 where account_id = $1 and exception_id = $2

-- name: proposed
update tasks set standing = 'proposed', treatment = $3, reason = $4, clears_by = $5, proposed_by = $6, position = $7
where account_id = $1 and exception_id = $2

-- name: approved
update tasks set standing = case $3 when 'match' then standing else $3 end, position = $4
where account_id = $1 and exception_id = $2

-- name: rejected
update tasks set standing = case when owner is null then 'open' else 'assigned' end, treatment = null, position = $3
where account_id = $1 and exception_id = $2

-- name: accounts
select a.account_id, a.division, a.place, a.bank, a.opening_fen, a.closing_fen, a.through, a.other_fen,
       t.exceptions, t.at_county, t.oldest
from accounts a, lateral (
    select count(*) as exceptions, count(*) filter (where escalated = 'county') as at_county, min(since) as oldest
    from tasks where account_id = a.account_id and standing not in ('other_business', 'cleared')
) t
where starts_with(a.place, $1) order by a.place, a.account_id

-- name: account
select account_id, division, place, bank, opening_fen, closing_fen, through, other_fen from accounts where account_id = $1

-- name: statements
select statement_id, file_name, sha256, layout, opening_fen, closing_fen, first_day, last_day, lines, imported_by
from statements where account_id = $1 order by position

-- name: lines
select l.ordinal, l.line_id, l.statement_id, l.row, l.day, l.booked_at, l.amount_fen, l.balance_fen, l.numbers, l.kind,
       l.match_id, m.rule, m.evidence, t.kind as exception, t.standing
from lines l
left join matches m on m.account_id = l.account_id and m.match_id = l.match_id
left join tasks t on t.account_id = l.account_id and t.exception_id = l.line_id and t.standing <> 'cleared'
where l.account_id = $1 and l.ordinal > $2 order by l.ordinal limit $3

-- name: exceptions
select exception_id, kind, amount_fen, since, standing, owner, treatment, reason, clears_by, proposed_by,
       escalated, $2::date - since as age_days
from tasks where account_id = $1 and standing <> 'cleared' and standing <> 'other_business' order by since, exception_id

-- What nobody has settled and the county does not know of.
-- name: ageing
select a.division, t.account_id, t.exception_id, t.since, t.escalated,
       case t.standing when 'explained' then t.clears_by end as clears_by
from tasks t join accounts a on a.account_id = t.account_id
where t.standing not in ('other_business', 'cleared') and t.escalated is distinct from 'county'
order by t.since, t.account_id, t.exception_id

-- name: escalations
select a.division as county, count(*) filter (where t.escalated = 'warned') as warned,
       count(*) filter (where t.escalated = 'county') as at_county
from tasks t join accounts a on a.account_id = t.account_id
where t.standing not in ('other_business', 'cleared') and t.escalated is not null group by a.division order by a.division

-- Both legs of the payments of a place: open ones, and those that a later line may still bring back.
-- name: legs
select l.leg_id, l.payment_id, l.way, l.fund_id, l.amount_fen, l.day, l.number, l.name, l.account, l.standing,
       l.batch, l.serial, l.failed, b.day as matched_on
from legs l
left join matched_legs m on m.leg_id = l.leg_id
left join lateral (
    select max(day) as day from lines where account_id = m.account_id and match_id = m.match_id
) b on true
where l.place = $1 and (b.day is null or b.day >= $2)

-- Legs by their ids, of one place: what another has paid is none of this account's lines.
-- name: legs_named
select leg_id, payment_id, way, fund_id, amount_fen, day, number, name, account, standing,
       batch, serial, failed, null::date as matched_on
from legs where leg_id = any($1::text[]) and place = $2
union all
select leg_id, leg_id, case when sum(amount_fen) < 0 then 'paid' else 'returned' end, min(fund_id),
       sum(amount_fen)::bigint, min(dated), null, null, null, 'booked', null, null,
       false, null
from book where leg_id = any($1::text[]) and place = $2 and (leg_id like '%:in' or leg_id like '%:out') group by leg_id

-- What is booked on the bank and has no line after so many days.
-- name: book_only
select b.leg_id, sum(b.amount_fen)::bigint as amount_fen, min(b.dated) as since
from book b left join matched_legs m on m.leg_id = b.leg_id
where b.place = $1 and b.dated <= $2 and m.leg_id is null
group by b.leg_id having sum(b.amount_fen) <> 0 order by b.leg_id

-- What bank and book say on their own as of a day (银行存款余额调节表), and how many lines are the fund's business.
-- name: stated
with account as (select * from accounts where account_id = $1),
line as (
    select l.*, coalesce(t.standing, '') as standing from lines l
    left join tasks t on t.account_id = l.account_id and t.exception_id = l.line_id
    where l.account_id = $1 and l.day <= $2
)
select (select coalesce(sum(b.amount_fen), 0) from book b
        where b.place = (select place from account) and b.dated <= $2)::bigint as book_fen,
       (select coalesce((select balance_fen from line order by ordinal desc limit 1), opening_fen, 0)
        from account)::bigint as statement_fen,
       ((select other_fen from account)
        + (select coalesce(sum(amount_fen), 0) from line where standing = 'other_business'))::bigint as other_fen,
       (select count(*) from line where standing <> 'other_business')::integer as lines,
       (select through from account) as through

-- What one side has as of a day and the other has not (未达账项): a match counts once both of its sides lie within it.
-- name: outstanding
with line as (
    select l.*, coalesce(t.standing, '') as standing, t.clears_by from lines l
    left join tasks t on t.account_id = l.account_id and t.exception_id = l.line_id
    where l.account_id = $1 and l.day <= $2
),
booked as (
    select b.*, m.match_id, coalesce(t.standing, '') as standing, t.clears_by from book b
    left join matched_legs m on m.leg_id = b.leg_id and m.account_id = $1
    left join tasks t on t.account_id = $1 and t.exception_id = b.leg_id
    where b.place = (select place from accounts where account_id = $1) and b.dated <= $2
),
-- What went out and bounced before anybody had it is in no books: both its ways are told by the bank alone.
bounced as (
    select l.amount_fen, p.match_id as paid_by, r.match_id as returned_by
    from legs l
    join matched_legs p on p.leg_id = l.payment_id || ':paid' and p.account_id = $1
    join matched_legs r on r.leg_id = l.payment_id || ':returned' and r.account_id = $1
    where l.way = 'paid' and exists (select from line where match_id = p.match_id)
      and exists (select from line where match_id = r.match_id)
      and not exists (select from book b where b.leg_id in (p.leg_id, r.leg_id))
),
equal as (
    select match_id from (
        select match_id, amount_fen from line where match_id is not null
        union all select match_id, -amount_fen from booked where match_id is not null
        union all select paid_by, -amount_fen from bounced
        union all select returned_by, amount_fen from bounced
    ) sides group by match_id having sum(amount_fen) = 0
)
select 'bank' as side, day, amount_fen, line_id as item_id, row, '' as voucher, kind as told,
       standing = 'explained' as explained, clears_by, ordinal as position
from line
where standing <> 'other_business' and (match_id is null or match_id not in (select match_id from equal))
union all
-- A voucher has a line for each source: what the bank will show of it is their sum.
select 'book', dated, sum(amount_fen)::bigint, leg_id, null, voucher, min(summary),
       bool_and(standing = 'explained'), min(clears_by), position
from booked where match_id is null or match_id not in (select match_id from equal)
group by fund_id, position, dated, leg_id, voucher having sum(amount_fen) <> 0
order by side, day, position, item_id

-- What keeps a place's month from being closed: its accounts, what is booked on the bank, and tasks nobody has settled.
-- name: accounts_of
select account_id from accounts where place = $1 order by account_id

-- name: booked_until
select count(*) from book where place = $1 and dated <= $2

-- name: open_tasks
select count(*) from tasks where account_id = $1 and since <= $2 and standing in ('open', 'assigned', 'proposed')

-- What a batch may take: payments of a fund that are under way, with whom they go to.
-- name: payable
select l.payment_id, l.number, -l.amount_fen as amount_fen, l.payee_ref, l.standing, l.batch
from legs l where l.fund_id = $1 and l.way = 'paid' and l.payment_id = any($2::text[]) order by l.number

-- name: batch
select batch_id, fund_id, place, batch_number from batches where batch_id = $1

-- The forms of a closed month, by the digest in its seal.
-- name: sealed_forms
select spelt from sealed_forms where digest = $1

-- name: keep_forms
insert into sealed_forms (digest, spelt) values ($1, $2) on conflict do nothing
