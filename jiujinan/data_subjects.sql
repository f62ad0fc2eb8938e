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
select data ->> 'case_id' as case_id from facts_readable
where name in ('relief.case_opened', 'relief.report_linked')
    and (data ->> 'report_id' = any($1::text[]) or data ->> 'person' = $2::text)
union
select found.data ->> 'case_id' from facts_readable found
where found.name = 'relief.identity_established' and found.data ->> 'person' = $2::text and not exists (
    select from facts_readable back
    where back.name = 'relief.identity_withdrawn' and back.data ->> 'person' = $2::text
        and (back.division, back.stream) = (found.division, found.stream) and back.position > found.position
)

-- Of relief: all reports of some cases.
-- name: reports_of_cases
select distinct data ->> 'report_id' as report_id from facts_readable
where name in ('relief.case_opened', 'relief.report_linked') and data ->> 'case_id' = any($1::text[])

-- Of ledger: who was to be paid for some cases.
-- name: payees_of_cases
select distinct data ->> 'payee_ref' as payee_ref from facts_readable
where name = 'ledger.payee_registered' and data ->> 'case_id' = any($1::text[])
