-- The logs that the live read model of this name has not read to their ends, and where these are now.
-- name: unseen
select h.division, h.position
from log_heads h
left join projection_slots s on s.name = $1
left join projection_cursors c on c.name = s.name and c.slot = s.slot and c.division = h.division
where h.position > coalesce(c.position, 0)
