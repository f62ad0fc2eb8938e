-- name: received
insert into reports (report_id, division, township, channel, vendor, status, missing, reported_at, recorded_at, position,
    order_number, previous_report_id, terms, returns)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- name: likeness
insert into likenesses values ($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- For each report that is asked about, the newest that share a sign which can lead to another, and what else they share:
-- a name of thousands must not cost more than one of ten. Who shares several is found by each: to compare whole rows
-- costs more.
-- name: alike
select asked.number, l.report_id, l.cause, l.reported_at,
    coalesce(l.name = asked.name, false), coalesce(l.sound = asked.sound, false),
    coalesce(l.phone = asked.phone, false), coalesce(l.phone_tail = asked.phone_tail, false),
    coalesce(l.home = asked.home, false), coalesce(l.village = asked.village, false)
from unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[],
        $9::uuid[]) with ordinality
    as asked (report_id, since, until, name, sound, phone, phone_tail, home, village, number)
cross join lateral (
    (select * from likenesses where name = asked.name and reported_at between asked.since and asked.until
        order by reported_at desc limit 50)
    union all (select * from likenesses where sound = asked.sound
        and reported_at between asked.since and asked.until order by reported_at desc limit 50)
    union all (select * from likenesses where phone = asked.phone
        and reported_at between asked.since and asked.until order by reported_at desc limit 50)
    union all (select * from likenesses where phone_tail = asked.phone_tail
        and reported_at between asked.since and asked.until order by reported_at desc limit 50)
    union all (select * from likenesses where home = asked.home
        and reported_at between asked.since and asked.until order by reported_at desc limit 50)
) l
where l.report_id <> asked.report_id

-- name: supplemented
update reports set township = coalesce(township, $2), missing = $3,
    status = case when $4 and status = 'incomplete' then 'received' else status end
where report_id = $1

-- name: asked
update reports set status = 'received', township = $2 where report_id = $1

-- name: linked
update reports set status = 'linked', first_report_id = $2 where report_id = $1

-- name: case_learned
update reports set case_id = $2 where report_id = $1

-- What has left is not here to be closed: only the need is, that was open under its name.
-- name: closed
update reports set status = 'closed' where report_id = $1 and status not in ('returned', 'transferred')

-- name: returned
update reports set status = 'returned', returns = $2 where report_id = $1

-- name: withdrawn
update reports set status = 'withdrawn' where report_id = $1

-- name: voided
update reports set status = 'voided' where report_id = $1

-- name: urged
update reports set urged = $2 where report_id = $1

-- name: supervised
update reports set supervised = $2 where report_id = $1

-- name: noted
insert into messages values ($1, $2, $3, $4, $5)

-- name: differ
insert into differences values ($1, $2, $3, $4, $5, $6, $7)

-- name: settled
delete from differences where report_id = $1 and supplement_id = $2

-- What is dealt with elsewhere is settled there.
-- name: differences
select d.* from differences d join reports r using (report_id)
where starts_with(coalesce(r.township, r.division), $1) and r.status not in ('returned', 'transferred', 'voided')
order by d.told_at, d.report_id, d.supplement_id limit 200

-- name: transferred
update reports set status = 'transferred', transfer_open = true where report_id = $1

-- name: transfer_taken
update reports set transfer_open = false where report_id = $1

-- name: transfers
select report_id, division from reports where transfer_open order by recorded_at limit 100

-- name: callback_off
insert into receivers values ($1, $2) on conflict (vendor) do nothing

-- name: callback_on
delete from receivers where vendor = $1

-- name: reply_prepared
insert into replies (reply_id, report_id, division, vendor, kind, document, state, prepared_at, position, attempts,
    recorded_at)
select $1, $2, $3, r.vendor, $4, $5, $8, $6, $7, 0, $6 from reports r where r.report_id = $2
on conflict (reply_id) do update set document = excluded.document, state = excluded.state, reason = null,
    prepared_at = excluded.prepared_at, position = excluded.position, recorded_at = excluded.recorded_at
where replies.state = 'withheld'

-- name: reply_lacks
update replies set reason = $2 where reply_id = $1

-- name: reply_settled
update replies set state = $2, attempts = $3, reason = $4 where reply_id = $1

-- name: reply_requeued
update replies set state = 'owed', attempts = 0, reason = null, prepared_at = $2 where reply_id = $1

-- name: policy_heard
insert into policies values ($1, $2, $3)

-- In the order in which they were published in each place.
-- name: policies
select document from policies where division = any($1::text[]) order by division, position

-- name: one
select * from reports where report_id = $1

-- name: of_order
select report_id, division from reports where vendor = $1 and order_number = $2 order by recorded_at desc limit 1

-- name: replies_of
select reply_id, kind, state, prepared_at, attempts, reason from replies where report_id = $1 order by position

-- name: messages_of
select kind, at, detail from messages where report_id = $1 order by position

-- To whom something is owed: from one vendor to the next through the index. A receiver that is gone is left alone.
-- name: owed_to
with recursive owed as (
    select min(vendor) as vendor from replies where state = 'owed'
    union all
    select (select min(r.vendor) from replies r where r.state = 'owed' and r.vendor > owed.vendor)
    from owed where owed.vendor is not null
)
select vendor from owed
where vendor is not null and not exists (select from receivers where receivers.vendor = owed.vendor)

-- The first undelivered reply of each of a vendor's reports, the oldest first: a later one waits for it.
-- name: owed
select reply_id, report_id, division, vendor, prepared_at
from replies r
where state = 'owed' and vendor = $1 and (prepared_at, reply_id) > ($2, $3) and not exists (
    select from replies earlier
    where earlier.report_id = r.report_id and earlier.state = 'owed' and earlier.position < r.position
)
order by prepared_at, reply_id limit $4

-- What is to be sent, if it still is: its turn may have come long after it was looked for.
-- name: document
select kind, document from replies
where reply_id = $1 and state = 'owed' and not exists (select from receivers where receivers.vendor = replies.vendor)

-- Everything for one sender after a cursor, and of each reply which of theirs stood before it in its log.
-- name: feed
select r.reply_id, r.report_id, r.division, r.position, r.state, r.kind, r.document,
    (select max(p.position) from replies p
     where p.vendor = r.vendor and p.division = r.division and p.position < r.position and p.state <> 'withheld'
    ) as previous
from replies r left join unnest($2::text[], $3::bigint[]) as seen(division, position) on seen.division = r.division
where r.vendor = $1 and r.position > coalesce(seen.position, 0) and r.state <> 'withheld'
order by r.recorded_at, r.division, r.position limit $4

-- name: abandoned
select reply_id, report_id, division from replies where vendor = $1 and state = 'abandoned' and starts_with(division, $2)
order by recorded_at, position limit 1000

-- name: receivers_gone
select count(*) as receivers from receivers

-- What cannot wait: that a case is accepted, and that help was given, half an hour after it was to be told.
-- name: emergencies_untold
select count(*) as replies from replies
where state in ('owed', 'abandoned') and kind in ('report_accepted', 'case_advance_paid')
    and prepared_at < now() - interval '30 minutes'

-- name: in_danger
insert into perils (report_id, recorded_at) values ($1, $2) on conflict do nothing

-- name: duty_reached
update perils set reached = true where report_id = $1

-- Life in danger, ten minutes after it was reported: nobody on duty was reached, and no township has taken it on.
-- name: dangers_unanswered
select count(*) as reports from perils p join reports r using (report_id)
where not p.reached and p.recorded_at < now() - interval '10 minutes' and r.status in ('incomplete', 'received')
    and not exists (select from replies a where a.report_id = p.report_id and a.kind = 'report_accepted')

-- Closure forms that wait for an officer to supply what a hotline asks for.
-- name: withheld
select count(*) as replies from replies where state = 'withheld'

-- Outcomes that a report keeps, so that the counts only grow; what is incomplete is counted once it asks for help.
-- name: counts
select channel, case when first_report_id is null then 'received' else 'linked' end as outcome, count(*) as reports
from reports where status <> 'incomplete' group by 1, 2

-- name: incomplete
select channel, count(*) as reports from reports where status = 'incomplete' group by 1

-- name: undelivered
select count(*) as replies, min(prepared_at) as oldest from replies where state = 'owed'
