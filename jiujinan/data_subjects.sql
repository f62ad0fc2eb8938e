-- Of intake: the reports of a person, by pseudonym.
-- name: reports_of_person
select distinct data ->> 'report_id' as report_id from facts_readable
where name = 'intake.report_received' and data ->> 'person' = $1

-- Of intake: whose keys these reports are sealed with. One that was handed over keeps the key of the one it came from.
-- name: subjects_of_reports
select distinct coalesce(received.data -> 'verbatim' ->> 'subject', 'report:' || asked.report_id) as subject
from unnest($1::text[]) as asked(report_id)
left join facts_readable received
    on received.name = 'intake.report_received' and received.data ->> 'report_id' = asked.report_id

-- Of intake: a person's lines on lists of households that were not included, by pseudonym.
-- name: subjects_on_lists
select distinct data -> 'reason' ->> 'subject' as subject from facts_readable
where name = 'intake.not_included' and data ->> 'person' = $1

-- Of relief: the cases that reports belong to, those that were opened for a person, and those whose person was found
-- out later, unless that was taken back.
-- name: cases_of
select distinct found.data ->> 'case_id' as case_id from facts_readable found
where (
    found.name in ('relief.case_opened', 'relief.report_linked')
        and (found.data ->> 'report_id' = any($1::text[]) or found.data ->> 'person' = $2::text)
    or found.name = 'relief.identity_established' and found.data ->> 'person' = $2::text
) and not exists (
    select from facts_readable back
    where back.name = 'relief.identity_withdrawn' and back.data ->> 'person' = $2::text
        and (back.division, back.stream) = (found.division, found.stream) and back.position > found.position
)

-- Of relief: from when to when cases were taken for a person's whose they were not (撤销身份核实).
-- name: mistaken
select said.data ->> 'case_id' as case_id, said.recorded_at as since, back.recorded_at as until
from facts_readable said
cross join lateral (
    select recorded_at from facts_readable
    where name = 'relief.identity_withdrawn' and data ->> 'person' = $1::text
        and (division, stream) = (said.division, said.stream) and position > said.position
    order by position limit 1
) back
where said.name in ('relief.case_opened', 'relief.identity_established') and said.data ->> 'person' = $1::text

-- Of relief: whom else some cases were taken for, and from when to when: everybody but one person.
-- name: others_meanwhile
select said.data ->> 'case_id' as case_id, said.recorded_at as since, back.recorded_at as until,
    said.data ->> 'person' as person
from facts_readable said
cross join lateral (
    select recorded_at from facts_readable
    where name = 'relief.identity_withdrawn' and data ->> 'person' = said.data ->> 'person'
        and (division, stream) = (said.division, said.stream) and position > said.position
    order by position limit 1
) back
where said.name in ('relief.case_opened', 'relief.identity_established')
    and said.data ->> 'case_id' = any($1::text[]) and said.data ->> 'person' <> $2::text

-- Of intake: which of these reports name one of these persons, by pseudonym.
-- name: reports_naming
select distinct data ->> 'report_id' as report_id from facts_readable
where name = 'intake.report_received' and data ->> 'report_id' = any($1::text[]) and data ->> 'person' = any($2::text[])

-- Of relief: all reports of some cases.
-- name: reports_of_cases
select distinct data ->> 'report_id' as report_id from facts_readable
where name in ('relief.case_opened', 'relief.report_linked') and data ->> 'case_id' = any($1::text[])

-- Of ledger: the lines of bank statements that speak of some payees: what their payments were matched with, what bears
-- their account, and what bears their name and no account.
-- name: lines_of_payees
with payees as (
    select data ->> 'payee_ref' as payee_ref, data ->> 'name_digest' as name, data ->> 'account_digest' as account
    from facts_readable where name = 'ledger.payee_registered' and data ->> 'payee_ref' = any($1::text[])
), legs as (
    select paid.data ->> 'payment_id' || ':' || way as leg_id
    from facts_readable paid cross join unnest(array['paid', 'returned']) as way
    where paid.name = 'ledger.payment_instructed' and paid.data ->> 'payee_ref' in (select payee_ref from payees)
), matched as (
    select made.data ->> 'account_id' as account_id, jsonb_array_elements_text(made.data -> 'lines') as line_id
    from facts_readable made
    where made.name = 'ledger.line_matched' and made.data -> 'legs' ?| array(select leg_id from legs)
        and not exists (
            select from facts_readable back
            where back.name = 'ledger.line_unmatched' and (back.division, back.stream) = (made.division, made.stream)
                and back.data ->> 'match_id' = made.data ->> 'match_id'
        )
)
select distinct told.envelope ->> 'subject' as subject
from facts_readable read
cross join jsonb_array_elements(read.data -> 'lines') with ordinality as said (line, place)
join jsonb_array_elements(case jsonb_typeof(read.data -> 'told') when 'array' then read.data -> 'told' else '[]' end)
    with ordinality as told (envelope, place) using (place)
where read.name = 'ledger.statement_lines_read' and (
    (read.data ->> 'account_id', said.line ->> 'line_id') in (select account_id, line_id from matched)
    or said.line ->> 'account' in (select account from payees)
    or said.line ->> 'account' is null and said.line ->> 'name' in (select name from payees)
)

-- Of ledger: who was to be paid for some cases.
-- name: payees_of_cases
select distinct data ->> 'payee_ref' as payee_ref from facts_readable
where name = 'ledger.payee_registered' and data ->> 'case_id' = any($1::text[])

-- Of ledger: who was registered to be paid for some cases while these were taken for a person's whose they were not.
-- name: payees_meanwhile
select distinct data ->> 'payee_ref' as payee_ref
from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as taken (case_id, since, until)
join facts_readable on name = 'ledger.payee_registered' and data ->> 'case_id' = taken.case_id
    and recorded_at >= taken.since and recorded_at < taken.until
