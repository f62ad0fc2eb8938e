-- Of intake: the reports of a person, by pseudonym.
-- name: reports_of_person
select distinct data ->> 'report_id' as report_id from facts_readable
where name = 'intake.report_received' and data ->> 'person' = $1

-- Of relief: the cases that reports belong to, and those that were opened for a person.
-- name: cases_of
select distinct data ->> 'case_id' as case_id from facts_readable
where name in ('relief.case_opened', 'relief.report_linked')
    and (data ->> 'report_id' = any($1::text[]) or data ->> 'person' = $2::text)

-- Of relief: all reports of some cases.
-- name: reports_of_cases
select distinct data ->> 'report_id' as report_id from facts_readable
where name in ('relief.case_opened', 'relief.report_linked') and data ->> 'case_id' = any($1::text[])

-- Of ledger: who was to be paid for some cases.
-- name: payees_of_cases
select distinct data ->> 'payee_ref' as payee_ref from facts_readable
where name = 'ledger.payee_registered' and data ->> 'case_id' = any($1::text[])
