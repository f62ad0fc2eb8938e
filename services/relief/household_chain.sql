-- One report that came into two logs has one case.
-- name: opened
insert into links (case_id, county, township, cause, opened_as, person) values ($1, $2, $3, $4, $5, $5)
on conflict (case_id) do nothing

-- name: moved
update links set township = $2 where case_id = $1

-- name: established
update links set person = $2 where case_id = $1

-- Whom the report had named is withdrawn as well: nobody else is established before.
-- name: withdrawn
update links set person = null where case_id = $1

-- name: repeats
update links set repeats = $2 where case_id = $1

-- name: repeats_not
update links set repeats = null where case_id = $1

-- name: helped
insert into helps (case_id, decision_id, payment_id, amount_fen, at) values ($1, $2, $3, $4, $5)
on conflict do nothing

-- name: came_back
delete from helps where case_id = $1 and decision_id = $2 and payment_id = $3

-- name: recovered
insert into helps (case_id, decision_id, payment_id, amount_fen, at) values ($1, $2, 'recovered', $3, $4)
on conflict do nothing

-- name: told_at_home
insert into homes (case_id, home_county, told_at) values ($1, $2, $3) on conflict do nothing

-- name: answered_at_home
update homes set answer = $3 where case_id = $1 and home_county = $2

-- What other counties have told a county of its own people, what waits for an answer first, then the latest; behind the
-- case where the page before ended.
-- name: at_home
with told as (
    select case_id, told_at, answer, (answer is not null)::integer as rank,
        (-1000000 * extract(epoch from told_at))::bigint as told_key
    from homes where home_county = $1
), page as (
    select * from told where (rank, told_key, case_id) > ($2::integer, $3::bigint, $4::text)
)
select l.case_id, l.county, l.township, l.cause, l.person, m.told_at, m.answer, m.rank, m.told_key,
    coalesce(sum(h.amount_fen), 0)::bigint as amount_fen
from page m
join links l using (case_id)
left join helps h using (case_id)
group by l.case_id, m.told_at, m.answer, m.rank, m.told_key
order by m.rank, m.told_key, l.case_id
limit $5

-- name: noted
insert into elsewhere (grant_id, person, scheme, organisation, cause, given_on, amount_fen, reference)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing

-- name: referred
insert into elsewhere (grant_id, case_id, scheme, organisation) values ($1, $2, $3, $4) on conflict do nothing

-- name: referral_helped
update elsewhere set given_on = $2, amount_fen = $3 where grant_id = $1

-- What other counties and others have given a person for a cause in the twelve months before a moment.
-- name: elsewhere
select l.case_id as given_by from links l join helps h using (case_id)
where l.person = $1 and l.county <> $2 and l.cause = $3 and h.at > $4::timestamptz - interval '12 months'
union all
select grant_id from elsewhere
where person = $1 and cause = $3 and given_on > ($4::timestamptz at time zone 'Asia/Shanghai')::date - interval '12 months'
limit 1

-- What others have given a person, oldest first: told by themselves, or the result of a referral.
-- name: given_elsewhere
select e.grant_id, e.case_id, e.scheme, e.organisation, coalesce(e.cause, l.cause) as cause, e.given_on, e.amount_fen,
    e.reference
from elsewhere e left join links l using (case_id)
where coalesce(e.person, l.person) = $1 and e.given_on is not null
order by e.given_on, e.grant_id

-- Everything a person was helped with, oldest first; a case without help yet is in it too.
-- name: chain
select l.case_id, l.county, l.township, l.cause, l.repeats,
    coalesce(sum(h.amount_fen), 0)::bigint as amount_fen, min(h.at) as first_at, max(h.at) as last_at
from links l
left join helps h using (case_id)
where l.person = $1
group by l.case_id
order by first_at nulls last, l.case_id
