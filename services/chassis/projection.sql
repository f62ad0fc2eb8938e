-- The live slot of a read model and the version of its rows; the first to ask starts it at slot a.
-- name: slot
with started as (
    insert into projection_slots (name, slot, version) values ($1, 'a', $2)
    on conflict do nothing returning slot, version
)
select slot, version from started union all select slot, version from projection_slots where name = $1 limit 1

-- name: switch
insert into projection_slots (name, slot, version) values ($1, $2, $3)
on conflict (name) do update set slot = excluded.slot, version = excluded.version

-- name: ahead
select h.division, coalesce(c.position, 0) as position
from log_heads h left join projection_cursors c on c.division = h.division and c.name = $1 and c.slot = $2
where h.position > coalesce(c.position, 0) order by h.division

-- name: page
select * from facts where division = $1 and position > $2 and position <= $3 order by position limit $4

-- The cursor moves only from where this page began: of two processes that took the same page, one writes it.
-- name: save
with begun as (
    insert into projection_cursors (name, slot, division, position) select $1, $2, $3, $4 where $5 = 0
    on conflict do nothing returning position
), moved as (
    update projection_cursors set position = $4
    where name = $1 and slot = $2 and division = $3 and position = $5 returning position
)
select position from begun union all select position from moved

-- name: restart
delete from projection_cursors where name = $1 and slot = $2

-- name: taken_in
select coalesce(sum(position), 0)::bigint from projection_cursors where name = $1 and slot = $2

-- name: position
select c.position from projection_cursors c join projection_slots s on s.name = c.name and s.slot = c.slot
where c.name = $1 and c.division = $2

-- name: positions_at
select h.division, coalesce((
    select f.position from facts f where f.division = h.division and f.recorded_at <= $1
    order by f.position desc limit 1), 0)
from log_heads h

-- name: enter
select set_config('search_path', $1, true)

-- name: enter_live
select set_config('search_path', $1 || '_' || coalesce((select slot from projection_slots where name = $1), 'a') || ', public', true)

-- Up to when everything recorded is in the live slot: the first fact that it lacks, or now.
-- name: updated
select coalesce(min((select f.recorded_at from facts f
                     where f.division = h.division and f.position = coalesce(c.position, 0) + 1)), now())
from log_heads h
left join projection_slots s on s.name = $1
left join projection_cursors c on c.name = s.name and c.slot = s.slot and c.division = h.division
