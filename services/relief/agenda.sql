-- name: edition
select edition from clock_edition for update

-- name: begin_anew
with forgotten as (delete from clock_looks), unheard as (delete from clock_positions)
update clock_edition set edition = $1

-- name: positions
select division, position from clock_positions

-- name: looks
select division, case_id, at from clock_looks

-- name: nobody_ahead
select not exists (
    select from clock_positions c
    where c.position > coalesce(
        (select w.position from unnest($1::text[], $2::bigint[]) as w (division, position)
         where w.division = c.division), 0))

-- name: heard
insert into clock_positions (division, position) select * from unnest($1::text[], $2::bigint[])
on conflict (division) do update set position = excluded.position

-- name: put
insert into clock_looks (division, case_id, at) select * from unnest($1::text[], $2::text[], $3::timestamptz[])
on conflict (division, case_id) do update set at = excluded.at

-- name: struck
delete from clock_looks l using unnest($1::text[], $2::text[]) as w (division, case_id)
where l.division = w.division and l.case_id = w.case_id

-- name: judged_until
update clock_edition set judged_until = $1

-- What was counted of these cases is taken off the totals, before what holds now is added.
-- name: uncount
with gone as (
    delete from clock_stands s using unnest($1::text[], $2::text[]) as w (division, case_id)
    where s.division = w.division and s.case_id = w.case_id returning s.*
), sums as (
    select clock, met, missed, bucket, count(*) as clocks, sum(elapsed_ppm) as elapsed_ppm from gone group by 1, 2, 3, 4
)
update clock_totals t set clocks = t.clocks - s.clocks, elapsed_ppm = t.elapsed_ppm - s.elapsed_ppm from sums s
where (t.clock, t.met, t.missed, t.bucket) = (s.clock, s.met, s.missed, s.bucket)

-- name: count
with come as (
    insert into clock_stands select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[],
        $6::boolean[], $7::boolean[], $8::boolean[], $9::smallint[], $10::bigint[]) returning *
)
insert into clock_totals as t
select clock, met, missed, bucket, count(*), sum(elapsed_ppm) from come group by 1, 2, 3, 4
on conflict (clock, met, missed, bucket) do update
set clocks = t.clocks + excluded.clocks, elapsed_ppm = t.elapsed_ppm + excluded.elapsed_ppm

-- name: open
select clock, count(*) as open, count(*) filter (where due_at < $1) as overdue,
    min(due_at) filter (where due_at >= $1) as earliest
from clock_stands where is_open group by clock

-- name: totals
select clock, met, missed, bucket, clocks, elapsed_ppm from clock_totals where clocks > 0

-- name: stand_as_of
select judged_until from clock_edition
