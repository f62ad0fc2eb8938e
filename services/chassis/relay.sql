-- name: ahead
select h.division, h.position as head, coalesce(c.position, 0) as position, coalesce(c.public_position, 0) as sent
from log_heads h left join relay_cursors c using (division)
where h.position > coalesce(c.position, 0) order by h.division

-- name: save
insert into relay_cursors as c (division, position, public_position) values ($1, $2, $3)
on conflict (division) do update set position = excluded.position, public_position = excluded.public_position
where c.position = $4
returning position

-- name: read_public
select * from facts where division = $1 and position > $2 and public order by position limit $3

-- name: lag
select coalesce(sum(h.position - coalesce(c.position, 0)), 0)::bigint
from log_heads h left join relay_cursors c using (division)

-- When the oldest fact was recorded that has not been looked at yet.
-- name: oldest
select min((select f.recorded_at from facts f
            where f.division = h.division and f.position = coalesce(c.position, 0) + 1))
from log_heads h left join relay_cursors c using (division)

-- What was last public at or before a position: the "previous" of a fact that is published again.
-- name: public_upto
select coalesce(max(position), 0) from facts where division = $1 and public and position <= $2
