-- One report that came into two logs has one case: whoever heard of it first has it on the list.
-- name: opened
insert into cases (case_id, division, county, township, cause, urgency, persons, identity, reported_at, channels)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, array_remove(array[$10::text], null))
on conflict (case_id) do nothing

-- name: linked
update cases set reports = reports + 1, reported_at = least(reported_at, $2),
    channels = case when $3::text is null or $3 = any(channels) then channels else channels || $3 end
where case_id = $1

-- name: moved
update cases set township = $2 where case_id = $1

-- name: accepted
update cases set accepted_at = $2, handler = $3 where case_id = $1

-- name: type_judged
update cases set relief_type = $2 where case_id = $1

-- name: contacted
update cases set contact_tried = true where case_id = $1

-- A later decision takes the place of those that the fund was too short for.
-- name: replaced
update decisions set standing = 'replaced' where case_id = $1 and standing = 'short'

-- name: decided
insert into decisions (case_id, decision_id, amount_fen, has_goods) values ($1, $2, $3, $4)
on conflict (case_id, decision_id) do update
set amount_fen = excluded.amount_fen, has_goods = excluded.has_goods, standing = excluded.standing

-- Where ledger holds nothing, nobody else will say that a decision is not carried out.
-- name: let_go
update decisions set standing = 'replaced'
where case_id = $1 and decision_id = $2 and (standing = 'short' or amount_fen = 0)

-- name: stands
update decisions set standing = $3 where case_id = $1 and decision_id = $2

-- name: relieved
insert into reliefs (case_id, decision_id, payment_id, at, recorded_at) values ($1, $2, $3, $4, $5)
on conflict do nothing

-- name: came_back
update reliefs set came_back = true where case_id = $1 and decision_id = $2 and payment_id = $3

-- When the household first had something that it kept, and when that was learned.
-- name: help_counted
update cases set (relieved_at, helped_known_at) = (
    select r.at, r.recorded_at from reliefs r where r.case_id = $1 and not r.came_back
    order by r.at, r.recorded_at limit 1
)
where case_id = $1

-- name: owed
insert into debts (case_id, debt_id, due_on, missing) values ($1, $2, $3, $4)
on conflict (case_id, debt_id) do update set due_on = excluded.due_on, missing = excluded.missing

-- name: owed_until
update debts set due_on = $3 where case_id = $1 and debt_id = $2

-- name: not_owed
update debts set missing = '{}' where case_id = $1 and debt_id = $2

-- name: filed
update debts set missing = array_remove(missing, $3) where case_id = $1 and debt_id = $2

-- The first closing counts: a report that is linked later only gets the same answer.
-- name: closed
update cases set closed_at = $2::timestamptz, given_up_at = case when $3::boolean then $2::timestamptz end,
    given_up_known_at = case when $3::boolean then $4::timestamptz end
where case_id = $1 and closed_at is null

-- Who has help from here is still this county's to close.
-- name: left
update cases set closed_at = $2, given_up_at = $2, given_up_known_at = $3
where case_id = $1 and closed_at is null and relieved_at is null

-- The first judgement of a clock: rules that are published later change nothing of it.
-- name: judged_from_report
update cases set judged_from_report_at = least(judged_from_report_at, $3) where case_id = $1 and division = $2

-- name: judged_from_acceptance
update cases set judged_from_acceptance_at = least(judged_from_acceptance_at, $3) where case_id = $1 and division = $2

-- Somebody has let a clock of its advance stand still, or run on: only the clocks know its deadline.
-- name: paused
update cases set was_paused = true where case_id = $1 and division = $2

-- name: right_suspended
insert into suspensions (township, reason, document, suspended_at, suspended_by) values ($1, $2, $3, $4, $5)
on conflict (township) do nothing

-- name: right_restored
delete from suspensions where township = $1

-- name: suspended
select township, reason, document, suspended_at, suspended_by from suspensions
where starts_with(township, $1) order by township

-- The days on which the advances of some counties ($1) began to be counted, in the caller's scope.
-- name: start_days
select distinct c.county, s.day from cases c
cross join lateral (
    values ((c.reported_at at time zone 'Asia/Shanghai')::date), ((c.accepted_at at time zone 'Asia/Shanghai')::date)
) s (day)
where c.county = any($1::text[]) and starts_with(c.township, $2) and s.day is not null

-- The cases in the caller's scope that wait for help, and whose deadline only the clocks know.
-- name: paused_running
select division, case_id from cases
where was_paused and relieved_at is null and given_up_at is null and starts_with(township, $1)

-- name: logs
select division from log_heads order by division

-- The cases of a county or township whose households were first helped from one day of Asia/Shanghai to another.
-- name: helped_in
select division, case_id from cases
where starts_with(township, $1) and (relieved_at at time zone 'Asia/Shanghai')::date between $2 and $3
order by case_id limit $4

-- The cases of a township in which something is still to be done, the oldest first.
-- name: open_in
select case_id from cases c
where township = $1 and (
    closed_at is null or (relieved_at is null and given_up_at is null)
    or exists (select from debts d where d.case_id = c.case_id and d.missing <> '{}')
    or exists (select from next_steps n where n.case_id = c.case_id)
)
order by reported_at, case_id

-- What is still to be done, or all cases, most pressing first: life in danger, least time left, oldest.
-- $1 the caller's scope; $2-$6 the terms: county, first and last day, hours, start; $7-$10 where the page before ended;
-- $12 whether only what is still to be done; $13-$26 what the cases are filtered by, null for anything; $27 is now;
-- $28-$29 from when to when each term was what was published, $30 what stops it; $31-$37 the terms in days: county, day of
-- the start, when it is due then, start, what stops it, from when to when that was what was published; $38 whether working
-- days not published yet were counted; $39-$43 what the clocks say of those that were paused: case, both deadlines, whether
-- such days were counted in either.
-- name: queue
with terms as (
    select county, daterange(since, until, '[]') as days, tstzrange(published_at, replaced_at) as published, hours,
        judged_from, stops
    from unnest(
        $2::text[], $3::date[], $4::date[], $5::integer[], $6::text[], $28::timestamptz[], $29::timestamptz[], $30::text[]
    ) as t (county, since, until, hours, judged_from, published_at, replaced_at, stops)
), day_terms as (
    select county, day, due_at, judged_from, stops, tstzrange(published_at, replaced_at) as published, provisional
    from unnest(
        $31::text[], $32::date[], $33::timestamptz[], $34::text[], $35::text[], $36::timestamptz[], $37::timestamptz[],
        $38::boolean[]
    ) as t (county, day, due_at, judged_from, stops, published_at, replaced_at, provisional)
), by_clocks as (
    select case_id, report_due, acceptance_due, report_provisional, acceptance_provisional
    from unnest($39::text[], $40::timestamptz[], $41::timestamptz[], $42::boolean[], $43::boolean[])
        as t (case_id, report_due, acceptance_due, report_provisional, acceptance_provisional)
), waiting as (
    select case_id from cases where closed_at is null or (relieved_at is null and given_up_at is null)
    union
    select case_id from debts where missing <> '{}'
    union
    select case_id from next_steps
    union
    select case_id from cases where not $12::boolean
), known as (
    select c.*, coalesce(r.judged_from, rd.judged_from) as judged_from,
        c.relieved_at is null and c.given_up_at is null
            and not (coalesce(r.stops, rd.stops, '') = 'decided' and coalesce(d.is_decided, false)) as is_running,
        coalesce(k.report_due, c.reported_at + r.hours * interval '1 hour', rd.due_at) as due_from_report,
        coalesce(k.acceptance_due, c.accepted_at + a.hours * interval '1 hour', ad.due_at) as due_from_acceptance,
        coalesce(k.report_provisional, rd.provisional, false) as report_provisional,
        coalesce(k.acceptance_provisional, ad.provisional, false) as acceptance_provisional,
        coalesce(d.is_short, false) as is_short, coalesce(d.awaits_goods, false) as awaits_goods,
        coalesce(d.awaits_ledger, false) as awaits_ledger, coalesce(d.awaits_money, false) as awaits_money,
        p.papers_due_on, p.papers_missing, s.step, s.step_due_on,
        exists (
            select from next_steps n where n.case_id = c.case_id and n.step in ('review', 'review_sample')
        ) as open_review,
        exists (select from suspensions where township = c.township) as fast_track_suspended,
        case
            when c.closed_at is not null then 'closed'
            when c.relieved_at is not null then 'relieved'
            when c.accepted_at is not null then 'accepted'
            else 'reported'
        end as state
    from waiting
    join cases c using (case_id)
    left join terms r on r.county = c.county and r.published @> c.report_bound_by
        and r.days @> (c.reported_at at time zone 'Asia/Shanghai')::date
    left join terms a on a.county = c.county and a.published @> c.acceptance_bound_by
        and a.days @> (c.accepted_at at time zone 'Asia/Shanghai')::date
    left join day_terms rd on rd.county = c.county and rd.published @> c.report_bound_by
        and rd.day = (c.reported_at at time zone 'Asia/Shanghai')::date
    left join day_terms ad on ad.county = c.county and ad.published @> c.acceptance_bound_by
        and ad.day = (c.accepted_at at time zone 'Asia/Shanghai')::date
    left join by_clocks k on k.case_id = c.case_id
    cross join lateral (
        select bool_or(standing = 'short') as is_short, bool_or(standing in ('awaiting', 'held')) as is_decided,
            bool_or(standing = 'awaiting' and amount_fen > 0) as awaits_ledger,
            bool_or(standing = 'held' and not exists (
                select from reliefs r where (r.case_id, r.decision_id) = (c.case_id, d.decision_id)
                and r.payment_id <> '' and not r.came_back)) as awaits_money,
            bool_or(has_goods and standing not in ('replaced', 'voided') and not exists (
                select from reliefs r where (r.case_id, r.decision_id, r.payment_id) = (c.case_id, d.decision_id, '')
            )) as awaits_goods
        from decisions d where d.case_id = c.case_id
    ) d
    cross join lateral (
        select min(due_on) as papers_due_on, coalesce(sum(cardinality(missing)), 0)::integer as papers_missing
        from debts where case_id = c.case_id and missing <> '{}'
    ) p
    left join lateral (
        select step, due_on as step_due_on from next_steps where case_id = c.case_id
        order by step in ('review', 'review_sample'), due_on nulls first, about limit 1
    ) s on true
    where starts_with(c.township, $1) and starts_with(c.township, coalesce($13::text, ''))
        and ($14::text is null or $14 = any(c.channels))
        and ($15::text is null or c.cause = $15)
        and ($16::text is null or c.urgency = $16)
        and ($17::text is null or c.relief_type = $17)
        and ($18::text is null or c.handler = $18)
        and ($19::date is null or (c.reported_at at time zone 'Asia/Shanghai')::date >= $19)
        and ($20::date is null or (c.reported_at at time zone 'Asia/Shanghai')::date <= $20)
        and ($21::boolean is null or (p.papers_missing > 0) = $21)
), timed as (
    select *,
        case
            when not is_running then
                (least(papers_due_on, step_due_on) + 1)::timestamp at time zone 'Asia/Shanghai'
            when judged_from = 'accepted' then coalesce(due_from_acceptance, due_from_report)
            else due_from_report
        end as due_at,
        case
            when not is_running then false
            when judged_from = 'accepted' and due_from_acceptance is not null then acceptance_provisional
            else report_provisional
        end as provisional,
        case
            when is_running then 'advance'
            when papers_due_on <= coalesce(step_due_on, papers_due_on) then 'papers'
            when step_due_on is not null then 'step'
        end as due_of,
        case
            when accepted_at is null and closed_at is null then 'accept'
            when is_short then 'find_funds'
            when awaits_goods then 'hand_over_goods'
            when awaits_ledger then 'await_ledger'
            when awaits_money then 'await_payment'
            when step is not null then step
            when fast_track_suspended and is_running then 'county_decides'
            when closed_at is not null then 'file_papers'
            when not contact_tried then 'contact'
            when relieved_at is null then 'decide'
            else 'close'
        end as next_step
    from known
), ranked as (
    select *, case when urgency = 'life_danger' and is_running then 0 else 1 end as rank,
        coalesce((extract(epoch from due_at) * 1000000)::bigint, 900000000000000000) as due_key,
        (extract(epoch from reported_at) * 1000000)::bigint as reported_key
    from timed
)
select * from ranked
where ($22::boolean is null or open_review = $22)
    and ($23::text[] is null or state = any($23))
    and ($24::text is null or next_step = $24)
    and ($25::text is null or due_of = $25)
    and ($26::boolean is null or coalesce(due_at < $27, false) = $26)
    and (rank, due_key, reported_key, case_id) > ($7::integer, $8::bigint, $9::bigint, $10::text)
order by rank, due_key, reported_key, case_id
limit $11

-- The cases of a county that were first helped from one day of Asia/Shanghai to another, both included.
-- name: helped_between
select case_id from cases
where county = $1 and (relieved_at at time zone 'Asia/Shanghai')::date between $2 and $3
order by case_id
