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
